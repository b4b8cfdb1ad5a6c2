import Base
import DNS
import Loop
import Model
import ScriptedSMTP
import Testing

@testable import Probe

private let opening = #"S"220 m" R(EHLO) S"250-m" S"250 AUTH PLAIN""#
private let refusing = #"\#(opening) R(AUTH) W(0.1) S"535 5.7.8 no" R(QUIT) S"221 bye""#
private let accepting = #"\#(opening) R(AUTH) S"235 welcome" R(QUIT) S"221 bye""#

/// Many targets that share an account, probed at once.
@Suite(.timeLimit(.minutes(20))) struct LoginGateTests {
  private static func plans(_ count: Int, at server: ScriptedServer) throws -> [ProbePlan] {
    let settings = settings(.none, .auth) { $0.auth?.allowPlaintext = true }
    return try (0..<count).map {
      let target = Target(
        name: "t\($0)", host: server.address.text, port: Int(server.address.port), settings: settings)
      return try ProbePlan(target: target, hostName: "unused.example.net", materials: World.materials())
    }
  }

  /// What probes of as many targets at once come to, at a server that plays the scripts one connection after the other.
  private static func probeAtOnce(
    _ count: Int, _ scripts: [String]
  ) throws -> (results: [ProbeResult], logins: Int) {
    try onLoop { loop in
      let server = try ScriptedServer(scripts.map { try Script($0) }, identities: World.identities.get())
      Task(executorPreference: loop.executor) { await server.run(on: loop) }
      let plans = try plans(count, at: server)
      let prober = Prober(resolver: Resolver())
      let results = await withTaskGroup(of: ProbeResult.self) { group in
        for plan in plans {
          group.addTask(executorPreference: loop.executor) { await prober.probe(plan, on: loop).result }
        }
        var results: [ProbeResult] = []
        for await result in group { results.append(result) }
        return results
      }
      await server.hasHeard(count, on: loop)
      return (results, server.heard.count { String(decoding: $0, as: UTF8.self).contains("AUTH PLAIN") })
    }
  }

  @Test func `of fifty targets whose password no longer holds two are refused, and the others tell why`()
    throws
  {
    let (results, logins) = try Self.probeAtOnce(50, [refusing])
    #expect(logins == 2)
    #expect(results.count(where: \.hasRefusedCredentials) == 2)
    #expect(results.allSatisfy { $0.stage == .auth && $0.reason == .authRejected })
    let withheld = results.filter(\.isLoginWithheld)
    #expect(withheld.count == 48)
    for result in withheld {
      #expect(result.message.contains("was not tried here"))
      #expect(!result.hasRefusedCredentials && result.smtp?.authMechanism == nil)
      #expect(result.transcript.last { $0.from == .client }?.text == "QUIT", "the way out is polite")
    }
  }

  @Test func `fifty targets whose password holds all log in`() throws {
    let (results, logins) = try Self.probeAtOnce(50, [accepting])
    #expect(logins == 50)
    #expect(results.allSatisfy { $0.reason == .ok })
  }

  @Test func `one refusal among good logins keeps nobody out`() throws {
    let (results, logins) = try Self.probeAtOnce(20, [refusing, accepting])
    #expect(logins == 20)
    #expect(results.count { $0.reason == .ok } == 19)
  }

  @Test func `where the server leaves two logins unanswered no third is tried`() throws {
    let (result, heard) = try onLoop { loop in
      let server = try World.server(accepting, for: loop)
      let plan = try Self.plans(1, at: server)[0]
      let gate = LoginGate(proof: .password(Secret(World.password)))
      plan.loginGate.withLock { $0 = gate }
      for _ in 0..<2 { _ = await gate.enter(knowing: 0, until: .now(), on: loop) }
      let result = await Prober(resolver: Resolver()).probe(plan, timeLimit: .seconds(2), on: loop).result
      await server.hasHeard(1, on: loop)
      return (result, server.heard.map { String(decoding: $0, as: UTF8.self) })
    }
    #expect(result.outcome == .inconclusive, "it is this monitor that keeps the login back")
    #expect(result.stage == .auth && result.reason == .localError && result.isLoginWithheld)
    #expect(result.message.contains("has not answered those"))
    #expect(heard.count == 1 && !heard[0].contains("AUTH"))
  }

  @Test func `who is allowed to log in after the refusals does so, one at a time`() throws {
    try onLoop { loop in
      let gate = LoginGate(proof: .password(Secret("p")))
      let refused = ProbeResult(
        target: "t", host: "h", port: 25, tlsMode: .none, startedAt: Timestamp(seconds: 0))
      let soon = MonotonicInstant.now().advanced(by: .milliseconds(300))
      for _ in 0..<2 {
        guard case .enter = await gate.enter(knowing: gate.allRefusals, until: soon, on: loop) else {
          Issue.record("it may log in")
          return
        }
        gate.ended(refusedBy: Shared(refused))
      }
      guard case .refused = await gate.enter(knowing: 0, until: soon, on: loop) else {
        Issue.record("it was allowed before the refusals")
        return
      }
      guard case .enter = await gate.enter(knowing: 2, until: soon, on: loop),
        case .late = await gate.enter(knowing: 2, until: soon, on: loop)
      else {
        Issue.record("one at a time")
        return
      }
      gate.accepted()
      guard case .enter = await gate.enter(knowing: 2, until: soon, on: loop),
        case .enter = await gate.enter(knowing: 2, until: soon, on: loop)
      else {
        Issue.record("all is forgiven")
        return
      }
    }
  }

  @Test func `plans with the same credentials share a gate, and others do not`() throws {
    let gates = LoginGates()
    func target(_ name: String, _ host: String, _ password: String, port: Int = 587) -> Target {
      var settings = ProbeSettings()
      settings.auth = AuthSettings(username: "u", password: Secret(password))
      return Target(name: name, host: host, port: port, settings: settings)
    }
    let gate = try #require(gates.gate(of: target("a", "Mail.example", "p")))
    #expect(gates.gate(of: target("b", "mail.example", "p", port: 465)) === gate)
    #expect(gates.gate(of: target("c", "mail.example", "other")) !== gate)
    #expect(gates.gate(of: target("d", "mx.example", "p")) !== gate)
    #expect(
      gates.gate(of: Target(name: "e", host: "mail.example", port: 25, settings: ProbeSettings())) == nil)
  }
}
