import Model
import Testing

let allVectors =
  greetingVectors + starttlsVectors + handshakeVectors + certificateVectors + loginVectors
  + transactionVectors + expectationVectors

/// Every vector, played end to end: a scripted server, a real socket, a verdict.
@Suite(.timeLimit(.minutes(20))) struct VectorTests {
  /// Played together, so that the ones that wait do so at the same time.
  private static let plays = Result {
    try onLoop(allVectors, atOnce: 16) { vector, loop in
      try await probe(vector.script, vector.settings, on: loop)
    }
  }

  @Test(arguments: allVectors.indices)
  func `a vector gets its name and leaves as it should`(index: Int) throws {
    let vector = allVectors[index]
    let seen = try Self.plays.get()[index].get()
    expect(seen, of: vector)
  }

  @Test func `vectors have names of their own`() {
    #expect(Set(allVectors.map(\.id)).count == allVectors.count)
  }
}

private func expect(_ seen: Seen, of vector: Vector) {
  let result = seen.result
  let story: Comment = "\(vector.id): \(result.message) \(result.evidence) \(seen.heard)"
  #expect(result.stage == vector.stage, story)
  #expect(result.reason == vector.reason, story)
  #expect(result.outcome == vector.reason.outcome, story)
  #expect(result.retryable == vector.isRetryable, story)
  expectTheUsual(of: seen, story)
  #expect(seen.commands.contains("QUIT") == vector.quits, story)
  for claim in vector.claims { expect(claim, of: seen, story) }
}

/// What holds of every probe.
private func expectTheUsual(of seen: Seen, _ story: Comment) {
  let result = seen.result
  #expect(seen.heard.count == 1, "one connection only. \(story)")
  #expect(result.duration < .seconds(60), "nothing else is waited for. \(story)")
  for secret in Planted.forms { #expect(!seen.shown.contains(secret), "shows \(secret). \(story)") }
  #expect(result.reply?.code == seen.lastCode, story)
  if result.outcome != .up {
    #expect(!result.message.isEmpty && !result.remedy.isEmpty, story)
    #expect(!result.evidence.isEmpty, story)
  }
  if !result.success, result.reply != nil {
    #expect(result.evidence.contains { $0.kind == .reply }, "the last reply is evidence. \(story)")
  }
  if result.tlsMode != .implicit { #expect(seen.early == [""], "nothing is said first. \(story)") }
  expectPlausible(result, story)
}

/// The phases that were reached, and no others.
private func expectPlausible(_ result: ProbeResult, _ story: Comment) {
  let phases = result.phases.reached.map(\.phase)
  #expect(result.phases[.dns] == nil, "a literal address is not looked up. \(story)")
  #expect(phases.first == .connect, story)
  #expect(result.phases[.starttls] == nil || result.phases[.ehlo] != nil, story)
  #expect(result.phases[.ehloTls] == nil || result.phases[.starttls] != nil, story)
  #expect((result.tls != nil) == (result.phases[.tls] != nil) || !result.success, story)
  if [.bannerTimeout, .replyTimeout, .connClosed, .commandRejected].contains(result.reason),
    let stage = result.stage.flatMap(Phase.init)
  {
    #expect(phases.contains(stage), story)
  }
  let total = result.phases.reached.reduce(Duration.zero) { $0 + $1.time }
  #expect(total <= result.duration, "\(total) in \(result.duration). \(story)")
}

private func expect(_ claim: Vector.Claim, of seen: Seen, _ story: Comment) {
  let result = seen.result
  switch claim {
  case .says(let words): #expect(seen.words.contains(words), story)
  case .hints(let hint): #expect(result.evidence.contains { $0 == Evidence(.hint, hint.rawValue) }, story)
  case .warns(let warning): #expect(result.warnings.contains(warning), story)
  case .hears(let bytes): #expect(seen.dialogue.contains(bytes), story)
  case .neverHears(let bytes): #expect(!seen.dialogue.contains(bytes), story)
  case .hearsNothing: #expect(seen.dialogue.isEmpty, story)
  case .replied(let code): #expect(result.reply?.code == code, story)
  case .hasTLS: #expect(result.tls?.certificate != nil && result.tls?.version.isEmpty == false, story)
  case .offers(let capabilities): #expect(result.smtp?.capabilities == capabilities, story)
  case .showsBytes(let limit):
    let bytes = result.evidence.filter { $0.kind == .bytes }
    #expect(!bytes.isEmpty && bytes.allSatisfy { $0.text.count <= limit }, story)
  }
}

extension Phase {
  /// The phase in which a probe that failed at a stage stood.
  fileprivate init?(_ stage: Stage) {
    guard let phase = Phase.allCases.first(where: { $0.slug == stage.slug }) else { return nil }
    self = phase
  }
}
