import Foundation
import Model
import Testing

@testable import Configuration

@Test func `a full configuration becomes settings`() throws {
  let folder = try Folder([
    "secrets/plunk": "\(plant)\n", "ca.pem": "-----BEGIN CERTIFICATE-----\n",
    "client.pem": "-----BEGIN CERTIFICATE-----\n", "client.key": "-----BEGIN PRIVATE KEY-----\n",
    "smtpwatch.yml": """
    modules:
      submission:
        timeout: 10s
        timeouts: { dns: 5s, connect: 4s, tls: 3s, banner: 2s, reply: 1s, message: 60s }
        diagnosis: passive
        tls:
          mode: implicit
          min_version: TLS12
          max_version: TLS13
          ca_file: ca.pem
          server_name: mail.example.com
          cert_file: client.pem
          key_file: client.key
          insecure_skip_verify: false
        ehlo: monitor.example.net
        ip: 4
        retries: 3
        retry_backoff: 500ms
        auth:
          username: plunk
          password_file: secrets/plunk
          mechanism: CRAM-MD5
          allow_plaintext: false
        envelope: { from: probe@example.net, to: sink@example.net }
        send: { from: probe@example.net, to: sink@example.net, every: 1h, subject: Hello }
        expect: { banner: "ESMTP|SMTP", capabilities: [STARTTLS, "AUTH PLAIN"], reject: auth }
        slow_after: 3s
        cert_expiry_warning: 7d
    targets:
      - name: plunk
        host: smtp.useplunk.com.
        port: 465
        module: submission
        interval: 1m
        group: providers
        labels: { team: messaging, area: "7" }
    history: { results: 100, transcripts: 5 }
    probe: { allow: [configured, "*.Example.com"] }
    limits: { in_flight: 50, per_address: 2 }
    metrics: { collect: [results, counters] }
    network_check: ["one.example.net:25", "[2001:db8::1]:587"]
    """,
  ])
  let loaded = try Settings.load(file: "\(folder.path)/smtpwatch.yml", environment: [:])
  #expect(loaded.warnings == [])
  let settings = loaded.settings

  var module = ProbeSettings()
  module.timeouts.dns = .seconds(5)
  module.timeouts.connect = .seconds(4)
  module.timeouts.tls = .seconds(3)
  module.timeouts.banner = .seconds(2)
  module.timeouts.reply = .seconds(1)
  module.timeouts.message = .seconds(60)
  module.diagnosis = .passive
  module.tls.mode = .implicit
  module.tls.minVersion = .tls12
  module.tls.maxVersion = .tls13
  module.tls.caFile = "\(folder.path)/ca.pem"
  module.tls.serverName = "mail.example.com"
  module.tls.certFile = "\(folder.path)/client.pem"
  module.tls.keyFile = "\(folder.path)/client.key"
  module.ehlo = "monitor.example.net"
  module.addresses = .ipv4
  module.retries = 3
  module.retryBackoff = .milliseconds(500)
  module.auth = AuthSettings(
    username: "plunk", proof: .password(Secret(plant)), secretFile: "\(folder.path)/secrets/plunk",
    mechanism: .cramMD5)
  module.envelope = Envelope(from: "probe@example.net", to: "sink@example.net")
  module.send = SendSettings(
    envelope: Envelope(from: "probe@example.net", to: "sink@example.net"), every: .seconds(3600),
    subject: "Hello")
  module.expect.banner = "ESMTP|SMTP"
  module.expect.capabilities = ["STARTTLS", "AUTH PLAIN"]
  module.expect.reject = .auth
  module.slowAfter = .seconds(3)
  module.certExpiryWarning = .seconds(7 * 86_400)
  #expect(settings.modules == ["default": ProbeSettings(), "submission": module])
  #expect(
    settings.targets == [
      Target(
        name: "plunk", host: "smtp.useplunk.com", port: 465, module: "submission", interval: .seconds(60),
        group: "providers", labels: [("area", "7"), ("team", "messaging")], settings: module)
    ])
  #expect(settings.history.results == 100)
  #expect(settings.history.transcripts == 5)
  #expect(settings.limits.inFlight == 50)
  #expect(settings.limits.perAddress == 2)
  #expect(settings.metricGroups == [.results, .counters])
  #expect(
    settings.networkCheck == [
      HostPort(host: "one.example.net", port: 25), HostPort(host: "2001:db8::1", port: 587),
    ])
  #expect(settings.allowance.permits(host: "MAIL.example.com", isConfigured: false))
  #expect(!settings.allowance.permits(host: "mail.example.net", isConfigured: false))
  #expect(settings.allowance.permits(host: "mail.example.net", isConfigured: true))
  let names = ["smtpwatch.yml", "ca.pem", "client.pem", "client.key", "secrets/plunk"]
  #expect(settings.files == names.map { "\(folder.path)/\($0)" })
}

@Test func `a target with a host alone has the defaults`() throws {
  let settings = try Settings.parse(yaml: "targets: [{ host: mail.example.com }]").settings
  #expect(settings.targets == [Target(name: "mail.example.com", host: "mail.example.com", port: 587)])
  #expect(settings.limits.inFlight == 1000)
  #expect(settings.limits.perAddress == 4)
  #expect(settings.history.results == 512)
  #expect(settings.history.transcripts == 20)
  #expect(settings.allowance == ProbeAllowance())
}

@Test(arguments: [
  ("port: 465", 465, TLSMode.implicit, Dialect.smtp), ("port: 24", 24, .none, .lmtp),
  ("port: 2525", 2525, .starttls, .smtp), ("tls: { mode: implicit }", 465, .implicit, .smtp),
  ("tls: { mode: none }", 25, .none, .smtp), ("tls: { mode: opportunistic }", 25, .opportunistic, .smtp),
  ("tls: { mode: null }, port: 465", 465, .implicit, .smtp),
  ("tls: { mode: implicit }, port: 587", 587, .implicit, .smtp),
])
func `port and mode follow each other where one is left out`(
  lines: String, port: Int, mode: TLSMode, dialect: Dialect
) throws {
  let target = try #require(
    try Settings.parse(yaml: "targets: [{ host: a.example.com, \(lines) }]").settings.targets.first)
  #expect(target.port == port)
  #expect(target.settings.tls.mode == mode)
  #expect(target.dialect == dialect)
}

@Test func `a target's setting goes before its module's, and leaves the module's others`() throws {
  let settings = try Settings.parse(
    yaml: """
      modules:
        m:
          timeout: 7s
          retries: 0
          tls: { mode: starttls, min_version: TLS12 }
          auth: { username: u, password_env: A }
          slow_after: 1s
      targets:
        - { name: as-it-is, host: a.example.com, module: m }
        - name: changed
          host: b.example.com
          module: m
          timeout: 3s
          tls: { mode: implicit }
          auth: { password_env: B }
          slow_after: null
        - { name: without-login, host: c.example.com, module: m, auth: ~ }
      """, environment: ["A": "first", "B": "second"]
  ).settings
  let (plain, changed, silent) = (settings.targets[0], settings.targets[1], settings.targets[2])
  #expect(plain.settings.value == settings.modules["m"])
  #expect(plain.settings.auth?.proof == .password(Secret("first")))
  #expect(changed.settings.timeout == .seconds(3))
  #expect(changed.settings.retries == 0)
  #expect(changed.settings.tls.mode == .implicit)
  #expect(changed.settings.tls.minVersion == .tls12)
  #expect(changed.settings.auth == AuthSettings(username: "u", password: Secret("second")))
  #expect(changed.settings.slowAfter == nil)
  #expect(silent.settings.auth == nil)
}

@Test func `a module may leave to its targets what a login needs`() throws {
  let settings = try Settings.parse(
    yaml: """
      modules: { m: { auth: { password_env: A } } }
      targets: [{ host: a.example.com, module: m, auth: { username: u } }]
      """, environment: ["A": "first"]
  ).settings
  #expect(settings.targets[0].settings.auth == AuthSettings(username: "u", password: Secret("first")))
  #expect(settings.modules["m"]?.auth == nil)
}

@Test func `the module named default is every target's`() throws {
  let yaml = "{ modules: { default: { retries: 0 } }, targets: [{ host: a.example.com }] }"
  let target = try Settings.parse(yaml: yaml).settings.targets[0]
  #expect(target.settings.retries == 0)
  #expect(target.module == "default")
}

@Test func `variables are put in, but for passwords`() throws {
  let settings = try Settings.parse(
    yaml: """
      targets:
        - name: "${TEAM}-$${TEAM}-$x"
          host: ${HOST}
          port: ${PORT}
          auth: { username: "${TEAM}", password: "${TEAM}" }
      """, environment: ["TEAM": "red", "HOST": "mail.example.com", "PORT": "2525"]
  ).settings
  #expect(settings.targets[0].name == "red-${TEAM}-$x")
  #expect(settings.targets[0].host == "mail.example.com")
  #expect(settings.targets[0].port == 2525)
  #expect(settings.targets[0].settings.auth == AuthSettings(username: "red", password: Secret("${TEAM}")))
}

@Test func `anchors and merge keys work as in YAML`() throws {
  let settings = try Settings.parse(
    yaml: """
      modules:
        a: &a { timeout: 3s, retries: 0 }
        b: { <<: *a, retries: 2 }
      """
  ).settings
  #expect(settings.modules["b"]?.timeout == .seconds(3))
  #expect(settings.modules["b"]?.retries == 2)
}

@Test func `target files are lists of targets, in the order of their names`() throws {
  let folder = try Folder([
    "main.yml":
      "modules: { m: { retries: 0 } }\ntarget_files: [targets.d/*.yml, targets.d/a*]\n"
      + "targets: [{ host: z.example.com }]",
    "targets.d/b.yml": "- { host: b.example.com, module: m }",
    "targets.d/a.yml": "- host: a.example.com\n- host: a2.example.com",
    "targets.d/empty.yml": "# nothing yet\n",
    "targets.d/.hidden.yml": "- nonsense",
    "targets.d/other.txt": "- nonsense",
  ])
  let loaded = try Settings.load(file: "\(folder.path)/main.yml", environment: [:])
  #expect(loaded.settings.targets.map(\.name) == ["z", "a", "a2", "b"].map { "\($0).example.com" })
  #expect(loaded.settings.targets[3].settings.retries == 0)
  #expect(
    loaded.settings.files
      == ["main.yml", "targets.d/a.yml", "targets.d/b.yml", "targets.d/empty.yml"]
      .map { "\(folder.path)/\($0)" })
  #expect(
    loaded.settings.targetFilePatterns == ["*.yml", "a*"].map { Glob("\(folder.path)/targets.d/\($0)") })
}

@Test func `faults of target files are told with their own places`() throws {
  let folder = try Folder([
    "main.yml": "target_files: [a.yml, none*.yml]\ntargets: [{ host: a.example.com }]\nlimit: {}\n",
    "a.yml": "- host: a.example.com\n- hots: b.example.com\n",
  ])
  let error = #expect(throws: ConfigurationError.self) {
    try Settings.load(file: "\(folder.path)/main.yml", environment: [:])
  }
  #expect(
    error?.findings.map(\.description).joined(separator: "\n")
      == """
      P/main.yml:1:15: warning: target_files: no file fits P/none*.yml
      P/main.yml:3:1: unknown key 'limit' (did you mean 'limits'?)
      P/a.yml:1:3: the target name 'a.example.com' is taken at P/main.yml:2:11 (give each target a name)
      P/a.yml:2:3: unknown key 'hots' (did you mean 'host'?)
      P/a.yml:2:3: a target has no host (name the mail server: host: mail.example.com)
      """.replacing("P/", with: "\(folder.path)/"))
}

@Test func `a file that cannot be read says why`() throws {
  let folder = try Folder(["latin.yml": "ok: 1\n"])
  try Data([0x61, 0x3A, 0x0A, 0xE9, 0x0A]).write(to: URL(fileURLWithPath: "\(folder.path)/latin.yml"))
  let faults = [
    ("none.yml", "cannot be read: there is no such file (errno 2)"),
    ("", "cannot be read: it is a directory (errno 21)"),
    ("latin.yml", "has bytes that are not UTF-8 (save it as UTF-8)"),
  ]
  for (name, message) in faults {
    let error = #expect(throws: ConfigurationError.self) {
      try Settings.load(file: "\(folder.path)/\(name)", environment: [:])
    }
    let place = name == "latin.yml" ? ":2:1" : ""
    #expect(error?.description == "\(folder.path)/\(name)\(place): \(message)")
  }
}

@Test func `one probe of an endpoint takes its module's settings and the right mode`() throws {
  let settings = try Settings.parse(
    yaml: "{ modules: { free: { retries: 0 }, fixed: { tls: { mode: none } } } }"
  ).settings
  func mode(_ text: String, _ module: String) throws -> TLSMode? {
    guard case .server(let server) = try Endpoint.parse(text) else { return nil }
    return settings.target(for: server, module: module)?.settings.tls.mode
  }
  #expect(try mode("a.example.com:465", "free") == .implicit)
  #expect(try mode("a.example.com:465", "fixed") == TLSMode.none)
  #expect(try mode("smtps://a.example.com", "fixed") == .implicit)
  #expect(try mode("a.example.com", "default") == .starttls)
  #expect(try mode("a.example.com", "unknown") == nil)
}
