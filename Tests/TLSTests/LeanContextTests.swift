import Model
import TLS
import Testing

/// The library context that reads certificates cheaply leaves decoders and kinds of keys out: none that a
/// handshake needs.
struct LeanContextTests {
  @Test(arguments: [
    "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384",
  ])
  func `every sort of cipher comes up`(cipher: String) throws {
    let identity = try Lab.shared.root.issue(CertificateRecipe(names: ["mail.example.test"]))
    let options = ServerOptions(identity: identity, minVersion: .tls12, maxVersion: .tls12, ciphers: cipher)
    let client = try TLSContext(client: ClientOptions(securityLevel: 1))
    let wire = Wire(client: client, server: try TLSContext(server: options))
    let (ours, theirs) = wire.shakeHands()
    try #require(ours == .done && theirs == .done)
    try wire.server.write(Array("220 m\r\n".utf8))
    wire.carry()
    #expect(drain(wire.client).text == "220 m\r\n")
    #expect(wire.client.cipher == cipher)
  }

  @Test(
    arguments: [CertificateRecipe.Key.p256, .rsa(bits: 2048), .rsa(bits: 3072)], [TLSVersion.tls12, .tls13])
  func `every sort of key signs`(key: CertificateRecipe.Key, version: TLSVersion) throws {
    var recipe = CertificateRecipe(names: ["mail.example.test"])
    recipe.key = key
    let options = ServerOptions(
      identity: try Lab.shared.root.issue(recipe), minVersion: version, maxVersion: version)
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try TLSContext(server: options))
    let (ours, theirs) = wire.shakeHands()
    #expect(ours == .done && theirs == .done)
  }
}
