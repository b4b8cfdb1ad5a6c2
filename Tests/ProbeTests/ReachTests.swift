import Base
import Configuration
import DNS
import Foundation
import Loop
import Model
import Monitor
@testable import Probe
import ScriptedSMTP
import TLS
import Testing

/// A failure that needs more than a script to come about.
private struct Scene: Sendable, CustomTestStringConvertible {
  let reason: Reason
  let play: @Sendable (isolated EventLoop) async throws -> ProbeResult
  var testDescription: String { reason.slug }

  init(
    _ reason: Reason, _ play: @escaping @Sendable (isolated EventLoop) async throws -> ProbeResult
  ) {
    self.reason = reason
    self.play = play
  }
}

private let greeting = Opening.greeting

private func named(
  _ reply: FakeResolver.Reply, _ loop: isolated EventLoop
) async throws -> ProbeResult {
  let dns = try FakeResolver(["A mail.example.test": reply, "AAAA mail.example.test": reply])
  dns.serve(on: loop)
  var options = Resolver.Options()
  options.servers = [dns.address]
  return try await Bench(resolver: Resolver(options))
    .diagnose(target(.loopback(port: 587), as: "mail.example.test", curious(.starttls)), on: loop)
}

private func certified(
  _ identity: String, _ loop: isolated EventLoop, _ change: (inout ProbeSettings) throws -> Void = { _ in }
) async throws -> ProbeResult {
  var settings = settings(.implicit)
  try change(&settings)
  let server = try running("T(\(identity)) \(greeting) OK", loop: loop)
  return try await probe(server.address, settings, on: loop)
}

/// Files with an authority, and with a list of what it has withdrawn.
private func withdrawn(_ identity: String, until nextUpdate: Duration) throws -> TemporaryFiles {
  let identities = try World.identities.get()
  let certificates = identities[identity].map { [$0.chain[0]] } ?? []
  return try TemporaryFiles([
    "ca.pem": identities.authority.certificate.pem,
    "crl.pem": identities.authority.revocationList(of: certificates, nextUpdate: nextUpdate),
  ])
}

private let scenes: [Scene] = [
  Scene(.dnsNotFound) { try await named(FakeResolver.nxdomain, $0) },
  Scene(.dnsNoAddress) { try await named(FakeResolver.nodata, $0) },
  Scene(.dnsFailure) { try await named(.code(2), $0) },
  Scene(.configInvalid) { loop in
    try await probe(.loopback(port: 587), as: "mail example", settings(.starttls), on: loop)
  },
  Scene(.connectRefused) { loop in
    try await Bench().diagnose(target(ownAddress(0x701, port: 588), curious(.starttls)), on: loop)
  },
  Scene(.connectUnreachable) { loop in
    let nowhere = try #require(SocketAddress(literal: "255.255.255.255", port: 25))
    return try await probe(nowhere, settings(.starttls), on: loop)
  },
  Scene(.wrongPort) { loop in
    let here = ownAddress(0x702, port: 588)
    _ = try running("\(greeting) OK", on: here.with(port: 587), loop: loop)
    return try await Bench().diagnose(target(here, curious(.starttls)), on: loop)
  },
  Scene(.ipFamilyBroken) { loop in
    let files = try TemporaryFiles(["hosts": "::1 dual.test\n127.0.0.1 dual.test"])
    var options = Resolver.Options()
    options.hosts = files["hosts"]
    let server = try running("\(greeting) OK", loop: loop)
    return try await Bench(resolver: Resolver(options))
      .diagnose(target(server.address, as: "dual.test", curious(.none)), on: loop)
  },
  Scene(.portExpectsTls) { loop in
    let server = try running("T(good) \(greeting) OK", loop: loop)
    return try await Bench().diagnose(target(server.address, curious(.none)), on: loop)
  },
  Scene(.connectTimeout) { try await unanswered(ownAddress(0x703, port: 588), beside: nil, $0) },
  Scene(.egressBlocked) {
    let here = ownAddress(0x704, port: 587)
    return try await unanswered(here, beside: (silent: 465, greeting: 2525), $0)
  },
  Scene(.tlsIntercepted) { try await certified("intercepted", $0) },
  Scene(.certRevoked) { loop in
    let files = try withdrawn("good", until: .seconds(86_400))
    return try await certified("good", loop) {
      $0.tls.caFile = files["ca.pem"]
      $0.tls.crlFile = files["crl.pem"]
    }
  },
  Scene(.configTlsMaterial) { loop in
    let files = try withdrawn("expired", until: .seconds(-3600))
    return try await certified("good", loop) {
      $0.tls.caFile = files["ca.pem"]
      $0.tls.crlFile = files["crl.pem"]
    }
  },
  Scene(.slow) { try await certified("good", $0) { $0.slowAfter = .nanoseconds(1) } },
  Scene(.recoveredOnRetry) { loop in
    let first = try await certified("expired", loop)
    return try await certified("good", loop).recovered(from: first)
  },
  Scene(.localNetworkDown) { loop in
    try await certified("expired", loop).withoutNetwork(controlHosts: ["control.example:443"])
  },
]

/// A port whose queue is full: it does not answer.
private struct FullDoor: ~Copyable {
  let listener: Listener
  let waiting: Socket

  static func shut(at address: SocketAddress, on loop: isolated EventLoop) async throws -> FullDoor {
    let listener = try Listener(on: address, backlog: 0)
    let waiting = try await Socket.connect(
      to: listener.address, until: .now().advanced(by: .seconds(60)), on: loop)
    return FullDoor(listener: listener, waiting: waiting)
  }
}

/// A port that does not answer, and perhaps one more, and one that greets.
private func unanswered(
  _ here: SocketAddress, beside others: (silent: UInt16, greeting: UInt16)?, _ loop: isolated EventLoop
) async throws -> ProbeResult {
  let own = try await FullDoor.shut(at: here, on: loop)
  let other = try await FullDoor.shut(at: here.with(port: others?.silent ?? 2526), on: loop)
  if let others { _ = try running("\(greeting) OK", on: here.with(port: others.greeting), loop: loop) }
  let settings = curious(.starttls) { $0.timeouts.connect = .milliseconds(100) }
  let result = try await Bench().diagnose(target(here, settings), on: loop)
  withExtendedLifetime(own) {}
  withExtendedLifetime(other) {}
  return result
}

/// Every reason can come about, and says what to do.
@Suite(.timeLimit(.minutes(20))) struct ReachTests {
  @Test(arguments: scenes.indices)
  func `a scene gets its reason`(index: Int) throws {
    let scene = scenes[index]
    let result = try onLoop { try await scene.play($0) }
    #expect(result.reason == scene.reason, "\(result.story)")
    #expect(result.outcome == scene.reason.outcome)
    #expect(!result.message.isEmpty && !result.remedy.isEmpty && !result.evidence.isEmpty, "\(result.story)")
  }

  /// What is said of a configuration, before anything is probed.
  private static func findings() -> Set<Reason> {
    let yaml = "targets: [{ host: a.example, port: 456, auth: { username: u, password: ' x' } }]"
    do throws(ConfigurationError) {
      return Set(try Settings.parse(yaml: yaml).warnings.map(\.reason))
    } catch {
      return Set(error.findings.map(\.reason))
    }
  }

  @Test func `every reason is reached by a vector, a scene or the lint`() throws {
    // Their policies come from elsewhere than the conversation.
    let elsewhere: Set<Reason> = [.daneMismatch, .policyViolation]
    let reached = Set(allVectors.map(\.reason)).union(scenes.map(\.reason)).union(Self.findings())
    #expect(Set(Reason.allCases).subtracting(elsewhere).subtracting(reached) == [])
  }
}
