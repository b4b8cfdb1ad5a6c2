import DNS
import Diagnosis
import Loop
import Model
@testable import Probe
import ScriptedSMTP
import Testing

private let good = "\(Opening.secured) OK"
private let refusing = #"\#(Opening.secured) R(AUTH) S"535 5.7.8 Authentication credentials invalid" OK"#

/// Targets that are several servers or addresses.
@Suite(.timeLimit(.minutes(20))) struct MemberTests {
  @Test func `each address of both families is probed, and all that work are up`() throws {
    let story = try probe(
      "mail.example.test",
      ["A mail.example.test": .loopbacks([1, 2]), "AAAA mail.example.test": .loopback6],
      servers: [(.v4(1), good), (.v4(2), good), (.v6, good)]
    ) { $0.addresses = .each }
    #expect(story.result.reason == .ok && story.result.stage == nil, "\(story.result)")
    #expect(Set(story.result.members.map(\.address)) == ["127.0.0.1", "127.0.0.2", "::1"])
    #expect(Set(story.result.members.map(\.family)) == [.ipv4, .ipv6])
    #expect(story.heard.allSatisfy { $0.count == 1 })
    #expect(story.result.phases[.dns] != nil && story.result.members.allSatisfy { $0.phases[.dns] == nil })
    #expect(story.result.tls?.verified == true)
  }

  @Test(arguments: [(Int.max, 3), (2, 2), (0, 0)])
  func `each address takes a message with a token of its own, as far as the limit goes`(
    messages: Int, sent: Int
  ) throws {
    let story = try probe(
      "mail.example.test",
      ["A mail.example.test": .loopbacks([1, 2, 3]), "AAAA mail.example.test": FakeResolver.nodata],
      servers: [(.v4(1), good), (.v4(2), good), (.v4(3), good)], depth: .send, messages: messages
    ) { $0.addresses = .each }
    let tokens = story.result.members.compactMap(\.sentToken)
    #expect(story.result.messagesSent == sent && Set(tokens).count == sent, "\(story.result)")
    for (place, heard) in story.heard.enumerated() {
      #expect(heard.joined().contains("DATA\r\n") == (place < sent))
    }
    for token in tokens { #expect(story.heard.joined().joined().contains("X-Smtpwatch-Token: \(token)")) }
  }

  @Test(arguments: [
    (RollUp.all, Outcome.down), (.any, .degraded), (.quorum, .degraded),
  ])
  func `an address that is stopped counts by the rule`(rule: RollUp, outcome: Outcome) throws {
    let story = try probe(
      "mail.example.test",
      ["A mail.example.test": .loopbacks([1, 2, 3]), "AAAA mail.example.test": FakeResolver.nodata],
      servers: [(.v4(1), good), (.v4(3), good)]
    ) {
      $0.addresses = .each
      $0.rollUp = rule
    }
    #expect(story.result.outcome == outcome, "\(story.result)")
    #expect(story.result.stage == .connect && story.result.reason == .connectRefused)
    #expect(story.result.address == "127.0.0.2")
    #expect(story.result.members.map(\.success) == [true, false, true])
    #expect(story.result.message.hasPrefix("2 of 3 addresses of mail.example.test work"))
  }

  @Test func `each MX host is probed in the order of preference, and by its own name`() throws {
    let story = try probe(
      "mx:example.test",
      [
        "MX example.test": .mx([(20, "b.example.test"), (10, "a.example.test")]),
        "A a.example.test": .loopbacks([1]), "A b.example.test": .loopbacks([2]),
        "AAAA a.example.test": FakeResolver.nodata, "AAAA b.example.test": FakeResolver.nodata,
      ], servers: [(.v4(1), good), (.v4(2), good)]
    ) { $0.tls.serverName = nil }
    #expect(story.result.members.map(\.host) == ["a.example.test", "b.example.test"])
    // The servers have a certificate for another name: each host is judged by its own.
    #expect(story.result.members.allSatisfy { $0.reason == .certNameMismatch }, "\(story.result)")
    #expect(story.result.outcome == .down && story.result.host == "mx:example.test")
  }

  @Test func `an MX host that does not exist degrades the domain`() throws {
    let story = try probe(
      "mx:example.test",
      [
        "MX example.test": .mx([(10, "gone.example.test"), (20, "b.example.test")]),
        "A b.example.test": .cnameThenA("real.example.test", 0x7F00_0002),
        "AAAA b.example.test": FakeResolver.nodata,
      ], servers: [(.v4(2), good)])
    #expect(story.result.outcome == .degraded && story.result.reason == .dnsNotFound, "\(story.result)")
    #expect(story.result.members.map(\.reason) == [.dnsNotFound, .ok])
    #expect(story.result.members.map(\.family) == [nil, .ipv4])
  }

  @Test func `a domain without MX records is its own mail host`() throws {
    let story = try probe(
      "mx:example.test",
      [
        "MX example.test": FakeResolver.nodata, "A example.test": .loopbacks([1]),
        "AAAA example.test": FakeResolver.nodata,
      ], servers: [(.v4(1), good)])
    #expect(story.result.outcome == .up, "\(story.result)")
    #expect(story.result.members.map(\.host) == ["example.test"])
  }

  @Test func `a null MX is no address, and says so`() throws {
    let story = try probe("mx:example.test", ["MX example.test": .mx([(0, "")])], servers: [])
    #expect(story.result.stage == .dns && story.result.reason == .dnsNoAddress, "\(story.result)")
    #expect(story.result.message.contains("takes no mail"))
    #expect(story.result.members.isEmpty)
  }

  @Test func `each MX host is probed at each of its addresses where that is asked for`() throws {
    let story = try probe(
      "mx:example.test",
      [
        "MX example.test": .mx([(10, "a.example.test")]), "A a.example.test": .loopbacks([1, 2]),
        "AAAA a.example.test": .loopback6,
      ], servers: [(.v4(1), good), (.v4(2), good), (.v6, good)]
    ) { $0.addresses = .each }
    #expect(story.result.outcome == .up && story.result.members.count == 3, "\(story.result)")
  }

  @Test func `after a refused login no other address is asked`() throws {
    let story = try probe(
      "mail.example.test",
      ["A mail.example.test": .loopbacks([1, 2, 3]), "AAAA mail.example.test": FakeResolver.nodata],
      servers: [(.v4(1), refusing), (.v4(2), refusing), (.v4(3), refusing)], depth: .auth
    ) { $0.addresses = .each }
    let logins = story.heard.joined().count { $0.contains("AUTH ") }
    #expect(logins == 1, "\(story.heard)")
    #expect(story.result.outcome == .down && story.result.reason == .authRejected, "\(story.result)")
    #expect(story.result.members.allSatisfy { $0.reason == .authRejected })
    #expect(story.result.refusedLogin?.address == story.result.members[0].address)
  }

  @Test func `a good login is tried at every address`() throws {
    let accepting = #"\#(Opening.secured) R(AUTH) S"235 2.7.0 ok" OK"#
    let story = try probe(
      "mail.example.test",
      ["A mail.example.test": .loopbacks([1, 2]), "AAAA mail.example.test": FakeResolver.nodata],
      servers: [(.v4(1), accepting), (.v4(2), accepting)], depth: .auth
    ) { $0.addresses = .each }
    #expect(story.result.outcome == .up, "\(story.result)")
    #expect(story.heard.joined().count { $0.contains("AUTH ") } == 2)
  }

  @Test func `an address that hangs costs the others nothing, and the whole no more than its timeout`() throws
  {
    let story = try probe(
      "mail.example.test",
      ["A mail.example.test": .loopbacks([1, 2]), "AAAA mail.example.test": FakeResolver.nodata],
      servers: [(.v4(1), "H"), (.v4(2), good)]
    ) {
      $0.addresses = .each
      $0.timeouts.banner = .seconds(2)
    }
    #expect(story.result.members.map(\.success) == [false, true], "\(story.result)")
    #expect(story.result.reason == .bannerTimeout)
  }

  @Test func `a closer look at a member proves its cure`() throws {
    let result = try onLoop { loop in
      let dns = try FakeResolver([
        "A mail.example.test": .loopbacks([1, 2]), "AAAA mail.example.test": FakeResolver.nodata,
      ])
      dns.serve(on: loop)
      let first = try World.server(Opening.implicit + " OK", for: loop)
      _ = try World.server(good, on: .ipv4(0x7F00_0002, port: first.address.port), for: loop)
      var options = Resolver.Options()
      options.servers = [dns.address]
      let target = Target(
        name: "t", host: "mail.example.test", port: Int(first.address.port),
        settings: settings(.starttls) {
          $0.addresses = .each
          $0.diagnosis = .active
          $0.timeouts.banner = .seconds(2)
        })
      let plan = try ProbePlan(target: target, hostName: "unused.example.net", materials: World.materials())
      let prober = Prober(resolver: Resolver(options))
      return await prober.diagnose(plan, on: loop).value
    }
    #expect(result.reason == .portExpectsTls, "\(result)")
    #expect(result.members.map(\.success) == [false, true])
    #expect(result.members[0].reason == .portExpectsTls)
    #expect(result.suggestion?.tlsMode == .implicit)
  }

  // MARK: From where

  @Test func `the PROXY header goes before all else, and names both ends`() throws {
    let seen = try ProbeTests.probe(
      #"R(PROXY) \#(good)"#,
      settings(.starttls) {
        $0.proxyProtocol = .v1
        $0.sourceAddress = "127.0.0.5"
      })
    #expect(seen.result.reason == .ok, "\(seen.result)")
    #expect(seen.commands.first?.hasPrefix("PROXY TCP4 127.0.0.5 127.0.0.1 ") == true, "\(seen.commands)")
    #expect(seen.commands.first?.hasSuffix(" \(seen.result.port)") == true)
  }

  @Test func `the binary PROXY header has the signature, the families and the ends`() throws {
    let heard = try onLoop { loop in
      let server = try World.server("H", on: .loopback(.ipv6), for: loop)
      _ = try await ProbeTests.probe(
        server.address,
        settings(.starttls) {
          $0.proxyProtocol = .v2
          $0.timeouts.banner = .milliseconds(100)
        }, on: loop)
      await server.hasHeard(1, on: loop)
      return (server.heard, server.address.port)
    }
    let bytes = try #require(heard.0.first)
    #expect(bytes.count >= 16 + 36)
    #expect(bytes.prefix(12) == [13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10])
    #expect(bytes[12..<16] == [0x21, 0x21, 0, 36])
    let loopback = [UInt8](repeating: 0, count: 15) + [1]
    #expect(Array(bytes[16..<48]) == loopback + loopback)
    #expect(Array(bytes[50..<52]) == [UInt8(heard.1 >> 8), UInt8(heard.1 & 0xFF)])
  }

  @Test(arguments: ["192.0.2.9", "2001:db8::9"])
  func `a source address that this host does not have is the monitor's own trouble`(source: String) throws {
    let result = try onLoop { loop in
      let server = try World.server("H", on: .loopback(source.contains(":") ? .ipv6 : .ipv4), for: loop)
      let settings = settings(.starttls) { $0.sourceAddress = source }
      return try await ProbeTests.probe(server.address, settings, on: loop)
    }
    #expect(result.outcome == .inconclusive && result.reason == .localError, "\(result)")
    #expect(result.message.contains("source_address \(source) cannot be used"))
  }

  // MARK: Fixtures

  /// An address of this host.
  enum Place: Sendable {
    case v4(UInt8)
    case v6

    func address(_ port: UInt16) -> SocketAddress {
      switch self {
      case .v4(let last): .ipv4(0x7F00_0000 | UInt32(last), port: port)
      case .v6: .loopback(.ipv6, port: port)
      }
    }
  }

  struct Story: Sendable {
    let result: ProbeResult
    /// What each server heard, a connection each.
    let heard: [[String]]
  }

  /// Probes a host or domain by a resolver of its own, with servers at one port of several addresses.
  private func probe(
    _ host: String, _ table: [String: FakeResolver.Reply], servers: [(Place, String)], depth: Depth = .ehlo,
    messages: Int = .max, _ change: @escaping @Sendable (inout ProbeSettings) -> Void = { _ in }
  ) throws -> Story {
    try onLoop { loop in
      let dns = try FakeResolver(table)
      dns.serve(on: loop)
      var options = Resolver.Options()
      options.servers = [dns.address]
      var port: UInt16 = 0
      var running: [ScriptedServer] = []
      for (place, script) in servers {
        let server = try World.server(script, on: place.address(port), for: loop)
        port = server.address.port
        running.append(server)
      }
      let result = try await ProbeTests.probe(
        .loopback(port: port == 0 ? 25 : port), as: host, settings(.starttls, depth, change),
        resolver: Resolver(options), messages: messages, on: loop)
      for server in running { await server.hasHeard(1, on: loop) }
      return Story(
        result: result, heard: running.map { $0.heard.map { String(decoding: $0, as: UTF8.self) } })
    }
  }
}
