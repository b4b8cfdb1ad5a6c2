import Model
import Testing

@testable import Configuration

private let send = "send: { from: a@example.net, to: b@example.net }"
private let login = "host: imap.example.net, username: u, password_env: PLANT"

/// The delivery of a target with these settings of it.
private func delivery(_ settings: String, in folder: Folder? = nil) throws -> DeliverySettings? {
  try Settings.parse(
    yaml: "targets: [{ host: mail.example.com, \(send), delivery: { \(settings) } }]",
    directory: folder?.path ?? "", environment: ["PLANT": plant]
  ).settings.targets.first?.settings.delivery
}

private func mailbox(_ settings: String, in folder: Folder? = nil) throws -> IMAPSettings? {
  guard case .imap(let imap)? = try delivery("imap: { \(settings) }", in: folder)?.mailbox else { return nil }
  return imap
}

@Test func `what is not said of a delivery is as documented`() throws {
  let settings = try #require(try delivery("maildir: /var/mail/probe"))
  #expect(settings == DeliverySettings(mailbox: .maildir("/var/mail/probe")))
  #expect(settings.lateAfter == .seconds(300) && settings.lostAfter == .seconds(3600))
  #expect(settings.pollInterval == .seconds(30) && settings.key == nil)
}

@Test func `every setting of a delivery is read`() throws {
  let folder = try Folder(["key": "0123456789abcdef0123456789abcdef\n"])
  let settings = try #require(
    try delivery(
      "lmtp_listen: '[::1]:1024', late_after: 2m, lost_after: 10m, poll_interval: 5s, key_file: key",
      in: folder))
  #expect(settings.mailbox == .lmtp(host: "::1", port: 1024))
  #expect(settings.lateAfter == .seconds(120) && settings.lostAfter == .seconds(600))
  #expect(settings.pollInterval == .seconds(5))
  #expect(settings.key == Secret("0123456789abcdef0123456789abcdef"))
}

@Test func `an account is read with its port, its way of TLS and its folders`() throws {
  let plain = try #require(try mailbox(login))
  #expect(
    plain == IMAPSettings(host: "imap.example.net", port: 993, username: "u", proof: .password(Secret(plant)))
  )
  #expect(try mailbox("\(login), tls: starttls")?.port == 143)
  let whole = try mailbox("\(login), port: 1993, folders: [INBOX, Bulk]")
  #expect(whole?.port == 1993 && whole?.folders == ["INBOX", "Bulk"])
}

@Test func `an account is opened with a token, or with one that is got`() throws {
  let folder = try Folder(["token": "\(plant)\n", "secret": "\(plant)\n"])
  let account = "host: imap.example.net, username: u"
  #expect(try mailbox("\(account), token_file: token", in: folder)?.proof == .token(Secret(plant)))
  let grant = "oauth2: { token_url: https://id.example.com/t, client_id: c, client_secret_file: secret }"
  #expect(
    try mailbox("\(account), \(grant)", in: folder)?.proof
      == .grant(
        TokenGrant(
          url: "https://id.example.com/t", kind: .clientCredentials, clientID: "c",
          clientSecret: Secret(plant))))
}

@Test func `the text of a delivery shows no secret`() throws {
  let folder = try Folder(["token": "\(plant)\n", "key": "\(plant)-\(plant)\n"])
  for proof in ["password_env: PLANT", "token_file: token"] {
    let yaml = """
      targets: [{ host: mail.example.com, \(send), delivery: { key_file: key,
        imap: { host: imap.example.net, username: u, \(proof) } } }]
      """
    let text = try Settings.parse(yaml: yaml, directory: folder.path, environment: ["PLANT": plant]).settings
      .text
    #expect(text.contains("imap.example.net") && text.contains("<secret>") && !text.contains(plant))
  }
}

@Test(arguments: [
  (
    "maildir: /m, lmtp_listen: '127.0.0.1:24'",
    "6:15: delivery has maildir and lmtp_listen (set one of imap, maildir and lmtp_listen)"
  ),
  ("late_after: 1m", "6:15: delivery has no mailbox (set one of imap, maildir and lmtp_listen)"),
  ("maildir: /m, late_aftr: 1m", "6:30: unknown key 'late_aftr' (did you mean 'late_after'?)"),
  ("maildir: ''", "6:26: delivery.maildir is empty (name a file)"),
  (
    "lmtp_listen: 127.0.0.1",
    "6:30: delivery.lmtp_listen has an address without a port (such as 127.0.0.1:1024)"
  ),
  (
    "lmtp_listen: 'localhost:24'",
    "6:30: delivery.lmtp_listen must begin with an IP address (such as 127.0.0.1:24 or [::1]:24)"
  ),
  ("maildir: /m, late_after: 500ms", "6:42: delivery.late_after must be at least 1s, found '500ms'"),
  (
    "maildir: /m, lost_after: soon",
    "6:42: delivery.lost_after must be a number with a unit, found 'soon' (such as 500ms, 30s, 5m, 1h or 14d)"
  ),
  (
    "maildir: /m, lost_after: 1m",
    "6:42: delivery.lost_after 1m is shorter than late_after 5m (a message is late before it is lost)"
  ),
  (
    "maildir: /m, late_after: 2h",
    "6:42: delivery.lost_after 1h is shorter than late_after 2h (a message is late before it is lost)"
  ),
  ("maildir: /m, poll_interval: 0s", "6:45: delivery.poll_interval must be at least 1s, found '0s'"),
  (
    "maildir: /m, key_file: short",
    "6:40: delivery.key_file has fewer than 16 bytes (make one: openssl rand -hex 32 > FILE)"
  ),
  (
    "imap: { username: u, password_env: PLANT }",
    "6:23: delivery.imap.host is missing (a mailbox has a host and a user)"
  ),
  (
    "imap: { host: imap.example.net, password_env: PLANT }",
    "6:23: delivery.imap.username is missing (a mailbox has a host and a user)"
  ),
  (
    "imap: { host: imap.example.net, username: u }",
    "6:23: delivery.imap has no password (set delivery.imap.password_file or password_env, or for OAuth token_file or oauth2)"
  ),
  (
    "imap: { host: imap.example.net, username: u, password_env: PLANT, token_file: short }",
    "6:23: delivery.imap has password_env and token_file (keep one of them)"
  ),
  ("imap: { \(login), tls: none }", "6:88: delivery.imap.tls must be implicit or starttls"),
  ("imap: { \(login), port: 0 }", "6:89: delivery.imap.port must be a whole number 1-65535"),
  (
    "imap: { \(login), folders: ['a\"b'] }",
    "6:93: delivery.imap.folders must be names of folders as the server lists them (such as [INBOX, Junk])"
  ),
  ("imap: { \(login), mechanism: PLAIN }", "6:83: unknown key 'mechanism' (it belongs under 'auth')"),
  (
    "imap: { host: imap.example.net, username: u, oauth2: { client_id: c, client_secret_env: PLANT } }",
    "6:70: delivery.imap.oauth2.token_url is missing (oauth2 has both)"
  ),
  (
    "imap: { host: imap.example.net, username: u, oauth2: { token_url: 'https://id.example.com/', client_id: c } }",
    "6:70: delivery.imap.oauth2 has neither a client secret nor a refresh token (set client_secret_file, and refresh_token_file where a person has signed in)"
  ),
  (
    "imap: { host: imap.example.net, username: u, oauth2: { token_url: 'http://id.example.com/', client_id: c, client_secret_env: PLANT } }",
    "6:83: delivery.imap.oauth2.token_url would send secrets over the network in clear (use https://)"
  ),
])
func `a setting that cannot be is told in one line`(setting: String, finding: String) throws {
  let folder = try Folder(["short": "0123456789\n"])
  let found = findings(target: send, "delivery: { \(setting) }", directory: folder.path)
  #expect(found == ["config.yml:\(finding)"])
}

@Test func `a delivery without send looks for nothing`() {
  #expect(
    findings(target: "delivery: { maildir: /m }")
      == ["config.yml:5:15: delivery needs send (it looks for the messages that send sends)"])
}

@Test(arguments: ["100/d", "0", "10001", "-1", "many"])
func `a limit of messages is a whole number of them a day`(limit: String) {
  #expect(
    findings(target: "send: { from: '', to: a@example.net, max_per_day: \(limit) }")
      == ["config.yml:5:55: send.max_per_day must be a whole number 1-10000, found '\(limit)'"])
}

@Test(arguments: ["0", "many"])
func `a limit of messages that cannot be used is not held against their period`(limit: String) {
  #expect(
    findings(target: "send: { from: '', to: a@example.net, every: 1m, max_per_day: \(limit) }")
      == ["config.yml:5:66: send.max_per_day must be a whole number 1-10000, found '\(limit)'"])
}

@Test func `a limit of messages that fits its period is taken without a word`() throws {
  let yaml = "targets: [{ host: mail.example.com, send: { from: a@x.net, to: b@x.net, max_per_day: 96 } }]"
  let loaded = try Settings.parse(yaml: yaml)
  #expect(loaded.settings.targets.first?.settings.send?.maxPerDay == 96 && loaded.warnings.isEmpty)
  #expect(loaded.settings.text.contains("max_per_day: 96"))
}
