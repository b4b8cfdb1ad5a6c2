import Model
import Testing

@testable import Configuration

/// A target whose login has these settings of `oauth2`, in a folder with secrets.
private func yaml(_ settings: String, auth: String = "") -> String {
  "targets: [{ host: mail.example.com, auth: { username: u, oauth2: { \(settings) }\(auth) } }]"
}

private func folder() throws -> Folder {
  try Folder(["secret": "\(plant)\n", "refresh": "\(plant)-refresh\n", "empty": ""])
}

private let whole = "token_url: https://id.example.com/token, client_id: abc"

private func grant(_ yaml: String, _ folder: Folder) throws -> TokenGrant? {
  let settings = try Settings.parse(yaml: yaml, directory: folder.path, environment: ["S": plant]).settings
  guard case .grant(let grant)? = settings.targets.first?.settings.auth?.proof else { return nil }
  return grant
}

@Test func `a client's own right is the grant where there is no refresh token`() throws {
  let folder = try folder()
  let grant = try grant(
    yaml("\(whole), client_secret_file: secret, scopes: [a, 'https://x/.default'], client_auth: basic"),
    folder)
  #expect(
    grant
      == TokenGrant(
        url: "https://id.example.com/token", kind: .clientCredentials, clientID: "abc",
        clientSecret: Secret(plant), clientProof: .basic, scopes: ["a", "https://x/.default"]))
}

@Test func `a refresh token is the grant where there is one, and its client may be public`() throws {
  let folder = try folder()
  #expect(
    try grant(yaml("\(whole), refresh_token_file: refresh"), folder)
      == TokenGrant(
        url: "https://id.example.com/token", kind: .refreshToken(file: "\(folder.path)/refresh"),
        clientID: "abc"))
}

@Test func `a target changes a part of its module's grant`() throws {
  let folder = try folder()
  let yaml = """
    modules: { m: { auth: { username: u, oauth2: { \(whole), client_secret_env: S, scopes: [a] } } } }
    targets: [{ host: mail.example.com, module: m, auth: { oauth2: { scopes: [b] } } }]
    """
  #expect(try grant(yaml, folder)?.scopes == ["b"])
  #expect(try grant(yaml, folder)?.clientSecret == Secret(plant))
}

@Test func `the text of a grant shows no secret`() throws {
  let folder = try folder()
  let text = try Settings.parse(
    yaml: yaml("\(whole), client_secret_file: secret, refresh_token_file: refresh"), directory: folder.path
  ).settings.text
  #expect(!text.contains(plant))
  for part in [
    "token_url: \"https://id.example.com/token\"", "grant: \"refresh_token\"", "client_id: \"abc\"",
  ] {
    #expect(text.contains(part))
  }
}

@Test(arguments: [
  ("client_id: abc, client_secret_file: secret", "auth.oauth2.token_url is missing"),
  ("token_url: https://x/t, client_secret_file: secret", "auth.oauth2.client_id is missing"),
  (whole, "auth.oauth2 has neither a client secret nor a refresh token"),
  ("\(whole), client_secret_file: nowhere", "auth.oauth2.client_secret_file: cannot read"),
  ("\(whole), client_secret_file: empty", "empty is empty"),
  ("\(whole), client_secret_env: NOWHERE", "names the variable NOWHERE, which is not set"),
  ("\(whole), client_secret_env: S, client_secret_file: secret", "has client_secret_file and client_"),
  ("\(whole), client_secret_env: S, grant: refresh_token", "needs auth.oauth2.refresh_token_file"),
  (
    "\(whole), client_secret_env: S, grant: client_credentials, refresh_token_file: refresh",
    "grant client_credentials takes no refresh_token_file"
  ),
  ("\(whole), client_secret_env: S, grant: password", "grant must be client_credentials or refresh_token"),
  ("\(whole), client_secret_env: S, client_auth: jwt", "client_auth must be post or basic"),
  ("\(whole), client_secret_env: S, scopes: ['a b']", "scopes must hold scopes without blanks"),
  ("\(whole), client_secret_env: S, ca_file: nowhere", "auth.oauth2.ca_file: cannot read"),
  ("\(whole), client_secret: \(plant)", "unknown key 'client_secret'"),
  ("token_url: http://id.example.com/t, client_id: a, client_secret_env: S", "in clear (use https://)"),
  ("token_url: http://127.0.0.1.example.com/t, client_id: a, client_secret_env: S", "in clear"),
  ("token_url: id.example.com, client_id: a, client_secret_env: S", "must be a URL of http or https"),
  ("token_url: 'https://u:\(plant)@x/t', client_id: a, client_secret_env: S", "has a user in it"),
])
func `a grant that cannot be used is told in one line`(settings: String, words: String) throws {
  let folder = try folder()
  let lines = findings(yaml(settings), directory: folder.path, environment: ["S": plant])
  #expect(lines.contains { $0.contains(words) }, "\(lines)")
}

@Test(arguments: ["http://localhost:8080/t", "http://127.0.0.9/t", "http://[::1]:1/t"])
func `without TLS a token endpoint is asked on this host`(url: String) throws {
  let folder = try folder()
  #expect(try grant(yaml("token_url: '\(url)', client_id: a, client_secret_env: S"), folder)?.url == url)
}

@Test(arguments: [
  (", token_file: secret", "auth has token_file and oauth2 (keep one of them)"),
  (", mechanism: PLAIN", "mechanism PLAIN takes a password, not oauth2"),
  (", mechanism: EXTERNAL", "mechanism EXTERNAL takes no oauth2"),
])
func `a grant goes with no other proof and no other mechanism`(auth: String, words: String) throws {
  let folder = try folder()
  let lines = findings(
    yaml("\(whole), client_secret_env: S", auth: auth), directory: folder.path, environment: ["S": plant])
  #expect(lines.contains { $0.contains(words) }, "\(lines)")
}
