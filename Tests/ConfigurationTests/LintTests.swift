import Testing

@testable import Configuration

private let notMail = "submission is 587 with starttls or 465 with implicit"
private let ehloCure = "many servers refuse it; use a name of the DNS"
private let intervalCure = "a probe that takes its whole timeout makes the next one late"

/// The findings of a target of which the last settings, from line 5 on, are `setting`.
private func lint(_ setting: String) -> [String] {
  let host = setting.hasPrefix("host:") ? "" : "host: mail.example.com"
  return findings(
    """
    modules: { m: { auth: { username: u, password_env: PLANT } } }
    targets:
    - module: m
      \(host)
      \(setting)
    """)
}

@Test(arguments: [
  ("port: 456", "5:9", "port 456 is not a port of mail (did you mean 465?)"),
  ("port: 578", "5:9", "port 578 is not a port of mail (did you mean 587?)"),
  ("port: 857", "5:9", "port 857 is not a port of mail (did you mean 587?)"),
  ("port: 5877", "5:9", "port 5877 is not a port of mail (did you mean 587?)"),
  ("port: 52", "5:9", "port 52 is not a port of mail (did you mean 25?)"),
  ("port: 2552", "5:9", "port 2552 is not a port of mail (did you mean 2525?)"),
  ("port: 993", "5:9", "port 993 is IMAP over TLS, not SMTP (\(notMail))"),
  ("port: 443", "5:9", "port 443 is HTTPS, not SMTP (\(notMail))"),
  (
    "port: 587\n  tls: { mode: implicit }", "5:9",
    "port 587 begins in clear and is upgraded by STARTTLS, but tls.mode is implicit"
      + " (set tls.mode to starttls, or use port 465)"
  ),
  (
    "port: 2587\n  tls: { mode: implicit }", "5:9",
    "port 2587 begins in clear and is upgraded by STARTTLS, but tls.mode is implicit"
      + " (set tls.mode to starttls, or use port 2465)"
  ),
  (
    "port: 465\n  tls: { mode: starttls }", "5:9",
    "port 465 speaks TLS from the first byte, but tls.mode is starttls"
      + " (set tls.mode to implicit, or use port 587)"
  ),
  (
    "port: 2465", "5:9",
    "port 2465 speaks TLS from the first byte, but tls.mode is starttls"
      + " (set tls.mode to implicit, or use port 2587)"
  ),
  (
    "tls: { mode: none }", "5:16",
    "auth without TLS: the probe will refuse to log in (set tls.mode to starttls or implicit)"
  ),
  (
    "tls: { mode: none }\n  auth: { allow_plaintext: true }", "5:16",
    "auth without TLS: the password crosses the network in clear (set tls.mode to starttls or implicit)"
  ),
  (
    "tls: { mode: opportunistic }\n  auth: { allow_plaintext: true }", "5:16",
    "auth with opportunistic TLS: who strips STARTTLS gets the password in clear"
      + " (set tls.mode to starttls, or auth.allow_plaintext to false)"
  ),
  (
    "tls: { insecure_skip_verify: true }", "5:32",
    "tls.insecure_skip_verify forgives every certificate, and the password goes to whoever answers"
      + " (name the authority with tls.ca_file, or the certificate's name with tls.server_name)"
  ),
  (
    "checks: [proxy_header]\n  diagnosis: passive", "6:14",
    "checks (proxy_header) are not made with diagnosis: passive (set diagnosis to active, or remove checks)"
  ),
  ("ehlo: localhost", "5:9", "ehlo 'localhost' is no full name (\(ehloCure))"),
  (
    "ehlo: localhost.localdomain", "5:9",
    "ehlo 'localhost.localdomain' names no host that others know (\(ehloCure))"
  ),
  ("interval: 5s", "5:13", "interval 5s is shorter than timeout 10s (\(intervalCure))"),
  ("timeout: 1m", "5:12", "interval 30s is shorter than timeout 1m (\(intervalCure))"),
  (
    "send: { from: a@example.net, to: b@example.net, every: 1m, max_per_day: 1440 }", "5:58",
    "send.every 1m: a real message more often than every 5m"
      + " (providers take that for spam; 15m is the default)"
  ),
  (
    "send: { from: a@example.net, to: b@example.net, every: 1s }", "5:58",
    "send.every 1s makes 86400 messages a day, and send.max_per_day is 300: the rest are left out"
      + " (set send.every to 5m or more: providers take more for spam)"
  ),
  (
    "send: { from: a@example.net, to: b@example.net, max_per_day: 10 }", "5:64",
    "send.every 15m makes 96 messages a day, and send.max_per_day is 10: the rest are left out"
      + " (set send.every to 144m or more: providers take more for spam)"
  ),
  (
    "host: smtp.sendgrid.net", "1:35",
    "auth.username is not 'apikey' (at SendGrid the user is the word apikey, the password an API key)"
  ),
  (
    "host: smtp.UsePlunk.com", "1:35",
    "auth.username is not 'plunk' (at Plunk the user is the word plunk, the password a secret key)"
  ),
  (
    "host: email-smtp.eu-west-1.amazonaws.com", "1:35",
    "auth.username is no SMTP credential of Amazon SES (it has 20 letters from AKIA on; the SES console"
      + " makes one)"
  ),
  (
    "host: smtp.office365.com", "1:35",
    "auth.username has no '@' (this provider wants the whole address, USER@DOMAIN)"
  ),
])
func `what mail does not like is warned of`(setting: String, place: String, message: String) {
  #expect(lint(setting) == ["config.yml:\(place): warning: \(message)"])
}

@Test(arguments: [
  "port: 587", "port: 465", "port: 25", "port: 2525", "port: 2587", "port: 26", "port: 24\n  auth: ~",
  "port: 10025", "port: 1025", "port: 35", "port: 2465\n  tls: { mode: implicit }",
  "port: 25\n  tls: { mode: none }\n  auth: null", "ehlo: monitor.example.net", "ehlo: '[192.0.2.1]'",
  "interval: 10s", "send: { from: a@example.net, to: b@example.net, every: 5m }",
  "host: smtp.sendgrid.net\n  auth: { username: apikey }", "host: notsendgrid.net",
  "host: smtp.useplunk.com\n  auth: { username: plunk }", "tls: { mode: opportunistic }",
  "host: email-smtp.eu-west-1.amazonaws.com\n  auth: { username: AKIAIOSFODNN7EXAMPLE }",
])
func `what mail likes is not warned of`(setting: String) {
  #expect(lint(setting) == [])
}

@Test func `a module's oddities are told once, used or not`() {
  let yaml = """
    modules:
      used: { ehlo: localhost, auth: { username: u, password: \(plant) } }
      free: { tls: { insecure_skip_verify: true } }
    targets: [{ host: a.example, module: used }, { host: b.example, module: used }]
    """
  #expect(
    findings(yaml) == [
      "config.yml:2:17: warning: ehlo 'localhost' is no full name (\(ehloCure))",
      "config.yml:2:59: warning: auth.password stands in the configuration itself"
        + " (use auth.password_file or auth.password_env)",
      "config.yml:3:40: warning: tls.insecure_skip_verify forgives every certificate"
        + " (name the authority with tls.ca_file, or the certificate's name with tls.server_name)",
    ])
}

@Test func `many targets on one host are warned of at the first too many`() {
  let yaml = """
    limits: { per_address: 2 }
    targets:
    - { name: a, host: mail.example.com }
    - { name: b, host: MAIL.example.com., port: 25 }
    - { name: c, host: mail.example.com, port: 465 }
    - { name: d, host: other.example.com }
    """
  #expect(
    findings(yaml) == [
      "config.yml:5:20: warning: 3 targets probe mail.example.com, more than limits.per_address"
        + " (2 at once are let through; many servers ban who knocks more often)"
    ])
}
