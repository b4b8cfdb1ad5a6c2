import Model
import Testing

@testable import Configuration

private let sample = """
  modules:
    login:
      timeout: 4s
      timeouts: { dns: 1s, reply: 500ms }
      diagnosis: active
      checks: [proxy_header, starttls_injection]
      tls: { mode: implicit, min_version: TLS12, server_name: mail.example.com }
      auth: { username: "plunk:\\"x\\"", password: zebra-4711-secret, mechanism: LOGIN }
      expect: { banner: "^mail", capabilities: [STARTTLS, AUTH PLAIN], reject: auth }
      slow_after: 3s
    open: { ehlo: monitor.example.net }
  targets:
    - { name: "a: b\\n# c", host: mail.example.com, module: login, group: own, labels: { team: mail, no: "yes" } }
  """

@Test func `the text of a configuration says the same and no secret`() throws {
  let yaml =
    sample.replacing("\\n# c", with: " # c") + """

        - { name: v6, host: "2001:db8::1", port: 25, interval: 90s, tls: { mode: none, min_version: null } }
        - { name: without, host: b.example.com, module: login, auth: null, timeouts: null, slow_after: null }
        - name: sends
          host: c.example.com
          port: 465
          module: open
          auth: { username: u, password: "p$${x}", allow_plaintext: true }
          envelope: { from: "", to: sink@example.net }
          send: { from: a@example.net, to: b@example.net, every: 20m, subject: "$${not} expanded" }
      probe: { allow: [configured, "*.example.org"] }
      limits: { in_flight: 7 }
      history: { transcripts: 0 }
      network_check: ["[2001:db8::2]:53", "192.0.2.1:53"]
      """
  var settings = try Settings.parse(yaml: yaml).settings
  let text = settings.text
  #expect(!text.contains("zebra") && text.contains("password: \"<secret>\""))
  var again = try Settings.parse(yaml: text).settings
  settings.hideSecrets()
  again.hideSecrets()
  #expect(again == settings)
  #expect(again.text == text)
}

@Test func `the text of an empty configuration can be read`() throws {
  let text = Settings().text
  #expect(try Settings.parse(yaml: text).settings == Settings())
}

extension Settings {
  fileprivate mutating func hideSecrets() {
    let hidden = LoginProof.password(Secret("hidden"))
    for index in targets.indices { targets[index].settings.auth?.proof = hidden }
    for name in modules.keys { modules[name]?.auth?.proof = hidden }
  }
}
