import Base
import DNS
import Diagnosis
import Loop
import Model
import ScriptedSMTP
import TLS
import Testing

@testable import Probe

private let greeting = #"S"220 mail.example.test ESMTP""#

/// When checks are made at all, how often, and when they end.
@Suite(.timeLimit(.minutes(20))) struct FollowUpPolicyTests {
  @Test(arguments: [DiagnosisLevel.off, .passive])
  func `without leave to look closer nobody looks`(level: DiagnosisLevel) throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("F", loop: loop)
      let found = try await bench.diagnose(
        server, curious(.none) { $0.diagnosis = level }, connections: 1, on: loop)
      #expect(found.reason == .connClosed)
      #expect(bench.checks == [])
      #expect(bench.prober.followUpCounts.diagnoses == 0)
    }
  }

  @Test(arguments: [
    (#"S"554 5.7.1 go away" OK"#, Reason.bannerRejected),
    (#"S"554 5.7.1 blocked using zen.spamhaus.org" OK"#, .blocklisted),
    (#"S"421 4.7.0 too many connections" F"#, .rateLimited),
    (#"S"421 4.3.2 shutting down" F"#, .serverBusy),
    (#"\#(Opening.secured) R(AUTH) S"535 5.7.8 Authentication failed" OK"#, .authRejected),
    (
      #"\#(Opening.secured) R(AUTH) S"534 5.7.9 Application-specific password required" OK"#,
      .authAppPassword
    ),
  ])
  func `V66: a refusal that more visits could make worse is not followed`(
    script: String, reason: Reason
  ) throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(script, loop: loop)
      let found = try await bench.diagnose(target(server.address, curious(.starttls)), on: loop)
      #expect(found.reason == reason, "\(found.story)")
      await server.hasHeard(1, on: loop)
      #expect(server.heard.count == 1)
      #expect(bench.checks == [])
    }
  }

  @Test func `a probe of another sort leaves alone what was proved of a target of that name`() throws {
    try onLoop { loop in
      let bench = Bench()
      let works = "T(good) \(greeting) OK"
      let server = try running("F", works, works, #"S"554 5.7.1 go away" OK"#, "F", loop: loop)
      let watched = target(server.address, curious(.none))
      #expect(try await bench.diagnose(watched, on: loop).reason == .portExpectsTls)
      let asked = try ProbePlan(
        target: target(server.address, curious(.implicit)), isSomebodyElses: true,
        hostName: "unused.example.net", materials: World.materials())
      let answer = await bench.prober.probe(asked, on: loop).result
      #expect(answer.success, "\(answer.story)")
      // Nor does one that asks for no checks, whatever it sees.
      let unseen = target(server.address, curious(.none) { $0.diagnosis = .off })
      #expect(try await bench.diagnose(unseen, on: loop).reason == .bannerRejected)
      #expect(try await bench.diagnose(watched, on: loop).reason == .portExpectsTls)
      #expect(bench.prober.followUpCounts.diagnoses == 1)
    }
  }

  @Test func `an equal fault keeps its name in twenty runs, and is looked at once`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("F", "T(good) \(greeting) OK", "F", loop: loop)
      for _ in 0..<20 {
        let found = try await bench.diagnose(target(server.address, curious(.none)), on: loop)
        #expect((found.stage, found.reason) == (.banner, .portExpectsTls), "\(found.story)")
        #expect(found.suggestion == Suggestion(port: Int(server.address.port), tlsMode: .implicit))
      }
      await server.hasHeard(21, on: loop)
      expectPolite(server, connections: 21)
      #expect(bench.checks == ["client_hello_first"])
      let counts = bench.prober.followUpCounts
      #expect(counts.diagnoses == 1)
      #expect(counts.checks.filter { $0.count > 0 }.map(\.check) == ["client_hello_first"])
      #expect(counts.checks.count == FollowUpCheck.Kind.allCases.count)
    }
  }

  @Test func `a success voids what was proved`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(
        "F", "T(good) \(greeting) OK", "\(greeting) R(EHLO) E-STARTTLS OK", "F", loop: loop)
      let target = target(
        server.address,
        curious(.none) {
          $0.auth = nil
          $0.envelope = nil
        })
      #expect(try await bench.diagnose(target, on: loop).reason == .portExpectsTls)
      #expect(try await bench.diagnose(target, on: loop).reason == .ok)
      #expect(try await bench.diagnose(target, on: loop).reason == .connClosed)
    }
  }

  @Test func `a server that closes on a monitor that it let in before may have banned it`() throws {
    try onLoop { loop in
      let server = try running("\(greeting) OK", "F", loop: loop)
      let plan = try ProbePlan(
        target: target(server.address, settings(.none)), hostName: "unused.example.net",
        materials: World.materials())
      let prober = Prober(resolver: Resolver())
      #expect(await prober.probe(plan, on: loop).result.reason == .ok)
      let found = await prober.probe(plan, on: loop).result
      #expect(found.reason == .connClosed && found.hints(.maybeBanned), "\(found.story)")
      #expect(found.remedy.contains("bans the monitor's address"))
    }
  }

  @Test func `a cause that was proved keeps its name while the checks are made again`() throws {
    try onLoop { loop in
      let bench = Bench { $0.window = .zero }
      let tls = "T(good) \(greeting) OK"
      let server = try running("F", tls, "F", tls, loop: loop)
      let target = target(server.address, curious(.none))
      #expect(try await bench.diagnose(target, on: loop).reason == .portExpectsTls)
      let again = try await bench.probe(target, on: loop)
      #expect(again.isFollowed && again.result.reason == .portExpectsTls, "\(again.result.story)")
      if let lead = again.lead {
        #expect(await bench.prober.followUps.run(lead, on: loop).value.reason == .portExpectsTls)
      }
      #expect(bench.checks.count == 2)
    }
  }

  @Test func `what was proved of a target does not hold once it is another one`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("F", "T(good) \(greeting) OK", "F", loop: loop)
      let target = target(server.address, curious(.none))
      #expect(try await bench.diagnose(target, on: loop).reason == .portExpectsTls)
      bench.prober.keep(only: ["t", "another"])
      #expect(try await bench.diagnose(target, on: loop).reason == .portExpectsTls)
      bench.prober.keep(only: ["another"])
      #expect(try await bench.diagnose(target, on: loop).reason == .connClosed)
      #expect(bench.checks.count == 2)
    }
  }

  @Test func `checks of a target that leaves the configuration end, and prove nothing`() throws {
    try onLoop { loop in
      let here = ownAddress(0x501, port: 588)
      let sibling = try running("\(greeting) OK", on: here.with(port: 587), loop: loop)
      let owner = Locked<Prober?>(nil)
      let prober = Prober(resolver: Resolver(), limits: Bench.limits) { _ in
        owner.withLock { $0 }?.keep(only: [])
      }
      owner.withLock { $0 = prober }
      let plan = try ProbePlan(
        target: target(here, curious(.starttls)), hostName: "unused.example.net", materials: World.materials()
      )
      let found = await prober.diagnose(plan, on: loop).value
      #expect((found.stage, found.reason) == (.connect, .connectRefused))
      #expect(!found.evidence.contains { $0.kind == .check })
      #expect(prober.followUpCounts.checks.map(\.count).reduce(0, +) == 1)
      #expect(sibling.heard == [])
    }
  }

  @Test func `a fault that the next attempt may mend is not looked at before the last one`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("F", "F", "T(good) \(greeting) OK", "F", loop: loop)
      let target = target(server.address, curious(.none))
      let first = try await bench.probe(target, isFinal: false, on: loop)
      #expect(first.result.reason == .connClosed)
      let firstIsFollowed = first.isFollowed
      #expect(!firstIsFollowed)
      #expect(try await bench.diagnose(target, on: loop).reason == .portExpectsTls)
      let known = try await bench.probe(target, isFinal: false, on: loop)
      #expect(known.result.reason == .portExpectsTls, "a name that is known holds for every attempt")
      let knownIsFollowed = known.isFollowed
      #expect(!knownIsFollowed)
    }
  }

  @Test func `a fault that no attempt mends is looked at after the first`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("\(greeting) R(EHLO) E-STARTTLS OK", on: ownAddress(0x502), loop: loop)
      let probed = try await bench.probe(target(server.address, curious(.starttls)), isFinal: false, on: loop)
      #expect(probed.result.reason == .starttlsNotOffered)
      let probedIsFollowed = probed.isFollowed
      #expect(probedIsFollowed)
    }
  }

  @Test func `what time cut short proves nothing`() throws {
    try onLoop { loop in
      let bench = Bench {
        $0.time = .seconds(1)
        $0.visit = .seconds(60)
      }
      let here = ownAddress(0x503, port: 588)
      let server = try running("H", on: here, loop: loop)
      let sibling = try running("T(good) \(greeting) OK", on: here.with(port: 465), loop: loop)
      let found = try await bench.diagnose(server, curious(.none), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.banner, .bannerTimeout), "\(found.story)")
      #expect(!found.evidence.contains { $0.kind == .check }, "\(found.story)")
      #expect(bench.checks == ["client_hello_same_connection"])
      #expect(sibling.heard == [])
    }
  }

  @Test func `a lead that is dropped gives its place back`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("F", loop: loop)
      for name in ["a", "b", "c", "d"] {
        var target = target(server.address, curious(.none))
        target.name = name
        let probed = try await bench.probe(target, on: loop)
        let probedIsFollowed = probed.isFollowed
        #expect(probedIsFollowed, "no place for \(name)")
      }
    }
  }

  @Test func `no more than two failures are looked at at once`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("F", loop: loop)
      var target = target(server.address, curious(.none))
      let first = try await bench.probe(target, on: loop)
      target.name = "b"
      let second = try await bench.probe(target, on: loop)
      target.name = "c"
      let third = try await bench.probe(target, on: loop)
      let followed = [first.isFollowed, second.isFollowed, third.isFollowed]
      #expect(followed == [true, true, false])
    }
  }

  @Test func `the end of the loop ends the checks: no verdict, and the place is free`() throws {
    let noted = Locked<[FollowUpNote]>([])
    let runner = FollowUpRunner(judge: CertificateJudge(), resolver: Resolver(), limits: Bench.limits) {
      note in
      noted.withLock { $0.append(note) }
    }
    let outcome = Locked<ProbeResult?>(nil)
    let loop = try EventLoop()
    Task(executorPreference: loop.executor) {
      let lead = try Lead(closedBy: .loopback(port: 9), followedBy: runner)
      // While it waits between two connections.
      Task(executorPreference: loop.executor) { loop.stop() }
      let result = await runner.run(lead, on: loop)
      outcome.withLock { $0 = result.value }
    }
    loop.run()
    let result = try #require(outcome.withLock { $0 })
    #expect(!result.evidence.contains { $0.kind == .check })
    #expect(noted.withLock { $0.isEmpty })
    for name in ["b", "c"] { _ = try Lead(closedBy: .loopback(port: 9), name: name, followedBy: runner) }
  }

  @Test func `the secrets of a target are in no note`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(
        "F", #"T(good) S"220 \#(World.password) \#(Planted.plainResponse)" OK"#, loop: loop)
      let found = try await bench.diagnose(target(server.address, curious(.none)), on: loop)
      let shown = bench.findings.joined() + found.story
      #expect(!bench.findings.isEmpty)
      for secret in Planted.forms { #expect(!shown.contains(secret), "\(shown)") }
    }
  }
}

extension Probed {
  /// A closer look is due.
  fileprivate var isFollowed: Bool { lead != nil }
}

extension Lead {
  /// A lead after a connection that closed without a greeting; it fails where no place is free.
  fileprivate convenience init(
    closedBy address: SocketAddress, name: String = "t", followedBy runner: FollowUpRunner
  ) throws {
    var target = ProbeTests.target(address, curious(.none))
    target.name = name
    let plan = try ProbePlan(target: target, hostName: "unused.example.net", materials: World.materials())
    let observation = Observation(
      fault: .closed(reset: false), stage: .banner, target: target, now: World.now)
    let symptom = verdict(for: observation)
    guard
      case .follow(let checks, let place, nil) = runner.decide(
        symptom, observation, of: observation.target.name)
    else { throw NoPlace() }
    self.init(
      plan: plan, checks: checks, symptom: symptom, observation: observation, address: address,
      otherAddresses: [], place: place)
  }
}

private struct NoPlace: Error {}
