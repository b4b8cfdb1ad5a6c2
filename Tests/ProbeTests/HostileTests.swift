import Base
import DNS
import Foundation
import Loop
import Model
@testable import Probe
import ScriptedSMTP
import TLS
import Testing

/// One fault at one step.
private struct HostileCase: Sendable, CustomTestStringConvertible {
  let step: HostileStep
  let fault: HostileFault
  var testDescription: String { "\(fault.name) at \(step.name)" }
}

private let handshakeSteps = [
  HostileStep(
    name: "TLS", mode: .implicit, depth: .ehlo, before: "", reads: "", reply: "", rest: "", stage: .tls),
  HostileStep(
    name: "TLS behind STARTTLS", mode: .starttls, depth: .ehlo, before: Opening.upgrade, reads: "", reply: "",
    rest: "", stage: .tls),
]

private let hostileCases: [HostileCase] =
  hostileSteps.flatMap { step in replyFaults.map { HostileCase(step: step, fault: $0) } }
  + handshakeSteps.flatMap { step in
    handshakeFaults.map { fault in
      HostileCase(
        step: step,
        fault: HostileFault(
          name: fault.name, script: { $0.script(fault.script($0)) }, effect: fault.effect,
          isSlow: fault.isSlow))
    }
  }

/// What a hostile server made of a probe, and what the next one came to.
private struct Aftermath: Sendable {
  let seen: Seen
  let next: ProbeResult
}

/// Every fault at every step of a conversation. One prober plays them all, as the monitor does.
@Suite(.timeLimit(.minutes(20))) struct HostileTests {
  /// Where no other test listens, so that what is left open can be told from theirs.
  private static let address = ownAddress(0x7FF)
  private static let identities = Result {
    let identities = try World.identities.get()
    let day: Duration = .seconds(86_400)
    var below = identities.authority
    for depth in 0..<200 { below = try below.intermediate(name: "Depth \(depth)") }
    let gone = try CertificateAuthority(name: "Gone", at: World.now + day * -4000)
      .intermediate(name: "Gone too", notAfter: day * 30)
    var expired = CertificateRecipe(names: [World.host])
    expired.notAfter = day * 20
    let names = (0..<330).map { "\(String(repeating: "n", count: 40))\($0).example" }
    return try identities.adding("longchain", below.issue(CertificateRecipe(names: [World.host])))
      .adding("allexpired", gone.issue(expired))
      .adding("longname", identities.authority.issue(CertificateRecipe(names: names)))
  }

  private static let plays = Task {
    try await onThread {
      let prober = Prober(resolver: Resolver())
      var results: [Int: Result<Aftermath, any Error>] = [:]
      // Many at once where waiting for the end of patience is the point.
      for (isSlow, atOnce) in [(false, 32), (true, 96)] {
        let chosen = hostileCases.indices.filter { hostileCases[$0].fault.isSlow == isSlow }
        let found = try onLoop(chosen, atOnce: atOnce) { index, loop in
          try await play(hostileCases[index], number: index, with: prober, on: loop)
        }
        results.merge(zip(chosen, found)) { first, _ in first }
      }
      return (results: results, leftOpen: try openSockets())
    }
  }

  /// The fault, and then the same target with a server that is well again.
  private static func play(
    _ item: HostileCase, number: Int, with prober: Prober, on loop: isolated EventLoop
  ) async throws -> Aftermath {
    let well = item.step.script(
      item.step.reply.isEmpty ? "T(good) OK" : #"S"\#(item.step.reply)""#, item.step.rest)
    let greeted =
      item.step.stage == .tls && item.step.mode == .implicit
      ? "T(good) \(Opening.greeting) OK" : well
    let server = try ScriptedServer(
      [Script(item.fault.script(item.step)), Script(greeted)], identities: identities.get(), host: World.host,
      on: address)
    let serving = Task(executorPreference: loop.executor) { await server.run(on: loop) }
    defer { serving.cancel() }
    var settings = item.step.settings
    if item.fault.isSlow { settings.timeouts.cap(item.step.stage, at: .seconds(4)) }
    // Where replies are one too many or one too few, somebody waits in vain at the end.
    if case .shifts = item.fault.effect { settings.timeouts = .all(.seconds(5)) }
    let target = Target(
      name: "t\(number)", host: server.address.text, port: Int(server.address.port), settings: settings)
    let plan = try ProbePlan(target: target, hostName: "unused.example.net", materials: World.materials())
    let sends = settings.send != nil
    let bad = await prober.probe(plan, messages: sends ? 1 : 0, on: loop).result
    await server.hasHeard(1, on: loop)
    let seen = Seen(bad, server)
    settings.timeouts = item.step.settings.timeouts
    let calm = try ProbePlan(
      target: Target(name: target.name, host: target.host, port: target.port, settings: item.step.settings),
      hostName: "unused.example.net", materials: World.materials())
    let next = await prober.probe(calm, messages: sends ? 1 : 0, on: loop).result
    await server.hasHeard(2, on: loop)
    return Aftermath(seen: seen, next: next)
  }

  /// Connections with an end at the address that somebody still holds.
  private static func openSockets() throws -> [String] {
    let table = try String(contentsOfFile: "/proc/self/net/tcp", encoding: .utf8)
    // Addresses stand there in the host's order.
    let place = address.bytes.reversed().map { String(format: "%02X", $0) }.joined()
    return table.split(separator: "\n").map(String.init).filter { line in
      let fields = line.split(separator: " ")
      // State 0A listens, and an inode of 0 is the kernel's alone.
      return fields.count > 9 && line.contains(" \(place):") && fields[3] != "0A" && fields[9] != "0"
    }
  }

  @Test func `there are more than six hundred cases`() {
    #expect(hostileCases.count > 600, "\(hostileCases.count)")
  }

  @Test(arguments: hostileCases.indices)
  func `a hostile server gets a name, and harms nobody`(index: Int) async throws {
    let item = hostileCases[index]
    let aftermath = try #require(await Self.plays.value.results[index]).get()
    let result = aftermath.seen.result
    let story: Comment =
      "\(item.testDescription): \(result.stage?.slug ?? "-") \(result.reason.slug): \(result.message) \(result.evidence.map(\.text).suffix(3))"
    #expect(result.duration < item.step.settings.timeout + .seconds(1), story)
    expectEffect(of: item, result, story)
    expectClean(aftermath.seen, story)
    let next = aftermath.next
    #expect(
      next.reason == .ok, "the next one: \(next.reason.slug) \(next.message). \(story)")
  }

  @Test func `no descriptor is left open`() async throws {
    #expect(try await Self.plays.value.leftOpen == [])
  }

  private func expectEffect(of item: HostileCase, _ result: ProbeResult, _ story: Comment) {
    let step = item.step
    // Whatever comes of QUIT, the work is done.
    guard step.stage != .quit else {
      #expect(result.outcome == .up && result.reason == .ok, story)
      return
    }
    switch item.fault.effect {
    case .harmless: #expect(result.reason == .ok, story)
    case .fails(let reasons):
      #expect(reasons.contains(result.reason), story)
      let isAtTheDoor = result.stage == .banner && step.stage == .tls
      #expect(result.stage == step.stage || isAtTheDoor, story)
    case .shifts:
      guard let stage = result.stage else {
        #expect(result.reason == .ok, story)
        return
      }
      #expect(stage.rawValue >= step.stage.rawValue || step.isSecured && stage == .tls, story)
    }
  }

  /// Nothing secret is shown, nothing that a terminal obeys, and nothing without measure.
  private func expectClean(_ seen: Seen, _ story: Comment) {
    for secret in Planted.forms { #expect(!seen.shown.contains(secret), story) }
    for text in [seen.words, seen.result.transcript.map(\.text).joined(), seen.result.reply?.text ?? ""] {
      #expect(!text.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F }, story)
    }
    #expect(seen.result.evidence.allSatisfy { $0.text.count <= 300 }, story)
    #expect(seen.shown.utf8.count < 200_000, story)
    if !seen.result.success {
      #expect(!seen.result.message.isEmpty && !seen.result.remedy.isEmpty, story)
    }
  }
}
