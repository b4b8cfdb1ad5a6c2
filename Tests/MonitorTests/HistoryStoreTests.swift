import Model
import Testing

@testable import Monitor

private let day = 86_400

@Test(arguments: [1, 5, 16, 17, 60, 400])
func `All that was shown is shown again after a restart`(results: Int) throws {
  let folder = try HistoryFolder()
  let targets = [Target.sample("a"), .sample("b"), .sample("ü · 3")]
  var board = try folder.board(targets)
  for (seed, target) in targets.enumerated() { board.play(target, 0..<results, seed: UInt64(seed)) }
  for _ in 0..<2 {
    let before = targets.map { board.shown($0.name) }
    board = Board()
    board = try folder.board(targets)
    #expect(targets.map { board.shown($0.name) } == before)
    let health = try #require(board.snapshot().monitor.history)
    #expect(health.dropped == 0 && health.failedWrites == 0 && health.trouble == nil)
  }
}

@Test func `What comes after a restart goes on where it was`() throws {
  let folder = try HistoryFolder()
  let target = Target.sample()
  let whole = Board(limits: HistoryLimits(results: 16), wallClock: { World.epoch })
  whole.replace(targets: [target])
  for start in stride(from: 0, to: 150, by: 10) {
    let board = try folder.board([target])
    board.play(target, start..<start + 10)
    whole.play(target, start..<start + 10)
    #expect(board.shown("a") == whole.shown("a"))
  }
}

@Test func `A result of which only the first part was written is counted once after a restart`() throws {
  let folder = try HistoryFolder()
  let target = Target.sample()
  var random = SeededRandom(state: 7)
  let results = (0..<40).map { ProbeResult.full(of: target, at: $0, &random) }
  let whole = Board(limits: HistoryLimits(results: 16), wallClock: { World.epoch })
  whole.replace(targets: [target])
  for result in results {
    whole.record(result, nextRunAt: nil)
    let store = try HistoryStore(directory: folder.path, limits: HistoryLimits(results: 16), now: World.epoch)
    let state = try #require(store.checkOut(target, limits: HistoryLimits(results: 16), at: World.epoch))
    // Then the process was killed.
    var book = try #require(state.book)
    book.write(result, sequence: state.ring.nextSequence)
  }
  let board = try folder.board([target])
  #expect(board.shown("a") == whole.shown("a"))
}

@Test func `A closer look at the last result outlives a restart`() throws {
  let folder = try HistoryFolder()
  var board = try folder.board([.sample()])
  board.record(.sample(.down, at: 1, stage: .connect, reason: .connectTimeout), nextRunAt: nil)
  board.amend(
    .sample(.down, at: 1, stage: .connect, reason: .egressBlocked) {
      $0.message = "Outgoing mail is blocked."
    })
  let before = board.shown("a")
  board = Board()
  board = try folder.board([.sample()])
  #expect(board.shown("a") == before)
  #expect(board.shown("a")?.last?.message == "Outgoing mail is blocked.")
  #expect(board.shown("a")?.records.map(\.reason) == [.egressBlocked])
}

@Test func `Numbers that were lost are made of the records`() throws {
  let folder = try HistoryFolder()
  let target = Target.sample()
  var board = try folder.board([target])
  for second in 0..<10 {
    board.record(
      .sample(second < 7 ? .up : .down, at: second, stage: .connect, reason: .connectRefused), nextRunAt: nil)
  }
  let before = try #require(board.shown("a"))
  board = Board()
  // The note of the numbers is the last one that was written.
  let notes = try folder.bytes("notes")
  var (newest, place) = (UInt64(0), 0)
  for block in stride(from: 4096, to: notes.count, by: 256) where notes[block] == NoteKind.standing.rawValue {
    let stamp = notes[block + 24..<block + 32].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if stamp > newest { (newest, place) = (stamp, block) }
  }
  var gone = notes
  for block in stride(from: 4096, to: notes.count, by: 256) where notes[block] == NoteKind.standing.rawValue {
    gone[block] = 0
  }
  #expect(place > 0)
  try folder.write(gone, to: "notes")
  board = try folder.board([target])
  let after = try #require(board.shown("a"))
  #expect(after.records == before.records)
  #expect(after.counters.runs == 10 && after.counters.failures == 3)
  #expect(after.since == before.since && after.consecutiveFailures == 3)
  #expect(after.last == before.last && after.events == before.events)
}

@Test func `Targets keep their past over reorders and over everything that is not their name`() throws {
  let folder = try HistoryFolder()
  let targets = (0..<20).map { Target.sample("t\($0)") }
  var board = try folder.board(targets)
  for target in targets { board.play(target, 0..<5, seed: StableHash.of(target.name)) }
  let before = targets.map { board.shown($0.name) }
  board = Board()
  let changed = targets.reversed().map { target in
    var changed = target
    changed.module = "other"
    changed.interval = .seconds(99)
    changed.group = "g"
    return changed
  }
  board = try folder.board(changed)
  #expect(targets.map { board.shown($0.name) } == before)
  board.replace(targets: targets)
  #expect(targets.map { board.shown($0.name) } == before)
}

@Test func `A target that comes back within 30 days finds its past, later it begins anew`() throws {
  let folder = try HistoryFolder()
  let (stays, goes) = (Target.sample("stays"), Target.sample("goes"))
  var board = try folder.board([stays, goes])
  board.play(goes, 0..<5)
  let before = board.shown("goes")
  board.replace(targets: [stays])
  #expect(board.shown("goes") == nil)
  board.replace(targets: [stays, goes])
  #expect(board.shown("goes") == before)
  // It goes at a reload, and is missed over restarts.
  board.replace(targets: [stays])
  for seconds in [3600, 10 * day, 30 * day - 1] {
    board = Board()
    board = try folder.board([stays], at: seconds)
  }
  board = Board()
  board = try folder.board([stays, goes], at: 30 * day - 1)
  #expect(board.shown("goes")?.counters == before?.counters)
  #expect(board.shown("goes")?.records == before?.records)
  board = Board()
  board = try folder.board([stays], at: 31 * day)
  board = Board()
  board = try folder.board([stays, goes], at: 61 * day)
  #expect(board.shown("goes")?.counters.runs == 0)
  #expect(board.shown("goes")?.records == [])
}

@Test func `The room of a target that is forgotten is another's, without its past`() throws {
  let folder = try HistoryFolder()
  var size = 0
  for round in 0..<6 {
    let targets = (0..<10).map { Target.sample("t\(round)-\($0)") }
    let board = try folder.board(targets, at: 31 * day * round)
    for target in targets {
      #expect(board.shown(target.name)?.records == [])
      board.play(target, 0..<20)
    }
    #expect(board.snapshot().monitor.history?.dropped == 0)
    if round == 1 { size = try folder.size("records") }
  }
  #expect(try folder.size("records") == size)
}

@Test(arguments: [1, 4, 15, 17, 64])
func `Another number of results keeps what fits`(capacity: Int) throws {
  let folder = try HistoryFolder()
  var board = try folder.board([.sample("a"), .sample("b")])
  board.play(.sample("b"), 0..<50)
  let before = try #require(board.shown("b"))
  for results in [capacity, 16] {
    board = Board()
    board = try folder.board([.sample("b")], limits: HistoryLimits(results: results))
    let after = try #require(board.shown("b"))
    #expect(after.records == Array(before.records.prefix(capacity)))
    #expect(after.counters == before.counters && after.last == before.last)
    #expect(board.snapshot().monitor.history?.dropped == 0)
  }
  board.play(.sample("b"), 50..<70)
  #expect(board.shown("b")?.records.count == 16)
}

@Test func `Fewer transcripts than before are the latest`() throws {
  let folder = try HistoryFolder()
  var board = try folder.board([.sample()], limits: HistoryLimits(results: 16, transcripts: 20))
  board.play(.sample(), 0..<60)
  let before = try #require(board.shown("a"))
  board = Board()
  board = try folder.board([.sample()], limits: HistoryLimits(results: 16, transcripts: 4))
  let after = try #require(board.shown("a")?.transcripts)
  #expect(after.count == 4)
  #expect(after.allSatisfy(before.transcripts.contains))
}

@Test func `30 days are kept hour by hour over restarts`() throws {
  let folder = try HistoryFolder()
  let target = Target.sample()
  let whole = Board(limits: HistoryLimits(results: 16), wallClock: { World.epoch + .seconds(40 * day) })
  whole.replace(targets: [target])
  for start in stride(from: 0, to: 40 * day, by: 10 * day) {
    let board = try folder.board([target], at: 40 * day)
    for second in stride(from: start, to: start + 10 * day, by: 1800) {
      let result = ProbeResult.sample(
        second % 7 == 0 ? .down : .up, at: second, stage: .connect, reason: .connectRefused)
      board.record(result, nextRunAt: nil)
      whole.record(result, nextRunAt: nil)
    }
    #expect(board.uptime(of: "a") == whole.uptime(of: "a"))
  }
}

@Test func `Hours to which a clock went ahead are the same over restarts`() throws {
  let folder = try HistoryFolder()
  let target = Target.sample()
  let whole = Board(limits: HistoryLimits(results: 16), wallClock: { World.epoch + .seconds(day) })
  whole.replace(targets: [target])
  // Five hours ahead for an hour, and a restart at each time that the clock is set.
  for (start, ahead) in [(0, 0), (7200, 5 * 3600), (10_800, 0), (22_000, 0)] {
    let board = try folder.board([target], limits: HistoryLimits(results: 16), at: day)
    for second in stride(from: start, to: start + 7200, by: 300) {
      let result = ProbeResult.sample(
        second % 7 == 0 ? .down : .up, at: second + ahead, stage: .connect, reason: .connectRefused)
      board.record(result, nextRunAt: nil)
      whole.record(result, nextRunAt: nil)
    }
    #expect(board.uptime(of: "a") == whole.uptime(of: "a"))
    #expect(board.uptime(of: "a").contains { $0.ratio != nil })
  }
}

@Test func `What a server offered before a restart is missed after it`() throws {
  let folder = try HistoryFolder()
  var board = try folder.board([.sample()])
  let before = ProbeResult.sample(at: 0) {
    $0.phases[.starttls] = .milliseconds(3)
    $0.tls = TLSFacts(
      version: "TLSv1.3", cipher: "", verified: true, faults: [], certificate: .sample("aa"),
      clientCertificateRequested: false)
    $0.smtp = SMTPFacts(
      banner: "", capabilities: ["SIZE 1", "DSN"], authMechanisms: [], authMechanism: nil, sizeLimit: 1)
  }
  board.record(before, nextRunAt: nil)
  board = Board()
  board = try folder.board([.sample()])
  var after = before
  after.startedAt = World.epoch + .seconds(60)
  after.tls?.certificate = .sample("bb")
  after.smtp = SMTPFacts(
    banner: "", capabilities: ["SIZE 1"], authMechanisms: [], authMechanism: nil, sizeLimit: 1)
  board.record(after, nextRunAt: nil)
  #expect(board.shown("a")?.events.map(\.kind) == [.capabilities, .certificate])
  #expect(board.shown("a")?.events.map(\.from) == ["DSN", "aa"])
}

@Test func `Of another server behind the same name the certificate is forgotten, the results are not`() throws
{
  let folder = try HistoryFolder()
  var board = try folder.board([.sample()])
  board.play(.sample(), 0..<3)
  #expect(board.shown("a")?.certificate != nil)
  board = Board()
  board = try folder.board([.sample(host: "elsewhere.example")])
  #expect(board.shown("a")?.certificate == nil)
  #expect(board.shown("a")?.records.count == 3)
}
