import Loop
import Model

/// One server of the demonstration: what it does, how it is watched, and the reason that this shows.
struct DemoRole {
  static let host = "mail.example.test"

  let name: String
  let script: String
  let shows: Reason
  var mode = TLSMode.starttls
  var logsIn = false
  var checksEnvelope = false
  var slowAfter: Duration?

  /// What every target of the demonstration has in common.
  static var module: ProbeSettings {
    var settings = ProbeSettings()
    settings.timeout = .seconds(4)
    settings.timeouts.banner = .seconds(2)
    settings.retries = 0
    settings.ehlo = "monitor.example.net"
    settings.tls.serverName = host
    return settings
  }

  /// The target that watches the server at an address.
  func target(at address: SocketAddress) -> Target {
    var settings = Self.module
    settings.tls.mode = mode
    settings.slowAfter = slowAfter
    if logsIn {
      settings.auth = AuthSettings(
        username: shows == .ok ? "demo" : "stranger", password: Secret("demo-password"))
    }
    if checksEnvelope { settings.envelope = Envelope(from: "probe@example.net", to: "sink@example.test") }
    return Target(
      name: name, host: address.text, port: Int(address.port), module: "demo", interval: .seconds(10),
      group: shows == .ok ? "healthy" : "broken on purpose", labels: [("shows", shows.slug)],
      settings: settings)
  }

  private static let greeting = #"S"220 mail.example.test ESMTP""#
  private static let upgrade = #"\#(greeting) R(EHLO) E R(STARTTLS) S"220 2.0.0 Ready to start TLS""#

  /// Everything that the demonstration shows.
  static let all = [
    DemoRole(name: "healthy-starttls", script: "\(greeting) OK", shows: .ok, logsIn: true),
    DemoRole(
      name: "healthy-implicit", script: "T(good) \(greeting) OK", shows: .ok, mode: .implicit, logsIn: true),
    DemoRole(
      name: "tls-on-starttls-port", script: "\(greeting) OK", shows: .portSpeaksPlaintext, mode: .implicit),
    DemoRole(name: "starttls-on-tls-port", script: "T(good) \(greeting) OK", shows: .portExpectsTls),
    DemoRole(name: "expired-certificate", script: "\(upgrade) T(expired) OK", shows: .certExpired),
    DemoRole(name: "wrong-name", script: "\(upgrade) T(wronghost) OK", shows: .certNameMismatch),
    DemoRole(
      name: "rejected-login",
      script: """
        \(upgrade) T(good) R(EHLO) E R(AUTH PLAIN) S"535 5.7.8 Error: authentication failed" OK
        """, shows: .authRejected, logsIn: true),
    DemoRole(
      name: "greylisting",
      script: """
        \(upgrade) T(good) R(EHLO) E R(MAIL) S"250 2.1.0 Ok" \
        R(RCPT) S"450 4.2.0 <sink@example.test>: Recipient address rejected: Greylisted" OK
        """, shows: .greylisted, checksEnvelope: true),
    DemoRole(
      name: "slow", script: "W(1) \(greeting) OK", shows: .slow, slowAfter: .milliseconds(500)),
    DemoRole(name: "silent", script: "H", shows: .bannerTimeout, mode: .none),
    DemoRole(name: "closing", script: "F", shows: .connClosed, mode: .none),
  ]
}
