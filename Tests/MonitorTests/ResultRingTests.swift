import Model
import Monitor
import Testing

private func random(_ random: inout SeededRandom) -> ProbeResult {
  var result = ProbeResult.sample(at: .random(in: 0..<1_000_000, using: &random))
  result.duration = .microseconds(Int64.random(in: 0...60_000_000, using: &random))
  result.outcome = Outcome.allCases.randomElement(using: &random) ?? .up
  result.stage = Bool.random(using: &random) ? nil : Stage.allCases.randomElement(using: &random)
  result.reason = Reason.allCases.randomElement(using: &random) ?? .ok
  result.attempts = .random(in: 1...255, using: &random)
  result.family = [nil, .ipv4, .ipv6].randomElement(using: &random) ?? nil
  if Bool.random(using: &random) {
    result.reply = ReplyFacts(code: .random(in: 200...599, using: &random), enhanced: nil, text: "")
  }
  for phase in Phase.allCases where Bool.random(using: &random) {
    result.phases[phase] = .microseconds(Int64.random(in: 0...4_000_000_000, using: &random))
  }
  return result
}

@Test(arguments: [1, 2, 63, 64, 65, 100, 512]) func `The ring keeps the last results exactly`(capacity: Int) {
  var numbers = SeededRandom(state: UInt64(capacity))
  var ring = ResultRing(capacity: capacity)
  var expected: [ResultRecord] = []
  for sequence in 1...UInt64(2 * capacity + 37) {
    let result = random(&numbers)
    ring.append(result)
    expected.append(ResultRecord(sequence: sequence, result: result))
    if expected.count > capacity { expected.removeFirst() }
    #expect(ring.count == expected.count)
    #expect(ring.oldestStart == expected.first?.startedAt)
    #expect(ring.page(limit: 1, before: nil).items == [ResultRecord(sequence: sequence, result: result)])
  }
  #expect(ring.page(limit: .max, before: nil).items == expected.reversed())
}

@Test func `Pages follow each other without gap or overlap`() {
  var ring = ResultRing(capacity: 100)
  for second in 0..<250 { ring.append(.sample(at: second)) }
  var sequences: [UInt64] = []
  var before: UInt64?
  repeat {
    let page = ring.page(limit: 30, before: before)
    sequences += page.items.map(\.sequence)
    before = page.nextBefore
  } while before != nil
  #expect(sequences == (151...250).reversed())
}

@Test func `An odd page is empty or cut, never wrong`() {
  var ring = ResultRing(capacity: 10)
  #expect(ring.page(limit: 5, before: nil).items.isEmpty)
  #expect(ring.oldestStart == nil)
  for second in 0..<30 { ring.append(.sample(at: second)) }
  #expect(ring.page(limit: 0, before: nil).items.isEmpty)
  #expect(ring.page(limit: 5, before: 3).items.isEmpty)
  #expect(ring.page(limit: 5, before: 0).nextBefore == nil)
  #expect(ring.page(limit: 100, before: 900).items.count == 10)
  #expect(ring.page(limit: 3, before: 22).items.map(\.sequence) == [21])
}

@Test func `A record fits into 96 bytes, and one of another version is not believed`() {
  #expect(ResultRecord.Layout.words * 8 <= 96)
  let record = ResultRecord(sequence: 7, result: .sample(.down, stage: .auth, reason: .authRejected))
  var words = (0..<ResultRecord.Layout.words).map { record.words[$0] }
  #expect(ResultRecord(words: words[...]) == record)
  #expect(ResultRecord(words: words.dropLast()) == nil)
  words[3] ^= 1 << 56
  #expect(ResultRecord(words: words[...]) == nil)
}

@Test func `Numbers that are too large for a record are capped`() {
  let record = ResultRecord(
    sequence: 1,
    result: .sample {
      $0.duration = .seconds(1_000_000)
      $0.attempts = 1000
    })
  let stored = ResultRecord(words: (0..<ResultRecord.Layout.words).map { record.words[$0] }[...])
  #expect(stored?.duration == .microseconds(UInt32.max))
  #expect(stored?.attempts == 255)
}
