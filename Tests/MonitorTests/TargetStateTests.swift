import Base
import Model
import Monitor
import Testing

private func state(_ results: [ProbeResult], limits: HistoryLimits = HistoryLimits()) -> TargetState {
  var state = TargetState(target: .sample(), limits: limits)
  for result in results { state.record(result, nextRunAt: nil) }
  return state
}

private func down(_ seconds: Int, _ stage: Stage = .connect, _ reason: Reason = .connectTimeout)
  -> ProbeResult
{
  .sample(.down, at: seconds, stage: stage, reason: reason)
}

private func inconclusive(_ seconds: Int) -> ProbeResult {
  .sample(.inconclusive, at: seconds, stage: .internal, reason: .localError)
}

private func certificate(_ fingerprint: String) -> CertificateFacts {
  CertificateFacts(
    subject: "CN=a.example", issuer: "CN=ca", issuerCommonName: "ca", names: ["a.example"],
    fingerprintSHA256: fingerprint, serial: "01", notBefore: World.epoch, notAfter: World.epoch,
    chainNotAfter: World.epoch, chainLength: 1, isCommonNameOnly: false, isSelfIssued: false,
    namesIssuerLocation: false)
}

private func tls(_ fingerprint: String) -> TLSFacts {
  TLSFacts(
    version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", verified: true, faults: [],
    certificate: certificate(fingerprint), clientCertificateRequested: false)
}

private func smtp(_ capabilities: [String]) -> SMTPFacts {
  SMTPFacts(
    banner: "", capabilities: capabilities, authMechanisms: [], authMechanism: nil, sizeLimit: nil)
}

@Test func `Only down counts as failure, and inconclusive changes no streak`() {
  let folded = state([down(0), inconclusive(10), down(20), inconclusive(30)]).snapshot
  #expect(folded.consecutiveFailures == 2)
  #expect(folded.counters.runs == 4)
  #expect(folded.counters.failures == 2)
  #expect(folded.counters.inconclusive == 2)
  #expect(folded.counters.failureReasons == [FailureKind(stage: .connect, reason: .connectTimeout): 2])
  #expect(folded.counters.latency.count == 0)
  #expect(folded.last?.outcome == .inconclusive)
  #expect(folded.lastFailure?.startedAt == World.epoch + .seconds(20))
  #expect(folded.lastSuccessAt == nil)
}

@Test func `A success ends the streak and is timed`() {
  let folded = state([down(0), down(10), .sample(at: 20), .sample(.degraded, at: 30, reason: .slow)]).snapshot
  #expect(folded.consecutiveFailures == 0)
  #expect(folded.lastSuccessAt == World.epoch + .seconds(30))
  #expect(folded.lastFailure?.startedAt == World.epoch + .seconds(10))
  #expect(folded.counters.latency.count == 2)
  #expect(abs(folded.counters.latency.sum - 0.08) < 1e-9)
}

@Test func `The state lasts since its outcome began`() {
  #expect(state([.sample(at: 0), .sample(at: 10)]).snapshot.since == World.epoch)
  let changed = state([.sample(at: 0), down(10), down(20, .auth, .authRejected)]).snapshot
  #expect(changed.since == World.epoch + .seconds(10))
}

@Test func `A change of the outcome is an event, a change of the reason another`() {
  let events = state([
    .sample(at: 0), .sample(at: 10), down(20), down(30), down(50, .auth, .authRejected), .sample(at: 60),
  ]).events.page(limit: 10, before: nil).items
  #expect(events.map(\.kind) == [.state, .reason, .state])
  #expect(events.map(\.from) == ["down", "connect_timeout", "up"])
  #expect(events.map(\.to) == ["up", "auth_rejected", "down"])
  #expect(events.map(\.reason) == [.ok, .authRejected, .connectTimeout])
  #expect(events.map(\.duration) == [.seconds(40), .seconds(30), .seconds(20)])
  #expect(events.map(\.sequence) == [3, 2, 1])
}

@Test func `Nothing lasts less than no time, though the wall clock is set back`() {
  let events = state([.sample(at: 20_000), down(20_010), down(10, .auth, .authRejected), .sample(at: 0)])
    .events.page(limit: 10, before: nil).items
  #expect(events.map(\.duration) == [.zero, .zero, .seconds(10)])
}

@Test func `Another certificate is an event, and the last one stays known while handshakes fail`() {
  let folded = state([
    .sample(at: 0) { $0.tls = tls("aa") }, .sample(at: 10) { $0.tls = tls("aa") }, down(20),
    .sample(at: 30) { $0.tls = tls("bb") }, down(40),
  ])
  let changes = folded.events.page(limit: 10, before: nil).items.filter { $0.kind == .certificate }
  #expect(changes.map(\.from) == ["aa"])
  #expect(changes.map(\.to) == ["bb"])
  #expect(folded.snapshot.certificate?.fingerprintSHA256 == "bb")
}

@Test func `Lost and gained capabilities are an event, but not those of a failed probe`() {
  let folded = state([
    .sample(at: 0) { $0.smtp = smtp(["SIZE 10", "AUTH PLAIN", "8BITMIME"]) },
    .sample(at: 10) { $0.smtp = smtp(["8BITMIME", "SIZE 10", "AUTH PLAIN"]) },
    .sample(.down, at: 20, stage: .starttls, reason: .starttlsRefused) { $0.smtp = smtp(["STARTTLS"]) },
    .sample(at: 30) { $0.smtp = smtp(["SIZE 10", "8BITMIME", "CHUNKING"]) },
  ])
  let changes = folded.events.page(limit: 10, before: nil).items.filter { $0.kind == .capabilities }
  #expect(changes.map(\.from) == ["AUTH PLAIN"])
  #expect(changes.map(\.to) == ["CHUNKING"])
}

@Test func `A flood of certificates does not push out what happened to the state`() {
  var results = [
    ProbeResult.sample(at: 0) { $0.tls = tls("x") }, down(1), .sample(at: 2) { $0.tls = tls("x") },
  ]
  for second in 3..<400 { results.append(.sample(at: second) { $0.tls = tls("\(second % 2)") }) }
  let log = state(results).events
  let events = log.page(limit: 1000, before: nil).items
  #expect(events.count == EventLog.capacity)
  #expect(events.filter { $0.kind == .state }.count == 2)
  let first = log.page(limit: 60, before: nil)
  let second = log.page(limit: 60, before: first.nextBefore)
  #expect(first.items + second.items == events)
  #expect(second.nextBefore == nil)
}

@Test func `Another server under the same name has another certificate`() {
  var folded = state([.sample(at: 0) { $0.tls = tls("aa") }])
  folded.change(to: .sample(every: .seconds(99)), at: World.epoch)
  #expect(folded.snapshot.certificate != nil)
  folded.change(to: .sample(host: "elsewhere.example"), at: World.epoch)
  #expect(folded.snapshot.certificate == nil)
  #expect(folded.snapshot.counters.runs == 1)
}

@Test func `Of an outage the first and the latest failure are kept whole, beside the last success`() {
  let folded = state(
    (0..<5).map { .sample(at: $0) } + (5..<50).map { down($0) }
      + (50..<60).map { down($0, .auth, .authRejected) } + [.sample(at: 60)] + (61..<70).map { down($0) })
  let kept = folded.shelf.results.map { Int(($0.startedAt - World.epoch).components.seconds) }
  #expect(kept == [69, 61, 60, 59, 50, 49, 5])
}

@Test func `Not more results are kept whole than configured`() {
  let kinds: [(Stage, Reason)] = [(.connect, .connectTimeout), (.auth, .authRejected), (.tls, .certExpired)]
  let failures = (1..<50).map { down($0, kinds[$0 % 3].0, kinds[$0 % 3].1) }
  let shelf = state([.sample(at: 0)] + failures, limits: HistoryLimits(transcripts: 6)).shelf
  #expect(shelf.results.count == 6)
  #expect(shelf.results.last?.success == true)
  #expect(state([.sample(at: 0)] + failures, limits: HistoryLimits(transcripts: 1)).shelf.results.count == 1)
}
