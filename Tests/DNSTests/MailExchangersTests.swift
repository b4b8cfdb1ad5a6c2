import Base
import Loop
import Testing

@testable import DNS

@Suite(.timeLimit(.minutes(20))) struct MailExchangersTests {
  @Test func `hosts come in the order of preference, and equal ones by name`() throws {
    let found = try exchangers(
      ["MX example.test": .mx([(20, "c.example.test"), (10, "B.example.test"), (20, "a.example.test")])])
    #expect(found.hosts.map(\.name) == ["b.example.test", "a.example.test", "c.example.test"])
    #expect(found.hosts.map(\.preference) == [10, 20, 20])
    #expect(!found.isImplicit)
  }

  @Test func `a host that is named twice counts once, with its better preference`() throws {
    let found = try exchangers(["MX example.test": .mx([(20, "a.example.test"), (10, "A.example.test")])])
    #expect(found.hosts == [MailExchangers.Host(name: "a.example.test", preference: 10)])
  }

  @Test func `a domain without MX records takes its mail itself`() throws {
    let found = try exchangers(["MX example.test": FakeResolver.nodata])
    #expect(found.isImplicit)
    #expect(found.hosts == [MailExchangers.Host(name: "example.test", preference: 0)])
  }

  @Test func `a null MX says that there is no mail`() {
    #expect(throws: DNSError.acceptsNoMail) { try exchangers(["MX example.test": .mx([(0, "")])]) }
  }

  @Test func `the root among other hosts is passed over`() throws {
    let found = try exchangers(["MX example.test": .mx([(0, ""), (10, "a.example.test")])])
    #expect(found.hosts.map(\.name) == ["a.example.test"])
  }

  @Test(arguments: [
    (FakeResolver.nxdomain, DNSError.notFound),
    (.code(2), .refused("the resolver failed (SERVFAIL)")),
    (.garbage, .refused("the resolver's answer cannot be read")),
  ])
  func `what stands in the way of an answer is told`(reply: FakeResolver.Reply, error: DNSError) {
    #expect(throws: error) { try exchangers(["MX example.test": reply]) }
  }

  @Test func `silence ends with the deadline`() {
    #expect(throws: DNSError.timeout) {
      try exchangers(["MX example.test": .silence], within: .milliseconds(50))
    }
  }

  private func exchangers(
    _ table: [String: FakeResolver.Reply], within patience: Duration = .seconds(20)
  ) throws -> MailExchangers {
    try onLoop { loop in
      let dns = try FakeResolver(table)
      dns.serve(on: loop)
      var options = Resolver.Options()
      options.servers = [dns.address]
      return try await Resolver(options).mailExchangers(
        of: "Example.test", until: .now().advanced(by: patience), on: loop)
    }
  }
}
