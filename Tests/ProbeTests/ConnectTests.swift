import Base
import DNS
import Loop
import Model
import ScriptedSMTP
import Testing

/// Connections that do not come about.
@Suite(.timeLimit(.minutes(20))) struct ConnectTests {
  @Test func `V15 a closed port refuses`() throws {
    let result = try onLoop { loop in
      let address = try Listener(on: .loopback()).address
      return try await probe(address, settings(.starttls), on: loop)
    }
    expect(result, .connect, .connectRefused)
    #expect(result.phases[.connect] != nil && result.phases[.banner] == nil)
    #expect(result.evidence.contains { $0.kind == .errno && $0.text.contains("errno 111") })
  }

  @Test func `V17 a full backlog does not answer`() throws {
    let result = try onLoop { loop in
      let listener = try Listener(on: .loopback(), backlog: 0)
      let address = listener.address
      // They fill the queue that nobody accepts from.
      let first = try await Socket.connect(to: address, until: .now().advanced(by: .seconds(60)), on: loop)
      let second = try? await Socket.connect(
        to: address, until: .now().advanced(by: .milliseconds(100)), on: loop)
      let result = try await probe(
        address, settings(.starttls) { $0.timeouts.connect = .milliseconds(300) }, on: loop)
      withExtendedLifetime(listener) {}
      _ = (first.local, second?.local)
      return result
    }
    expect(result, .connect, .connectTimeout)
  }

  @Test func `V19 of two families the first is probed, and the other is known`() throws {
    let result = try onLoop { loop in
      let server = try World.server("\(Opening.secured) OK", for: loop)
      let files = try TemporaryFiles(["hosts": "::1 dual.test\n127.0.0.1 dual.test\n"])
      var options = Resolver.Options()
      options.hosts = files["hosts"]
      return try await probe(
        server.address, as: "dual.test", settings(.starttls), resolver: Resolver(options), on: loop)
    }
    expect(result, .connect, .connectRefused)
    #expect(result.address == "::1" && result.family == .ipv6 && result.phases[.dns] != nil)
  }

  @Test func `an address that no route leads to is unreachable`() throws {
    let result = try onLoop { loop in
      let nowhere = try #require(SocketAddress(literal: "255.255.255.255", port: 25))
      return try await probe(nowhere, settings(.starttls), on: loop)
    }
    expect(result, .connect, .connectUnreachable)
  }

  private func expect(_ result: ProbeResult, _ stage: Stage, _ reason: Reason) {
    let story: Comment = "\(result.message) \(result.evidence)"
    #expect(result.stage == stage, story)
    #expect(result.reason == reason, story)
    #expect(result.outcome == .down, story)
    #expect(result.retryable, story)
    #expect(result.reply == nil && result.tls == nil && result.transcript.isEmpty, story)
    #expect(!result.message.isEmpty && !result.remedy.isEmpty, story)
  }
}
