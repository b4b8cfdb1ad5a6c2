import Base
import Model
import Monitor
import Testing

private func smtp(_ capabilities: [String]) -> SMTPFacts {
  SMTPFacts(banner: "", capabilities: capabilities, authMechanisms: [], authMechanism: nil, sizeLimit: nil)
}

private let session = TLSFacts(
  version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", verified: true, faults: [], certificate: nil,
  clientCertificateRequested: false)

private func secured(_ seconds: Int, _ capabilities: [String]) -> ProbeResult {
  .sample(at: seconds) {
    $0.phases[.starttls] = .milliseconds(3)
    $0.tls = session
    $0.smtp = smtp(capabilities)
  }
}

private func offers(_ results: [ProbeResult]) -> [[String?]] {
  var state = TargetState(target: .sample(), limits: HistoryLimits())
  for result in results { state.record(result, nextRunAt: nil) }
  return state.events.page(limit: 50, before: nil).items.filter { $0.kind == .capabilities }
    .map { [$0.from, $0.to] }
}

@Test func `STARTTLS that is gone is an event, and the result says since when`() throws {
  var state = TargetState(target: .sample(), limits: HistoryLimits())
  state.record(secured(0, ["AUTH PLAIN"]), nextRunAt: nil)
  state.record(secured(10, ["AUTH PLAIN"]), nextRunAt: nil)
  state.record(
    .sample(.down, at: 20, stage: .starttls, reason: .starttlsNotOffered) {
      $0.message = "No STARTTLS."
      $0.smtp = smtp(["PIPELINING"])
    }, nextRunAt: nil)
  let last = try #require(state.snapshot.last)
  #expect(last.message == "No STARTTLS. It was offered until 2026-11-23 10:00:10 UTC.")
  #expect(last.evidence.map(\.text) == ["lost STARTTLS: last offered at 2026-11-23 10:00:10 UTC"])
  state.record(secured(30, ["AUTH PLAIN"]), nextRunAt: nil)
  let events = state.events.page(limit: 50, before: nil).items.filter { $0.kind == .capabilities }
  #expect(events.map(\.from) == [nil, "STARTTLS"])
  #expect(events.map(\.to) == ["STARTTLS", nil])
}

@Test func `A server that never offered STARTTLS has lost nothing`() {
  let missing = ProbeResult.sample(.down, stage: .starttls, reason: .starttlsNotOffered) {
    $0.message = "No."
  }
  var state = TargetState(target: .sample(), limits: HistoryLimits())
  for _ in 0..<2 { state.record(missing, nextRunAt: nil) }
  #expect(state.snapshot.last?.message == "No.")
  #expect(state.events.page(limit: 9, before: nil).items.map(\.kind) == [.state])
}

@Test func `A lost mechanism is an event with before and after`() {
  #expect(
    offers([secured(0, ["SIZE 1", "AUTH PLAIN LOGIN"]), secured(10, ["SIZE 1", "AUTH LOGIN"])])
      == [["AUTH PLAIN LOGIN", "AUTH LOGIN"]])
}

@Test func `AUTH that is gone is an event though the probe fails for it`() {
  let failed = ProbeResult.sample(.down, at: 10, stage: .auth, reason: .authNotOffered) {
    $0.phases[.starttls] = .milliseconds(3)
    $0.tls = session
    $0.smtp = smtp(["SIZE 1"])
  }
  #expect(offers([secured(0, ["SIZE 1", "AUTH PLAIN"]), failed]) == [["AUTH PLAIN", nil]])
}

@Test func `Opportunistic TLS that falls back to clear text has lost STARTTLS, and nothing else is compared`()
{
  let target = Target.sample { $0.tls.mode = .opportunistic }
  let before = ProbeResult.sample(at: 0, target: target) {
    $0.phases[.starttls] = .milliseconds(3)
    $0.tls = session
    $0.smtp = smtp(["AUTH PLAIN"])
  }
  let after = ProbeResult.sample(at: 10, target: target) { $0.smtp = smtp(["PIPELINING"]) }
  #expect(offers([before, after, after, before]) == [[nil, "STARTTLS"], ["STARTTLS", nil]])
}

@Test func `Whoever asks hears of each event once, with the state after it`() throws {
  let heard = Locked<[String]>([])
  let board = Board(
    wallClock: { World.epoch },
    onEvent: { event, state in
      let words = "\(event.kind.rawValue) \(event.to ?? "-") \(state.last?.reason.slug ?? "-")"
      heard.withLock { $0.append("\(state.target.name): \(words)") }
    })
  board.replace(targets: [.sample()])
  let refused = ProbeResult.sample(.down, stage: .connect, reason: .connectRefused)
  for result in [refused, refused, .sample(at: 20), .sample(at: 30)] { board.record(result, nextRunAt: nil) }
  board.record(refused, nextRunAt: nil)
  var better = refused
  better.reason = .wrongPort
  board.amend(better)
  #expect(
    heard.withLock { $0 } == [
      "a: state down connect_refused", "a: state up ok", "a: state down connect_refused",
      "a: reason wrong_port wrong_port",
    ])
}

@Test func `What the monitor holds to be its own trouble does not become the target's by a closer look`() {
  var state = TargetState(target: .sample(), limits: HistoryLimits())
  let excused = ProbeResult.sample(.inconclusive, stage: .connect, reason: .connectTimeout)
  state.record(excused, nextRunAt: nil)
  state.amend(.sample(.down, stage: .connect, reason: .wrongPort))
  #expect(state.snapshot.last?.outcome == .inconclusive)
  #expect(state.snapshot.last?.reason == .connectTimeout)
  state.amend(.sample(.inconclusive, stage: .connect, reason: .egressBlocked))
  #expect(state.snapshot.last?.reason == .egressBlocked)
}

@Test func `another MTA-STS policy is an event, a missing one is none`() {
  func result(_ seconds: Int, id: String?) -> ProbeResult {
    .sample(at: seconds) {
      var policy = PolicyFacts()
      policy.mtaSTS = MTASTSFacts(domain: "a.test", status: id == nil ? .unknown : .valid)
      policy.mtaSTS?.id = id
      $0.policy = policy
    }
  }
  var state = TargetState(target: .sample(), limits: HistoryLimits())
  for (second, id) in [(0, "1"), (1, "1"), (2, nil), (3, "2"), (4, "2")] {
    state.record(result(second, id: id), nextRunAt: nil)
  }
  let events = state.events.page(limit: 50, before: nil).items.filter { $0.kind == .policy }
  #expect(events.map { [$0.from, $0.to] } == [["1", "2"]])
}

@Test func `A closer look that is over before its result is written down names that result, and no other`() {
  var state = TargetState(target: .sample(), limits: HistoryLimits())
  let better = ProbeResult.sample(.down, at: 10, stage: .connect, reason: .wrongPort)
  state.amend(better)
  #expect(state.snapshot.last == nil)
  let events = state.record(
    .sample(.down, at: 10, stage: .connect, reason: .connectRefused), nextRunAt: nil)
  #expect(state.snapshot.last?.reason == .wrongPort)
  #expect(state.ring.page(limit: 1, before: nil).items.first?.reason == .wrongPort)
  #expect(events.map(\.to) == ["down", "wrong_port"])
  #expect(state.snapshot.counters.failures == 1)
  state.record(.sample(.down, at: 20, stage: .connect, reason: .connectRefused), nextRunAt: nil)
  #expect(state.snapshot.last?.reason == .connectRefused)
}
