import Model
import Testing

@testable import Configuration

/// bcrypt of nothing in particular.
private let hash = "$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi"
private let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
private let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"

/// Reads a file that stands beside `server.pem`, `server.key` and `ca.pem`.
private func load(_ yaml: String) throws(ConfigurationError) -> LoadedWebSettings {
  guard
    let folder = try? Folder([
      "web.yml": yaml, "server.pem": certificate, "server.key": key, "ca.pem": certificate, "empty.pem": "",
    ])
  else { fatalError("there is a folder for temporary files") }
  defer { withExtendedLifetime(folder) {} }
  return try WebSettings.load(file: "\(folder.path)/web.yml")
}

/// The findings, each without the path of the file.
private func findings(_ yaml: String) -> [String] {
  let found: [Finding]
  do throws(ConfigurationError) { found = try load(yaml).warnings } catch { found = error.findings }
  return found.map { finding in
    var finding = finding
    finding.place.file = "web.yml"
    return finding.description
  }
}

private let identity = "  cert_file: server.pem\n  key_file: server.key\n"

@Test(arguments: [
  "", "# nothing\n", "{}", "tls_server_config:\nbasic_auth_users: {}\n", "http_server_config: {}",
])
func `what says nothing leaves the doors open`(yaml: String) throws {
  let settings = try load(yaml).settings
  #expect(settings.tls == nil && settings.users.isEmpty && settings.headers.isEmpty)
  #expect(findings(yaml).isEmpty)
}

@Test func `everything is read`() throws {
  let loaded = try load(
    """
    tls_server_config:
    \(identity)  client_auth_type: RequireAndVerifyClientCert
      client_ca_file: ca.pem
      client_allowed_sans: [prometheus.example]
      min_version: TLS11
      max_version: TLS12
      cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
      prefer_server_cipher_suites: no
      curve_preferences: [X25519, CurveP256]
    http_server_config:
      http2: false
      headers: { X-Frame-Options: deny, Content-Security-Policy: "" }
    basic_auth_users: { bob: \(hash) }
    rate_limit: { interval: 1m30s, burst: 5 }
    """)
  let tls = try #require(loaded.settings.tls)
  #expect(tls.certificate == Array(certificate.utf8) && tls.key == Array(key.utf8))
  #expect(tls.clientAuth == .requireAndVerify && tls.clientAuthorities == Array(certificate.utf8))
  #expect(tls.clientAllowedNames == ["prometheus.example"])
  #expect(tls.minVersion == .tls11 && tls.maxVersion == .tls12 && !tls.prefersServerOrder)
  #expect(tls.cipherSuites == ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"] && tls.curves == [.x25519, .p256])
  #expect(loaded.settings.headers.map(\.name) == ["X-Frame-Options", "Content-Security-Policy"])
  #expect(loaded.settings.users == ["bob": hash])
  #expect(loaded.settings.rateLimit?.interval == .seconds(90) && loaded.settings.rateLimit?.burst == 5)
  #expect(
    loaded.settings.files.map { $0.split(separator: "/").last } == [
      "web.yml", "server.pem", "server.key", "ca.pem",
    ])
  #expect(loaded.warnings.isEmpty)
}

@Test func `certificate and key may stand in the file itself`() throws {
  let inline = { (text: String) in text.split(separator: "\n").map { "    \($0)\n" }.joined() }
  let yaml = "tls_server_config:\n  cert: |\n\(inline(certificate))  key: |\n\(inline(key))"
  let tls = try #require(try load(yaml).settings.tls)
  #expect(tls.certificate == Array(certificate.utf8) && tls.key == Array(key.utf8))
}

@Test func `variables are not expanded, as in the toolkit`() throws {
  let settings = try load("http_server_config: { headers: { X-XSS-Protection: '${NAME}' } }").settings
  #expect(settings.headers.map(\.value) == ["${NAME}"])
}

@Test(arguments: [
  ("basic_auth_user: {}", "web.yml:1:1: unknown key 'basic_auth_user' (did you mean 'basic_auth_users'?)"),
  ("cert_file: a", "web.yml:1:1: unknown key 'cert_file' (it belongs under 'tls_server_config')"),
  (
    "tls_server_config: { cert_file: server.pem }",
    "web.yml:1:20: tls_server_config has neither key_file nor key (a server needs a certificate and its key)"
  ),
  (
    "tls_server_config: { cert_file: '', key_file: server.key }",
    "web.yml:1:20: tls_server_config has neither cert_file nor cert (a server needs a certificate and its key)"
  ),
  (
    "tls_server_config:\n\(identity)  min_version: TLS14",
    "web.yml:4:16: tls_server_config.min_version must be TLS10, TLS11, TLS12 or TLS13, found 'TLS14' (did you mean 'TLS10'?)"
  ),
  (
    "tls_server_config:\n\(identity)  client_ca_file: ca.pem",
    "web.yml:4:19: tls_server_config has authorities for clients, but clients are asked for no certificate (set client_auth_type: RequireAndVerifyClientCert)"
  ),
  (
    "tls_server_config:\n\(identity)  client_auth_type: Require",
    "web.yml:4:21: tls_server_config.client_auth_type must be NoClientCert, RequestClientCert, RequireAnyClientCert, RequireClientCert, VerifyClientCertIfGiven or RequireAndVerifyClientCert, found 'Require'"
  ),
  (
    "tls_server_config:\n\(identity)  client_auth_type: VerifyClientCertIfGiven\n  client_allowed_sans: [a]",
    "web.yml:5:24: tls_server_config.client_allowed_sans needs clients that have to show a certificate (set client_auth_type: RequireAndVerifyClientCert)"
  ),
  (
    "tls_server_config:\n\(identity)  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA257]",
    "web.yml:4:19: tls_server_config.cipher_suites has the unknown cipher suite 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA257' (did you mean 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'?)"
  ),
  (
    "tls_server_config:\n\(identity)  curve_preferences: [P-256]",
    "web.yml:4:23: tls_server_config.curve_preferences has the unknown curve 'P-256' (known are CurveP256, CurveP384, CurveP521, X25519)"
  ),
  (
    "tls_server_config:\n\(identity)  max_version: TLS11",
    "web.yml:4:16: tls_server_config: no version is left between min_version TLS12 and max_version TLS11 (min_version is TLS12 unless it is set)"
  ),
  (
    "http_server_config: { headers: { X-Frame-Options: allow } }",
    "web.yml:1:51: http_server_config.headers.X-Frame-Options must be deny or sameorigin"
  ),
  (
    "http_server_config: { http2: maybe }",
    "web.yml:1:30: http_server_config.http2 must be true or false, found 'maybe'"
  ),
  (
    "rate_limit: { interval: 1 s, burst: 1 }",
    "web.yml:1:25: rate_limit.interval must be a duration (such as 500ms, 1s or 1m30s)"
  ),
  (
    "rate_limit: { interval: 1s }",
    "web.yml:1:13: rate_limit.burst must be at least 1, else no request is ever allowed (say how many may come at once)"
  ),
  (
    "basic_auth_users: [bob]",
    "web.yml:1:19: basic_auth_users must be a mapping, found a list (write USER: BCRYPT HASH)"
  ),
  (
    "basic_auth_users: { bob: zebra-4711-secret }",
    "web.yml:1:26: basic_auth_users.bob is no bcrypt hash (write what 'htpasswd -nBC 10 USER' prints behind the colon)"
  ),
])
func `a fault is told at its place, with its cure`(yaml: String, finding: String) {
  #expect(findings(yaml).contains { $0.hasPrefix(finding) }, "\(findings(yaml))")
  #expect(!findings(yaml).joined().contains("zebra-4711-secret"))
}

@Test(arguments: ["server.key", "empty.pem", "missing.pem"])
func `a file without a certificate is no certificate`(file: String) {
  let found = findings("tls_server_config: { cert_file: \(file), key_file: server.key }")
  #expect(found.count == 1 && found[0].hasPrefix("web.yml:1:33: tls_server_config.cert_file: "))
}

@Test func `what is odd is a warning`() {
  #expect(
    findings("http_server_config: { http2: true }") == [
      "web.yml:1:30: warning: http_server_config.http2: HTTP/2 is not served (clients use HTTP/1.1; write http2: false to say so)"
    ])
  #expect(findings("tls_server_config: { min_version: TLS13 }").count == 1)
  #expect(findings("basic_auth_users: { bob: \(hash.replacing("$10$", with: "$18$")) }").count == 1)
}

@Test(arguments: [
  ("1s", 1.0), ("1m30s", 90), ("1.5h", 5400), ("250ms", 0.25), ("1000000000", 1), ("0", 0),
])
func `durations are read in the words of Go`(text: String, seconds: Double) throws {
  #expect(try Duration(go: text) == .seconds(seconds))
}

@Test(arguments: ["", "s", "1 s", "-1s", "1s2", "1d", "1e9s"])
func `what is no duration of Go is refused`(text: String) {
  #expect(throws: Complaint.self) { try Duration(go: text) }
}

@Test(arguments: [
  "secret", "", "$2y$10$short", "$1$abcdefgh$0123456789", String(hash.dropLast()), hash + "x",
  hash.replacing("$10$", with: "$32$"), hash.replacing("$10$", with: "$03$"),
  hash.replacing("$2y", with: "$2z"),
  hash.replacing("Z/", with: "Z!"),
])
func `what is no hash of bcrypt is refused`(text: String) {
  #expect(throws: Complaint.self) { try BcryptHash.cost(of: text) }
}

@Test func `a hash that was put where a file's name belongs is not shown`() {
  let findings = findings("tls_server_config: { cert_file: a, key_file: 'b \(hash)' }")
  #expect(findings.contains { $0.contains("/b …") })
  #expect(!findings.contains { $0.contains("$2y$") })
}
