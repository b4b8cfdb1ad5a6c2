import Base
import Foundation
import Model
import TLS
import Testing

@testable import HTTP

/// An authority with a server's identity, and files for clients.
private struct Lab {
  static let now = Timestamp(microseconds: WallClock.microseconds())
  let authority: CertificateAuthority
  let server: Identity

  init() throws {
    authority = try CertificateAuthority(name: "lab", at: Self.now)
    server = try authority.issue(CertificateRecipe(names: ["localhost"]))
  }

  var settings: TLSServerSettings { Self.settings(of: server) }

  static func settings(of identity: Identity) -> TLSServerSettings {
    TLSServerSettings(certificate: Array(identity.certificatePEM.utf8), key: Array(identity.keyPEM.utf8))
  }

  /// A client whose certificate is for a name.
  func client(_ name: String, of authority: CertificateAuthority? = nil) throws -> TLSClient {
    let identity = try (authority ?? self.authority).issue(CertificateRecipe(names: [name]))
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "client-\(UUID().uuidString).pem"
    ).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data((identity.certificatePEM + identity.keyPEM).utf8).write(to: URL(fileURLWithPath: path))
    return try TLSClient(ClientOptions(certFile: path))
  }

  func serve(_ change: (inout TLSServerSettings) -> Void = { _ in }) throws -> HTTPServer {
    var settings = settings
    change(&settings)
    return try HTTPServer(
      addresses: [ListenAddress(host: "127.0.0.1", port: 0)], tls: TLSCredentials(settings)
    ) { request in .now(.text(request.isEncrypted ? "encrypted" : "in clear")) }
  }
}

extension HTTPServer {
  fileprivate var port: UInt16 { addresses[0].port }
}

@Test func `a page is served over TLS with the certificate that was given`() throws {
  let lab = try Lab()
  let server = try lab.serve()
  defer { server.stop() }
  let (answer, session) = try TLSClient().ask(server.port)
  #expect(answer.text == "encrypted\n")
  #expect(session.version == "TLSv1.3")
  let trust = TrustStore(authorities: [lab.authority.certificate])
  #expect(CertificateJudge().judge(session, trust: trust, name: "localhost", at: Lab.now).verified)
}

@Test func `who speaks no TLS hears nothing, and keeps nobody waiting`() throws {
  let server = try Lab().serve()
  defer { server.stop() }
  #expect(
    try PlainClient.exchange(server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").starts(with: "HTTP".utf8)
      == false)
  #expect(try TLSClient().ask(server.port).answer.status == 200)
}

@Test func `new certificates are for new connections`() throws {
  let lab = try Lab()
  let server = try lab.serve()
  defer { server.stop() }
  let trust = TrustStore(authorities: [lab.authority.certificate])
  func fingerprint() throws -> String? {
    let session = try TLSClient().ask(server.port).session
    return CertificateJudge().judge(session, trust: trust, name: "localhost", at: Lab.now)
      .certificate?.fingerprintSHA256
  }
  let first = try fingerprint()
  #expect(try fingerprint() == first)
  let renewed = try lab.authority.issue(CertificateRecipe(names: ["localhost"]))
  server.adopt(try TLSCredentials(Lab.settings(of: renewed)))
  #expect(try fingerprint() != first)
}

@Test func `versions are limited at both ends`() throws {
  let server = try Lab().serve {
    $0.minVersion = .tls12
    $0.maxVersion = .tls12
  }
  defer { server.stop() }
  #expect(try TLSClient().ask(server.port).session.version == "TLSv1.2")
  #expect(throws: TLSClient.Refusal.self) {
    try TLSClient(ClientOptions(minVersion: .tls13)).ask(server.port)
  }
}

@Test func `the default takes nothing below TLS 1_2`() throws {
  let server = try Lab().serve()
  defer { server.stop() }
  #expect(throws: TLSClient.Refusal.self) {
    try TLSClient(ClientOptions(maxVersion: .tls11, allowsLegacy: true)).ask(server.port)
  }
}

@Test(arguments: [
  "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
  "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
])
func `a listed suite is used`(suite: String) throws {
  let server = try Lab().serve {
    $0.ciphers = [suite, "TLS_RSA_WITH_AES_128_CBC_SHA"]
    $0.maxVersion = .tls12
  }
  defer { server.stop() }
  let cipher = try TLSClient().ask(server.port).session.cipher
  let names = [
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384": "ECDHE-ECDSA-AES256-GCM-SHA384",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA": "ECDHE-ECDSA-AES128-SHA",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256": "ECDHE-ECDSA-CHACHA20-POLY1305",
  ]
  #expect(cipher == names[suite])
}

@Test func `a suite that is made of the parts of others is not used`() throws {
  // The key exchange of the first with the cipher of the second would fit the server's key.
  let server = try Lab().serve {
    $0.ciphers = ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"]
    $0.maxVersion = .tls12
  }
  defer { server.stop() }
  #expect(throws: TLSClient.Refusal.self) { try TLSClient().ask(server.port) }
}

@Test func `no list of suites keeps TLS 1_3 out`() throws {
  let server = try Lab().serve { $0.ciphers = ["TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"] }
  defer { server.stop() }
  #expect(try TLSClient().ask(server.port).session.version == "TLSv1.3")
}

@Test func `a verified client certificate lets in whom the authority knows, and nobody else`() throws {
  let lab = try Lab()
  let server = try lab.serve {
    $0.clientCertificate = .requiredAndVerified
    $0.clientAuthorities = Array(lab.authority.certificate.pem.utf8)
  }
  defer { server.stop() }
  #expect(try lab.client("friend").ask(server.port).answer.status == 200)
  #expect(throws: TLSClient.Refusal.self) { try TLSClient().ask(server.port) }
  let stranger = try CertificateAuthority(name: "stranger", at: Lab.now)
  #expect(throws: TLSClient.Refusal.self) { try lab.client("friend", of: stranger).ask(server.port) }
}

@Test func `a certificate that is verified if given may be missing, but not bad`() throws {
  let lab = try Lab()
  let server = try lab.serve {
    $0.clientCertificate = .verifiedIfGiven
    $0.clientAuthorities = Array(lab.authority.certificate.pem.utf8)
  }
  defer { server.stop() }
  #expect(try TLSClient().ask(server.port).answer.status == 200)
  #expect(try lab.client("friend").ask(server.port).answer.status == 200)
  let stranger = try CertificateAuthority(name: "stranger", at: Lab.now)
  #expect(throws: TLSClient.Refusal.self) { try lab.client("friend", of: stranger).ask(server.port) }
}

@Test func `any client certificate will do where one is required, and none will not`() throws {
  let lab = try Lab()
  let server = try lab.serve { $0.clientCertificate = .required }
  defer { server.stop() }
  let stranger = try CertificateAuthority(name: "stranger", at: Lab.now)
  #expect(try lab.client("anybody", of: stranger).ask(server.port).answer.status == 200)
  #expect(throws: TLSClient.Refusal.self) { try TLSClient().ask(server.port) }
}

@Test func `a requested client certificate may be missing`() throws {
  let server = try Lab().serve { $0.clientCertificate = .requested }
  defer { server.stop() }
  #expect(try TLSClient().ask(server.port).answer.status == 200)
}

@Test(arguments: [("prometheus.example", true), ("192.0.2.7", true), ("other.example", false)])
func `a client's names are those that are allowed`(name: String, isWelcome: Bool) throws {
  let lab = try Lab()
  let server = try lab.serve {
    $0.clientCertificate = .requiredAndVerified
    $0.clientAuthorities = Array(lab.authority.certificate.pem.utf8)
    $0.clientNames = ["prometheus.example", "192.0.2.7"]
  }
  defer { server.stop() }
  let client = try lab.client(name)
  #expect((try? client.ask(server.port).answer.status) == (isWelcome ? 200 : nil))
}

@Test func `a key that belongs to another certificate is refused`() throws {
  let lab = try Lab()
  var settings = lab.settings
  settings.key = Array(try lab.authority.issue(CertificateRecipe(names: ["localhost"])).keyPEM.utf8)
  let error = #expect(throws: TLSServerError.self) { try TLSCredentials(settings) }
  #expect(error?.description.contains("key") == true)
}

@Test func `broken PEM and authorities without a certificate are refused`() throws {
  var settings = try Lab().settings
  settings.clientCertificate = .requiredAndVerified
  settings.clientAuthorities = Array("nothing".utf8)
  #expect(throws: TLSServerError.self) { try TLSCredentials(settings) }
  settings = try Lab().settings
  settings.certificate = Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8)
  #expect(throws: TLSServerError.self) { try TLSCredentials(settings) }
}

@Test func `every group and every version makes a priority that the library knows`() throws {
  var settings = try Lab().settings
  settings.groups = TLSServerSettings.Group.allCases
  for minimum in TLSServerSettings.Version.allCases {
    for maximum in TLSServerSettings.Version.allCases where minimum <= maximum {
      settings.minVersion = minimum
      settings.maxVersion = maximum
      _ = try TLSCredentials(settings)
    }
  }
  settings.minVersion = .tls13
  settings.maxVersion = .tls12
  #expect(throws: TLSServerError.self) { try TLSCredentials(settings) }
}
