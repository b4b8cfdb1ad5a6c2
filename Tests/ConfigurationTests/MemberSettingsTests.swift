import Model
import Testing

@testable import Configuration

private func load(_ yaml: String) throws -> Settings {
  try Settings.parse(yaml: yaml, directory: "", environment: [:]).settings
}

private let port25 = "they take mail on port 25"

@Test func `a domain's MX hosts are a target at port 25`() throws {
  let settings = try load("targets: [{ host: 'MX:example.com', ip: each, rollup: quorum }]")
  let target = try #require(settings.targets.first)
  #expect(target.host == "mx:example.com" && target.mailDomain == "example.com")
  #expect(target.name == "mx:example.com" && target.port == 25 && target.hasMembers)
  #expect(target.settings.addresses == .each && target.rollUp == .quorum)
}

@Test func `LMTP is spoken on any port, in clear unless told`() throws {
  let targets = try load(
    """
    targets:
    - { name: a, host: h.example.com, protocol: lmtp }
    - { name: b, host: h.example.com, protocol: lmtp, port: 2003, tls: { mode: starttls } }
    """
  ).targets
  #expect(targets.map(\.dialect) == [.lmtp, .lmtp])
  #expect(targets.map(\.port) == [24, 2003])
  #expect(targets.map(\.settings.tls.mode) == [.none, .starttls])
}

@Test func `where to connect from is a module's`() throws {
  let settings = try load(
    """
    modules: { m: { source_address: 192.0.2.1, proxy_protocol: v2 } }
    targets: [{ host: h.example.com, module: m }]
    """)
  #expect(settings.targets.first?.settings.sourceAddress == "192.0.2.1")
  #expect(settings.targets.first?.settings.proxyProtocol == .v2)
  #expect(settings.text.contains(#"source_address: "192.0.2.1""#))
}

@Test(arguments: [
  ("host: h.example.com, rollup: any", "rollup has nothing to roll up"),
  ("host: h.example.com, ip: each, source_address: 192.0.2.1", "only addresses of its family are probed"),
  ("host: h.example.com, ip: 6, source_address: 192.0.2.1", "is not of the family that ip: 6 asks for"),
  ("host: 'mx:example.com', port: 587", port25),
  ("host: 'mx:example.com', tls: { mode: implicit }", "tls.mode is implicit"),
  ("host: 'mx:example.com', port: 465, tls: { mode: implicit }", "none speaks TLS from the first byte"),
  ("host: 'mx:example.com', auth: { username: u, password_env: PLANT }", "they take mail without a login"),
  ("host: 'mx:example.com', tls: { server_name: h.example.com }", "one name for all MX hosts"),
  ("host: 'mx:example.com', send: { from: a@example.com, to: b@example.com }", "a message each"),
])
func `what makes no sense with several servers is told`(setting: String, words: String) {
  let found = findings("targets: [{ \(setting) }]")
  #expect(found.contains { $0.contains(words) }, "\(found)")
}

@Test(arguments: ["mx:", "mx:192.0.2.1", "mx:example.com:25", "mx://example.com"])
func `what is no domain behind mx is an error`(host: String) {
  let found = findings("targets: [{ host: '\(host)' }]")
  #expect(found.contains { $0.contains("host ") }, "\(found)")
}

@Test(arguments: [
  ("rollup: most", "config.yml:5:13: rollup must be all, quorum or any, found 'most'"),
  ("proxy_protocol: v3", "config.yml:5:21: proxy_protocol must be v1 or v2, found 'v3' (did you mean 'v1'?)"),
  (
    "source_address: eth0",
    "config.yml:5:21: source_address has 'eth0', which is no address "
      + "(write one of this host's addresses: 192.0.2.1)"
  ),
])
func `a way to connect that there is not is told at its place`(setting: String, line: String) {
  #expect(findings(target: setting) == [line])
}
