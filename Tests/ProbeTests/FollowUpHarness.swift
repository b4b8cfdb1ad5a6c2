import Base
import DNS
import Foundation
import Diagnosis
import Loop
import Model
@testable import Probe
import ScriptedSMTP
import Testing

/// A prober whose follow-up checks are as short as a test wants them, and what it was seen to do.
final class Bench: Sendable {
  let prober: Prober
  private let noted: Locked<[FollowUpNote]>

  /// As short as a local server on a busy machine allows.
  static var limits: FollowUpLimits {
    var limits = FollowUpLimits()
    limits.time = .seconds(60)
    limits.pause = .milliseconds(2)
    limits.sibling = .seconds(2)
    limits.visit = .seconds(3)
    limits.resolver = .seconds(1)
    return limits
  }

  init(resolver: Resolver = Resolver(), _ change: (inout FollowUpLimits) -> Void = { _ in }) {
    var limits = Self.limits
    change(&limits)
    let noted = Locked<[FollowUpNote]>([])
    self.noted = noted
    prober = Prober(resolver: resolver, limits: limits) { note in noted.withLock { $0.append(note) } }
  }

  /// The kinds of the checks made so far.
  var checks: [String] { noted.withLock { $0.map(\.check) } }

  /// What they found.
  var findings: [String] { noted.withLock { $0.flatMap(\.findings) } }

  /// One probe.
  func probe(_ target: Target, isFinal: Bool = true, on loop: isolated EventLoop) async throws -> Probed {
    let plan = try ProbePlan(target: target, hostName: "unused.example.net", materials: World.materials())
    return await prober.probe(plan, isFinal: isFinal, on: loop)
  }

  /// One probe, and the closer look where one is due.
  func diagnose(_ target: Target, on loop: isolated EventLoop) async throws -> ProbeResult {
    let probed = try await probe(target, on: loop)
    guard let lead = probed.lead else { return probed.result }
    let result = await prober.followUps.run(lead, on: loop).value
    #expect(result.startedAt == probed.result.startedAt, "it is the same result, by a better name")
    #expect(result.stage == probed.result.stage || result.reason != probed.result.reason)
    return result
  }

  /// One probe of a lone server with the closer look, until the server knows what it heard.
  func diagnose(
    _ server: ScriptedServer, _ settings: ProbeSettings, connections: Int, on loop: isolated EventLoop
  ) async throws -> ProbeResult {
    let result = try await diagnose(target(server.address, settings), on: loop)
    await server.hasHeard(connections, on: loop)
    expectPolite(server, connections: connections)
    return result
  }
}

/// An address of this host that no other test uses, of this run or of another one; numbers are below 0x800.
func ownAddress(_ number: UInt32, port: UInt16 = 0) -> SocketAddress {
  .ipv4(0x7F00_0000 | (UInt32(getpid()) % 0x1FFF + 1) << 11 | number, port: port)
}

/// A target that has a login and a message, so that a check that goes too far would be heard.
func target(_ address: SocketAddress, as host: String? = nil, _ settings: ProbeSettings) -> Target {
  Target(name: "t", host: host ?? address.text, port: Int(address.port), settings: settings)
}

/// Settings under which failures are looked at, with little patience.
func curious(_ mode: TLSMode, _ change: (inout ProbeSettings) -> Void = { _ in }) -> ProbeSettings {
  settings(mode, .auth) {
    $0.diagnosis = .active
    $0.timeouts.banner = .seconds(1)
    $0.timeouts.dns = .seconds(1)
    let envelope = Envelope(from: "probe@example.net", to: "sink@example.test")
    $0.envelope = envelope
    change(&$0)
  }
}

/// A server at work.
func running(
  _ scripts: String..., on address: SocketAddress = .loopback(), loop: isolated EventLoop
) throws -> ScriptedServer {
  try running(scripts, on: address, loop: loop)
}

/// A server at work, with a script for each connection; the last serves all further ones.
func running(
  _ scripts: [String], on address: SocketAddress = .loopback(), loop: isolated EventLoop
) throws -> ScriptedServer {
  let server = try ScriptedServer(
    scripts.map { try Script($0) }, identities: World.identities.get(), host: World.host, on: address)
  Task(executorPreference: loop.executor) { await server.run(on: loop) }
  return server
}

/// Neither login nor mail, and no more connections than said.
func expectPolite(_ server: ScriptedServer, connections: Int) {
  let heard = server.words
  #expect(heard.count == connections, "\(heard)")
  for words in heard {
    for command in ["AUTH", "MAIL", "RCPT", "DATA"] { #expect(!words.contains(command), "\(heard)") }
    for secret in Planted.forms { #expect(!words.contains(secret)) }
  }
}

extension ScriptedServer {
  /// What it heard, a connection each, as far as it is text.
  var words: [String] { heard.map { String(decoding: $0, as: UTF8.self) } }
}

extension ProbeResult {
  /// What the verdict says, with its evidence.
  var story: String { ([message, remedy] + evidence.map(\.text)).joined(separator: "\n") }

  func hints(_ hint: Hint) -> Bool { evidence.contains(Evidence(.hint, hint.rawValue)) }

  /// Something that a check found.
  func proves(_ words: String) -> Bool {
    evidence.contains { $0.kind == .check && $0.text.contains(words) }
  }
}
