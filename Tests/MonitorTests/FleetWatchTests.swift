import Base
import Model
import Monitor
import Testing

/// A fleet of servers, each with a host and an address of its own unless told otherwise.
private struct Fleet {
  var watch = FleetWatch()
  let targets: [Target]

  init(_ ports: [Int], host: (Int) -> String = { "mx\($0).zone\($0).example" }) {
    targets = ports.enumerated().map { index, port in
      var target = Target.sample("t\(index)", host: host(index))
      target.port = port
      return target
    }
    watch.replace(targets: targets)
  }

  /// What a target's failure at a moment comes to.
  mutating func fail(
    _ index: Int, at seconds: Int, _ stage: Stage = .connect, _ reason: Reason = .connectTimeout,
    address: String? = nil, certificate: String? = nil
  ) -> FleetEpisode? {
    let result = ProbeResult.sample(
      reason.outcome, at: seconds, stage: stage, reason: reason, target: targets[index]
    ) {
      $0.address = address ?? "192.0.2.\(index)"
      $0.tls = certificate.map(session)
    }
    return judge(result, index, seconds)
  }

  @discardableResult mutating func succeed(_ index: Int, at seconds: Int) -> FleetEpisode? {
    judge(.sample(at: seconds, target: targets[index]), index, seconds)
  }

  private mutating func judge(_ result: ProbeResult, _ index: Int, _ seconds: Int) -> FleetEpisode? {
    watch.judge(result, of: index, at: .seconds(seconds), time: World.epoch + .seconds(seconds))
  }
}

private func session(_ fingerprint: String) -> TLSFacts {
  TLSFacts(
    version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", verified: false, faults: [],
    certificate: CertificateFacts(
      subject: "", issuer: "", issuerCommonName: "", names: [], fingerprintSHA256: fingerprint, serial: "",
      notBefore: World.epoch, notAfter: World.epoch, chainNotAfter: World.epoch, chainLength: 1,
      isCommonNameOnly: false, isSelfIssued: false, namesIssuerLocation: false),
    clientCertificateRequested: false)
}

@Test func `Half of the targets failing alike is the fleet's matter, and what came before stays a failure`() {
  var fleet = Fleet([25, 25, 587, 587, 465, 465])
  #expect(fleet.fail(0, at: 0) == nil)
  #expect(fleet.fail(2, at: 5) == nil)
  let episode = fleet.fail(4, at: 10)
  #expect(episode?.failing == 3)
  #expect(episode?.watched == 6)
  #expect(episode?.port == nil)
  #expect(episode?.words.contains("3 of 6 targets fail alike since 2026-11-23 10:00:10 UTC") == true)
  #expect(episode?.words.contains("own network") == true)
  // Those that came first are covered from their next result on.
  #expect(fleet.fail(0, at: 11)?.failing == 3)
  #expect(fleet.fail(1, at: 12)?.failing == 4)
}

@Test func `A port that fails everywhere is enough, and the sentence names it`() {
  var fleet = Fleet([25, 25, 25, 25] + [Int](repeating: 587, count: 20))
  for index in 4..<24 { fleet.succeed(index, at: 0) }
  #expect(fleet.fail(0, at: 1) == nil)
  #expect(fleet.fail(1, at: 1) == nil)
  let episode = fleet.fail(2, at: 2)
  #expect(episode?.port == 25)
  #expect(episode?.words.contains("3 of 4 targets on port 25") == true)
  #expect(episode?.words.contains("filter on outgoing port 25") == true)
  #expect(fleet.fail(9, at: 3) == nil)
}

@Test func `Two targets are no fleet, and neither is less than half`() {
  var small = Fleet([25, 25])
  #expect(small.fail(0, at: 0) == nil && small.fail(1, at: 0) == nil)
  var large = Fleet([Int](repeating: 25, count: 10))
  for index in 0..<4 { #expect(large.fail(index, at: 0) == nil) }
  #expect(large.fail(4, at: 1) != nil)
}

@Test func `Targets of one server are that server's matter`() {
  var oneHost = Fleet([25, 587, 465]) { _ in "mail.example" }
  for index in 0..<3 { #expect(oneHost.fail(index, at: 0) == nil) }
  var oneAddress = Fleet([25, 25, 25])
  for index in 0..<3 { #expect(oneAddress.fail(index, at: 0, address: "192.0.2.7") == nil) }
}

@Test func `One certificate on many servers is that certificate's matter, many are the clock's`() {
  var shared = Fleet([25, 25, 25])
  for index in 0..<3 { #expect(shared.fail(index, at: 0, .tls, .certExpired, certificate: "aa") == nil) }
  var own = Fleet([25, 25, 25])
  for index in 0..<2 { #expect(own.fail(index, at: 0, .tls, .certExpired, certificate: "\(index)") == nil) }
  #expect(own.fail(2, at: 0, .tls, .certExpired, certificate: "2")?.words.contains("own clock") == true)
}

@Test func `One domain that is gone is that domain's matter, many are the resolver's`() {
  var shared = Fleet([25, 25, 25]) { "mx\($0).example.com" }
  for index in 0..<3 { #expect(shared.fail(index, at: 0, .dns, .dnsNotFound) == nil) }
  var own = Fleet([25, 25, 25])
  for index in 0..<2 { #expect(own.fail(index, at: 0, .dns, .dnsFailure) == nil) }
  #expect(own.fail(2, at: 0, .dns, .dnsFailure)?.words.contains("resolver") == true)
}

@Test(arguments: [
  (Stage.auth, Reason.authRejected), (.banner, .bannerRejected), (.banner, .serverBusy),
  (.ehlo, .replyTimeout), (.ehlo, .connClosed), (.tls, .certNameMismatch), (.mail, .senderRejected),
  (.internal, .localError),
])
func `What only a server can say is never the fleet's matter`(stage: Stage, reason: Reason) {
  var fleet = Fleet([25, 25, 25, 25])
  for index in 0..<4 { #expect(fleet.fail(index, at: 0, stage, reason, certificate: "\(index)") == nil) }
}

@Test(arguments: [
  (Stage.tls, Reason.replyTimeout), (.tls, .connClosed), (.banner, .bannerTimeout),
  (.connect, .connectRefused),
  (.tls, .certUntrusted), (.tls, .certNotYetValid), (.connect, .connectUnreachable), (.dns, .dnsNoAddress),
])
func `What the monitor's side can cause is`(stage: Stage, reason: Reason) {
  var fleet = Fleet([25, 25, 25, 25])
  let episodes = (0..<4).map { fleet.fail($0, at: 0, stage, reason, certificate: "\($0)") }
  #expect(episodes.map { $0 != nil } == [false, false, true, true])
}

@Test func `Unlike failures are not added up`() {
  var fleet = Fleet([25, 25, 25, 25])
  #expect(fleet.fail(0, at: 0, .connect, .connectTimeout) == nil)
  #expect(fleet.fail(1, at: 0, .connect, .connectRefused) == nil)
  #expect(fleet.fail(2, at: 0, .connect, .connectTimeout) == nil)
  #expect(fleet.fail(3, at: 0, .banner, .bannerTimeout) == nil)
}

@Test func `Failures that came one by one are failures, and old ones are never excused`() {
  var fleet = Fleet([25, 25, 25, 25])
  for index in 0..<4 { #expect(fleet.fail(index, at: 100 * index) == nil) }
  #expect(fleet.fail(0, at: 401) == nil)
  var mixed = Fleet([25, 25, 25, 25, 25])
  #expect(mixed.fail(0, at: 0) == nil)
  for index in 1..<5 { _ = mixed.fail(index, at: 300) }
  #expect(mixed.watch.episodes.map(\.failing) == [4])
  #expect(mixed.fail(0, at: 310) == nil)
  #expect(mixed.fail(1, at: 311) != nil)
}

@Test func `It ends when fewer than half still fail, and who still does is down`() {
  var fleet = Fleet([25, 25, 25, 25, 25, 25])
  for index in 0..<4 { _ = fleet.fail(index, at: index) }
  #expect(fleet.watch.episodes.map(\.failing) == [4])
  fleet.succeed(0, at: 60)
  #expect(fleet.watch.episodes.map(\.failing) == [3])
  fleet.succeed(1, at: 61)
  #expect(fleet.watch.episodes == [])
  #expect(fleet.fail(2, at: 70) == nil)
  #expect(fleet.fail(3, at: 71) == nil)
}

@Test func `It ends when its targets leave the configuration`() {
  var fleet = Fleet([25, 25, 25, 25])
  for index in 0..<3 { _ = fleet.fail(index, at: 0) }
  #expect(fleet.watch.episodes.count == 1)
  fleet.watch.replace(targets: Array(fleet.targets[2...]))
  #expect(fleet.watch.episodes == [])
}

@Test func `A failure of another kind leaves the episode`() {
  var fleet = Fleet([25, 25, 25])
  for index in 0..<3 { _ = fleet.fail(index, at: 0) }
  #expect(fleet.fail(1, at: 10, .auth, .authRejected) == nil)
  #expect(fleet.watch.episodes == [])
}

@Test func `A probe that could not tell changes nothing`() {
  var fleet = Fleet([25, 25, 25])
  for index in 0..<3 { _ = fleet.fail(index, at: 0) }
  #expect(fleet.fail(1, at: 10, .internal, .localError) == nil)
  #expect(fleet.watch.episodes.count == 1)
}

// MARK: In the schedule

@Test func `Excused results are inconclusive, keep their label, and count as no failure`() throws {
  let world = World { target, _ in
    .failure(.connect, .connectTimeout, message: "No answer from \(target.host).")
  }
  world.run((0..<6).map { .sample("t\($0)") { $0.retries = 0 } })
  world.advance(by: .seconds(30))
  let snapshot = world.board.snapshot()
  #expect(snapshot.targets.allSatisfy { $0.last?.outcome == .inconclusive })
  #expect(snapshot.targets.allSatisfy { $0.last?.reason == .connectTimeout && $0.last?.stage == .connect })
  // Two came before the third made it half.
  #expect(snapshot.targets.reduce(0) { $0 + $1.counters.failures } == 2)
  let last = try #require(snapshot.targets[0].last)
  #expect(last.evidence.contains(Evidence(.hint, "fleet_wide")))
  #expect(last.message.contains("No answer from t0.example."))
  #expect(snapshot.monitor.suspicions.count == 1)
  #expect(snapshot.monitor.suspicions.first?.words.contains("6 of 6 targets on port 587") == true)
}

@Test func `The suspicion goes with its cause, and is told once at its beginning and once at its end`() {
  let healthy = Locked(false)
  let told = Locked<[Int]>([])
  let world = World(
    script: { _, _ in healthy.withLock { $0 } ? .init() : .failure(.connect, .connectRefused) },
    onSuspicion: { suspicions in told.withLock { $0.append(suspicions.count) } })
  world.run((0..<6).map { .sample("t\($0)") })
  world.advance(by: .seconds(60))
  healthy.withLock { $0 = true }
  world.advance(by: .seconds(30))
  #expect(world.board.snapshot().monitor.suspicions == [])
  #expect(world.board.snapshot().targets.allSatisfy { $0.last?.outcome == .up })
  #expect(told.withLock { $0 } == [1, 0])
}
