import Model
import Testing

@testable import Configuration

private func read(_ password: String) -> (Secret?, [String]) {
  let place = Place(file: "environment")
  do throws(ConfigurationError) {
    let (secret, warnings) = try SecretSource.environment(name: "P").read(
      environment: ["P": password], at: place)
    return (secret, warnings.map(\.description))
  } catch {
    return (nil, error.findings.map(\.description))
  }
}

private let subject = "environment: the password: the value of P"

@Test(arguments: [
  ("", "is empty (a login needs a password)"),
  ("\(plant)\n", "ends with a line end (remove it; only a file's last one is left out by itself)"),
  ("\(plant)\r\n", "ends with a line end (remove it; only a file's last one is left out by itself)"),
  ("a\n\(plant)", "has more than one line (keep the password alone)"),
  ("\(plant)\u{0}", "has a control character in it (the password is damaged; write it anew)"),
])
func `a damaged secret is an error`(password: String, message: String) {
  let (secret, lines) = read(password)
  #expect(secret == nil)
  #expect(lines == ["\(subject) \(message)"])
}

@Test(arguments: [
  (" \(plant)", "has a blank at its edge (remove it if it was pasted along)"),
  ("\(plant)\t", "has a blank at its edge (remove it if it was pasted along)"),
  ("'\(plant)'", "has quotes around it (remove them if they are not part of it)"),
  ("\"\(plant)\"", "has quotes around it (remove them if they are not part of it)"),
  (
    "${\(plant)}",
    "has '${' in it, which is not expanded here (use password_env: NAME to take it from a variable)"
  ),
  ("\u{FEFF}\(plant)", "has a byte order mark in it (save it as plain UTF-8)"),
])
func `an odd secret is used as it is, with a warning`(password: String, message: String) {
  let (secret, lines) = read(password)
  #expect(secret == Secret(password))
  let prefix = subject.replacing("environment: ", with: "environment: warning: ")
  #expect(lines == ["\(prefix) \(message)"])
}

@Test(arguments: ["abc", "a b", "pässword", "it's", "%40$HOME#!", "\""])
func `any other secret is fine`(password: String) {
  let (secret, lines) = read(password)
  #expect(secret == Secret(password))
  #expect(lines == [])
}

@Test(arguments: [
  ("secret\n", "secret"), ("secret\r\n", "secret"), ("secret", "secret"), (" secret\n", " secret"),
])
func `the line end of a secret's file is left out`(content: String, secret: String) throws {
  let folder = try Folder(["s": content])
  let source = SecretSource.file(path: "\(folder.path)/s")
  #expect(try source.read(environment: [:], at: Place(file: "x")).secret == Secret(secret))
}

@Test(arguments: ["", "\n", "\r\n", "a\n\n", "\(plant)\r"])
func `a secret's file with nothing in it, or too much, is an error`(content: String) throws {
  let folder = try Folder(["s": content])
  let source = SecretSource.file(path: "\(folder.path)/s")
  #expect(throws: ConfigurationError.self) { try source.read(environment: [:], at: Place(file: "x")) }
}

@Test(arguments: [
  (0o644, 7, 7, Strangers.everybody), (0o604, 0, 7, .everybody), (0o640, 7, 7, .group), (0o600, 7, 7, nil),
  // The reader is in the group that the file is for.
  (0o640, 0, 7, nil), (0o440, 0, 7, nil), (0o640, 0, 0, nil),
])
func `who may read a secret without need is told by its mode and owner`(
  mode: Int, owner: UInt32, reader: UInt32, strangers: Strangers?
) {
  #expect(Strangers(mode: mode, owner: owner, reader: reader) == strangers)
}

@Test func `a secret that everybody can read is warned of`() throws {
  let folder = try Folder()
  try folder.write("open", plant, mode: 0o644)
  let place = Place(file: "x", line: 1, column: 2)
  let open = try SecretSource.file(path: "\(folder.path)/open").read(environment: [:], at: place)
  let path = "\(folder.path)/open"
  #expect(
    open.warnings.map(\.description) == [
      "x:1:2: warning: the password: everybody on this machine can read \(path) (chmod o-rwx \(path))"
    ])
}

@Test func `a secret's own file is looked at through links`() throws {
  let folder = try Folder()
  try folder.write("data/open", plant, mode: 0o600)
  try folder.link("link", to: "data/open")
  let source = SecretSource.file(path: "\(folder.path)/link")
  #expect(try source.read(environment: [:], at: Place(file: "x")).warnings == [])
}

/// The settings of a login, with files beside the configuration.
private func login(_ auth: String, tls: String = "{}", _ files: [String: String] = [:]) throws
  -> AuthSettings?
{
  let folder = try Folder(files)
  return try Settings.parse(
    yaml: "targets:\n  - { host: mail.example.com, auth: \(auth), tls: \(tls) }\n", directory: folder.path,
    environment: [:]
  ).settings.targets[0].settings.auth
}

@Test func `a token is read as a secret is`() throws {
  let token = "ya29.A0-_~+/x=="
  let auth = try #require(
    try login("{ username: u, token_file: t, mechanism: XOAUTH2 }", ["t": token + "\n"]))
  #expect(auth.proof == .token(Secret(token)) && auth.mechanism == .xoauth2)
  #expect(auth.secretFile?.hasSuffix("/t") == true)
  let chosen = try #require(try login("{ username: u, token_file: t }", ["t": token]))
  #expect(chosen.proof == .token(Secret(token)) && chosen.mechanism == nil)
}

@Test(arguments: [#"{"access_token":"\#(plant)"}"#, "Bearer \(plant)", "\(plant) ", "jürgen-\(plant)"])
func `what is no token is told without showing it`(content: String) throws {
  let folder = try Folder(["t": content])
  let found = findings(
    "targets:\n  - host: mail.example.com\n    auth: { username: u, token_file: t }\n", directory: folder.path
  )
  #expect(
    found.contains(
      "config.yml:3:38: auth.token_file: the content of \(folder.path)/t is no access token"
        + " (keep the token alone, without the JSON or the word Bearer around it)"))
}

@Test func `a target's token replaces its module's password`() throws {
  let folder = try Folder(["t": "token"])
  let settings = try Settings.parse(
    yaml: """
      modules: { m: { auth: { username: u, password_env: A } } }
      targets: [{ host: a.example.com, module: m, auth: { token_file: t } }]
      """, directory: folder.path, environment: ["A": "first"]
  ).settings
  #expect(settings.targets[0].settings.auth?.proof == .token(Secret("token")))
}

@Test func `EXTERNAL needs a client certificate, and may have a user`() throws {
  let files = ["c": "-----BEGIN CERTIFICATE-----\n", "k": "-----BEGIN PRIVATE KEY-----\n"]
  let tls = "{ cert_file: c, key_file: k }"
  #expect(
    try login("{ mechanism: EXTERNAL }", tls: tls, files)
      == AuthSettings(username: "", proof: .certificate, mechanism: .external))
  #expect(
    try login("{ mechanism: EXTERNAL, username: u }", tls: tls, files)
      == AuthSettings(username: "u", proof: .certificate, mechanism: .external))
}

@Test(arguments: [
  ("scram-sha-256", "SCRAM-SHA-256"), ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-1-PLUS"), ("auto", nil),
  ("XOAUTH2", "takes a token (use a configuration, with auth.token_file or auth.oauth2)"),
  ("EXTERNAL", "takes a client certificate (use a configuration, with tls.cert_file)"),
])
func `a flag names any mechanism for passwords`(name: String, outcome: String?) {
  var found: String?
  do throws(Complaint) {
    found = try MechanismName.check(name)?.rawValue
  } catch {
    found = "\(error.message) (\(error.cure))"
  }
  #expect(found == outcome)
}
