import Model
import Testing

@testable import Configuration

@Test func `a server in the environment is one target named after it`() throws {
  let folder = try Folder(["password": "\(plant)\r\n"])
  let loaded = try #require(
    try Settings.fromEnvironment([
      "SMTP_SERVER": "mail.example.com", "SMTP_PORT": "465", "SMTP_USER": "u",
      "SMTP_PASSWORD_FILE": "\(folder.path)/password",
    ]))
  var settings = ProbeSettings()
  settings.tls.mode = .implicit
  settings.auth = AuthSettings(
    username: "u", proof: .password(Secret(plant)), secretFile: "\(folder.path)/password")
  #expect(
    loaded.settings.targets == [
      Target(name: "mail.example.com", host: "mail.example.com", port: 465, settings: settings)
    ])
  #expect(loaded.settings.files == ["\(folder.path)/password"])
  #expect(loaded.warnings == [])
}

@Test func `without a server the environment says nothing`() throws {
  #expect(try Settings.fromEnvironment(["SMTP_PORT": "465"]) == nil)
}

@Test func `what compose files leave empty counts as not set`() throws {
  let loaded = try Settings.fromEnvironment([
    "SMTP_SERVER": "mail.example.com", "SMTP_PORT": "", "SMTP_USER": "", "SMTP_PASSWORD": "",
    "SMTP_PASSWORD_FILE": "",
  ])
  #expect(loaded?.settings.targets == [Target(name: "mail.example.com", host: "mail.example.com", port: 587)])
}

@Test(arguments: [
  (["SMTP_SERVER": "x "], "environment: SMTP_SERVER has a blank ' ' at its end (remove it)"),
  (["SMTP_SERVER": ""], "environment: SMTP_SERVER is empty (name the mail server: mail.example.com)"),
  (
    ["SMTP_SERVER": "a.example", "SMTP_PORT": "smtp"],
    "environment: SMTP_PORT must be a whole number 1-65535, found 'smtp'"
  ),
  (
    ["SMTP_SERVER": "a.example:25", "SMTP_PORT": "587"],
    "environment: SMTP_SERVER names port 25 and SMTP_PORT 587 (keep one)"
  ),
  (
    ["SMTP_SERVER": "a.example", "SMTP_USER": "u"],
    "environment: SMTP_USER is set without a password (set SMTP_PASSWORD_FILE or SMTP_PASSWORD)"
  ),
  (
    ["SMTP_SERVER": "a.example", "SMTP_PASSWORD": plant],
    "environment: a password is set without SMTP_USER (set SMTP_USER)"
  ),
  (
    ["SMTP_SERVER": "a.example", "SMTP_USER": "u", "SMTP_PASSWORD": plant, "SMTP_PASSWORD_FILE": "f"],
    "environment: both SMTP_PASSWORD and SMTP_PASSWORD_FILE are set (keep one)"
  ),
  (
    ["SMTP_SERVER": "a.example", "SMTP_USER": "u", "SMTP_PASSWORD_FILE": "/nowhere/f"],
    "environment: SMTP_PASSWORD_FILE: cannot read /nowhere/f: there is no such file (errno 2)"
  ),
  (
    ["SMTP_SERVER": "a.example", "SMTP_USER": "u", "SMTP_PASSWORD": ""],
    "environment: SMTP_PASSWORD: the value of SMTP_PASSWORD is empty (a login needs a password)"
  ),
  (
    ["SMTP_SERVER": "a.example", "SMTP_USER": "u", "SMTP_PASSWORD": "\(plant)\n"],
    "environment: SMTP_PASSWORD: the value of SMTP_PASSWORD ends with a line end (remove it; only a"
      + " file's last one is left out by itself)"
  ),
])
func `a bad environment is told in one line`(environment: [String: String], line: String) {
  let error = #expect(throws: ConfigurationError.self) { try Settings.fromEnvironment(environment) }
  #expect(error?.description == line)
}

@Test func `the lint looks at the environment too`() throws {
  let loaded = try Settings.fromEnvironment([
    "SMTP_SERVER": "smtp.sendgrid.net:456", "SMTP_USER": "u", "SMTP_PASSWORD": plant,
  ])
  #expect(
    loaded?.warnings.map(\.description) == [
      "environment: warning: port 456 is not a port of mail (did you mean 465?)",
      "environment: warning: auth.username is not 'apikey' (at SendGrid the user is the word apikey, the"
        + " password an API key)",
    ])
}

@Test func `a domain in the environment is a target of all its MX hosts`() throws {
  let loaded = try Settings.fromEnvironment(["SMTP_SERVER": "mx:example.com"])
  let target = try #require(loaded?.settings.targets.first)
  #expect(target.mailDomain == "example.com" && target.port == 25)
}
