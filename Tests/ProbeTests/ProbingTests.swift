import Base
import Foundation
import Loop
import Model
@testable import Probe
import ScriptedSMTP
import Testing

/// What holds of a probe as a whole: its time, its end, its phases, its message.
@Suite(.timeLimit(.minutes(20))) struct ProbingTests {
  @Test(arguments: [
    ("\(Opening.greeting) R(EHLO) E OK", TLSMode.none, [Phase.connect, .banner, .ehlo, .quit]),
    ("T(good) \(Opening.greeting) OK", .implicit, [.connect, .tls, .banner, .ehlo, .quit]),
    (
      "\(Opening.upgrade) T(good) OK", .starttls,
      [.connect, .tls, .banner, .ehlo, .starttls, .ehloTls, .quit]
    ),
  ])
  func `the phases are those of the conversation`(script: String, mode: TLSMode, phases: [Phase]) throws {
    let result = try probe(script, settings(mode)).result
    #expect(result.phases.reached.map(\.phase) == phases, "\(result)")
    #expect(result.phases.reached.allSatisfy { $0.time >= .zero && $0.time <= result.duration })
  }

  @Test func `every phase of a message is timed`() throws {
    let result = try probe(
      "\(Opening.upgrade) T(good) OK",
      settings(.starttls, .send) { $0.auth = AuthSettings(username: World.user, password: Secret("pass")) }
    ).result
    let all = Set(Phase.allCases).subtracting([.dns, .rset])
    #expect(Set(result.phases.reached.map(\.phase)) == all)
  }

  @Test func `a wait of the server's is booked on the phase that it delays`() throws {
    let result = try probe("\(Opening.greeting) R(EHLO) W(1) E OK", settings(.none)).result
    let ehlo = try #require(result.phases[.ehlo])
    #expect(ehlo >= .seconds(1))
    #expect(result.phases.reached.allSatisfy { $0.phase == .ehlo || $0.time < ehlo })
  }

  @Test func `a reply that was there before its command takes no time`() throws {
    let result = try probe(#"S"220 m" S"250 m" OK"#, settings(.none)).result
    #expect(result.reason == .ok)
    #expect(try #require(result.phases[.ehlo]) == .zero)
  }

  @Test func `the whole probe's limit is tighter than its stages'`() throws {
    let seen = try probe(
      "\(Opening.greeting) R(EHLO) H", settings(.none), timeLimit: .seconds(1))
    #expect(seen.result.stage == .ehlo && seen.result.reason == .replyTimeout, "\(seen.result)")
    let target = try probe(
      "\(Opening.greeting) R(EHLO) H", settings(.none) { $0.timeout = .seconds(1) })
    #expect(target.result.stage == .ehlo && target.result.reason == .replyTimeout, "\(target.result)")
    #expect(seen.result.duration < .seconds(60) && target.result.duration < .seconds(60))
  }

  @Test(arguments: ["H", "\(Opening.greeting) R(EHLO) H", "\(Opening.upgrade) RCH H"])
  func `a monitor that stops in the middle cannot tell`(script: String) throws {
    let result = try onLoop { loop in
      let server = try World.server(script, for: loop)
      _ = loop.schedule(at: .now().advanced(by: .milliseconds(200))) { _, loop in loop.stop() }
      return try await probe(server.address, settings(.starttls), on: loop)
    }
    #expect(result.stage == .internal && result.reason == .localError, "\(result)")
    #expect(result.outcome == .inconclusive && !result.success)
  }

  @Test func `two hundred probes of one server at once are all well`() throws {
    let server = try ScriptedServer(
      [Script("\(Opening.upgrade) T(good) OK")], identities: World.identities.get(), backlog: 512)
    let patient = settings(.starttls, .auth) {
      $0.timeout = .seconds(60)
      $0.timeouts = StageTimeouts()
    }
    let reasons = try onLoop(Array(0..<200), atOnce: 200) { index, loop in
      if index == 0 { Task(executorPreference: loop.executor) { await server.run(on: loop) } }
      return try await probe(server.address, patient, on: loop).reason
    }
    #expect(try reasons.map { try $0.get() } == Array(repeating: .ok, count: 200))
  }

  @Test func `probes leave no descriptor behind`() async {
    // In a process of its own, where nobody else opens any.
    await #expect(processExitsWith: .success) {
      let scripts = [
        ("\(Opening.upgrade) T(good) OK", TLSMode.starttls),
        ("T(wronghost) \(Opening.greeting) OK", .implicit), ("F", .none),
        ("RCH Z", .implicit), (#"S"220 m" R(EHLO) S"250-a" S"251 b" OK"#, .none), ("Z", .starttls),
      ]
      func probeAll(_ count: Int) throws {
        _ = try onLoop(Array(0..<count), atOnce: 10) { index, loop in
          let (script, mode) = scripts[index % scripts.count]
          return try await probe(script, settings(mode), on: loop).result.reason
        }
      }
      // The first ones open what the libraries keep open.
      try probeAll(scripts.count)
      let before = try openDescriptors()
      try probeAll(300)
      let after = try openDescriptors()
      precondition(before == after, "\(before) before, \(after) after")
    }
  }
}

private func openDescriptors() throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").sorted()
}
