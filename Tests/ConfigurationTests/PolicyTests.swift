import Configuration
import Model
import Testing

@Suite struct PolicyTests {
  @Test func readsEverySetting() throws {
    let yaml = """
      targets:
      - host: mx.example.com
        policy: {dane: require, mta_sts: report, tls_rpt: report, domain: Example.COM., resolver: "::1"}
      """
    let policy = try #require(Settings.parse(yaml: yaml).settings.targets.first).settings.policy
    #expect((policy.dane, policy.mtaSTS, policy.tlsRPT) == (.require, .report, .report))
    #expect((policy.domain, policy.resolver) == ("example.com", "[::1]:53"))
  }

  @Test func domainIsTheOneWhoseHostsAreProbed() throws {
    let yaml = """
      modules:
        mx: { policy: {mta_sts: require, tls_rpt: report} }
      targets:
      - {host: "mx:Example.COM", module: mx}
      - {name: other, host: "mx:example.com", module: mx, policy: {domain: example.org}}
      - {name: host, host: mx1.example.com}
      """
    let settings = try Settings.parse(yaml: yaml).settings
    #expect(settings.targets.map(\.settings.policy.domain) == ["example.com", "example.org", nil])
    // A probe on request of the module learns its domain in the same way.
    guard case .server(let server) = try Endpoint.parse("mx:example.net") else { return }
    #expect(settings.target(for: server, module: "mx")?.settings.policy.domain == "example.net")
  }

  @Test func moduleMayLeaveTheDomainToItsTargetsButTheseMustHaveOne() {
    let module = "modules: { mx: { policy: {mta_sts: require} } }\n"
    #expect {
      try Settings.parse(yaml: module + "targets: [{host: mx1.example.com, module: mx}]")
    } throws: { error in "\(error)".contains("policy.mta_sts needs policy.domain") }
  }

  @Test(arguments: [
    ("dane: yes", "policy.dane must be off, report or require"),
    ("mta_sts: report", "policy.mta_sts needs policy.domain"),
    ("tls_rpt: require", "policy.tls_rpt needs policy.domain"),
    ("domain: 192.0.2.1", "policy.domain is an address"),
    ("resolver: unbound.example.com", "policy.resolver must be an address"),
    ("ca_file: /nonexistent/ca.pem", "policy.ca_file: cannot read /nonexistent/ca.pem"),
    ("danes: off", "unknown key 'danes'"),
  ])
  func badSettingIsToldInOneLine(_ setting: String, _ words: String) {
    #expect {
      try Settings.parse(yaml: "targets: [{host: mx.example.com, policy: {\(setting)}}]")
    } throws: { error in "\(error)".contains(words) }
  }

  @Test(arguments: [
    ("ca_dir: /nonexistent", "tls.ca_dir /nonexistent is no directory"),
    ("crl_file: /etc/passwd", "tls.crl_file: /etc/passwd has no revocation list in it"),
    ("ocsp: must", "tls.ocsp must be off, report or require, found 'must'"),
    ("ciphers: 'a b'", "tls.ciphers must be a list of ciphers"),
  ])
  func badMaterialOfTLSIsToldInOneLine(_ setting: String, _ words: String) {
    #expect {
      try Settings.parse(yaml: "targets: [{host: mx.example.com, tls: {\(setting)}}]")
    } throws: { error in "\(error)".contains(words) }
  }
}
