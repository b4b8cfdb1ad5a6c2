import DNS
import Loop
import Model
import ScriptedSMTP
import Testing

/// Names and addresses, up to the connection.
@Suite(.timeLimit(.minutes(20))) struct NameTests {
  @Test(arguments: [
    (FakeResolver.nxdomain, Stage.dns, Reason.dnsNotFound, false, "does not exist"),
    (FakeResolver.nodata, .dns, .dnsNoAddress, false, "AAAA"),
    (.code(2), .dns, .dnsFailure, true, "SERVFAIL"),
    (.code(5), .dns, .dnsFailure, true, "REFUSED"),
    (.code(4), .dns, .dnsFailure, true, "NOTIMP"),
    (.garbage, .dns, .dnsFailure, true, "cannot be read"),
    (.silence, .dns, .dnsFailure, true, "timeout"),
  ])
  func `what the resolver says is the reason`(
    reply: FakeResolver.Reply, stage: Stage, reason: Reason, isRetryable: Bool, words: String
  ) throws {
    let result = try probe(
      "mail.example.test", ["A mail.example.test": reply, "AAAA mail.example.test": reply])
    let story: Comment = "\(result)"
    #expect(result.stage == stage, story)
    #expect(result.reason == reason, story)
    #expect(result.outcome == .down, story)
    #expect(result.retryable == isRetryable, story)
    #expect(result.phases[.connect] == nil && result.address == nil, story)
    #expect((result.message + result.evidence.map(\.text).joined()).contains(words), story)
  }

  @Test(arguments: ["mail example", "post\u{FC}.example.test", String(repeating: "x", count: 64) + ".test"])
  func `a name that cannot be asked for is the configuration's fault`(host: String) throws {
    let result = try probe(host, [:])
    #expect(result.stage == .config && result.reason == .configInvalid, "\(result)")
    #expect(result.outcome == .inconclusive && !result.retryable)
  }

  @Test func `a name that leads to no address at all is no server's fault`() throws {
    let result = try probe(
      "mail.example.test",
      ["A mail.example.test": .a(0), "AAAA mail.example.test": FakeResolver.nodata])
    #expect(result.stage == .config && result.reason == .configInvalid, "\(result)")
    #expect(result.message.contains("0.0.0.0") && result.outcome == .inconclusive)
    #expect(result.phases[.connect] == nil, "no packet is sent")
  }

  @Test func `a resolver that drops the question for IPv6 is a warning`() throws {
    let result = try probe(
      "mail.example.test", ["A mail.example.test": .a(0x7F00_0001), "AAAA mail.example.test": .silence],
      against: "\(Opening.secured) OK")
    #expect(result.reason == .ok, "\(result)")
    #expect(result.warnings == [.slowAaaa])
    #expect(result.phases[.dns] != nil)
    #expect(result.address == "127.0.0.1" && result.family == .ipv4)
  }

  @Test func `an alias leads to the server`() throws {
    let result = try probe(
      "mail.example.test",
      [
        "A mail.example.test": .cnameThenA("real.example.test", 0x7F00_0001),
        "AAAA mail.example.test": FakeResolver.nodata,
      ], against: "\(Opening.secured) OK")
    #expect(result.reason == .ok, "\(result)")
    #expect(result.phases.reached.first?.phase == .dns)
  }

  @Test func `only the family that is wanted is probed`() throws {
    let result = try probe(
      "mail.example.test",
      ["AAAA mail.example.test": .aaaa(last: 1), "A mail.example.test": FakeResolver.nodata]
    ) { $0.addresses = .ipv4 }
    #expect(result.stage == .dns && result.reason == .dnsNoAddress, "\(result)")
  }

  @Test func `an IPv6 literal is reached and needs no resolver`() throws {
    let seen = try onLoop { loop in
      let server = try World.server("\(Opening.secured) OK", on: .loopback(.ipv6), for: loop)
      let result = try await ProbeTests.probe(server.address, settings(.starttls), on: loop)
      return Seen(result, server)
    }
    #expect(seen.result.reason == .ok, "\(seen.result)")
    #expect(seen.result.address == "::1" && seen.result.family == .ipv6 && seen.result.phases[.dns] == nil)
  }

  /// What a probe of a name comes to, with a resolver of its own that answers as told.
  private func probe(
    _ host: String, _ table: [String: FakeResolver.Reply], against script: String = "H",
    _ change: @escaping @Sendable (inout ProbeSettings) -> Void = { _ in }
  ) throws -> ProbeResult {
    try onLoop { loop in
      let dns = try FakeResolver(table)
      dns.serve(on: loop)
      var options = Resolver.Options()
      options.servers = [dns.address]
      let server = try World.server(script, for: loop)
      let settings = settings(.starttls) {
        // Longer than the resolver's patience with the second family.
        $0.timeouts.dns = .seconds(4)
        change(&$0)
      }
      return try await ProbeTests.probe(
        server.address, as: host, settings, resolver: Resolver(options), on: loop)
    }
  }
}
