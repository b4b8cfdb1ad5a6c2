import Model
import TLS
import Testing

/// The chain that a server shows, after a handshake that succeeded.
private func chain(_ identity: Identity) throws -> PeerChain {
  let wire = try Wire(client: TLSContext(client: ClientOptions()), server: Lab.shared.server(identity))
  #expect(wire.shakeHands().client == .done)
  return try #require(PeerChain(of: wire.client))
}

/// The DER form of a certificate.
private func data(_ certificate: Certificate) -> [UInt8] {
  let body = certificate.pem.split(separator: "\n").filter { !$0.hasPrefix("-----") }.joined()
  var bits = 0
  var count = 0
  var bytes: [UInt8] = []
  let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  for letter in body.utf8 {
    guard let value = alphabet.firstIndex(of: letter) else { continue }
    (bits, count) = (bits << 6 | value, count + 6)
    guard count >= 8 else { continue }
    count -= 8
    bytes.append(UInt8(truncatingIfNeeded: bits >> count))
    bits &= (1 << count) - 1
  }
  return bytes
}

@Suite struct PeerChainTests {
  @Test func ownCertificateIsRecognisedWholeAndByItsHashes() throws {
    let chain = try chain(Lab.shared.good)
    let own = data(Lab.shared.good.chain[0])
    #expect(chain.isServer(own, selector: 0, matching: 0))
    #expect(chain.isServer(HashFunction.sha256.hash(own), selector: 0, matching: 1))
    #expect(chain.isServer(HashFunction.sha512.hash(own), selector: 0, matching: 2))
    #expect(!chain.isServer(HashFunction.sha256.hash(own), selector: 1, matching: 1))
    #expect(!chain.isServer(HashFunction.sha256.hash(own + [0]), selector: 0, matching: 1))
    #expect(!chain.isServer([], selector: 0, matching: 0))
    #expect(!chain.isServer(data(Lab.shared.middle.certificate), selector: 0, matching: 0))
  }

  @Test func expiredCertificateOfAnotherNameIsStillTheServers() throws {
    var recipe = CertificateRecipe(names: ["other.test"])
    (recipe.notBefore, recipe.notAfter) = (.seconds(-90 * 86_400), .seconds(-86_400))
    let identity = try Lab.shared.middle.issue(recipe)
    let chain = try chain(identity)
    #expect(chain.isServer(HashFunction.sha256.hash(data(identity.chain[0])), selector: 0, matching: 1))
  }

  @Test func authorityVouchesForNameAndTime() throws {
    let authority = HashFunction.sha256.hash(data(Lab.shared.middle.certificate))
    func leads(_ identity: Identity, _ association: [UInt8], name: String = "mail.example.test") throws
      -> Bool
    {
      try chain(identity).leadsToAuthority(association, selector: 0, matching: 1, name: name, at: present)
    }
    #expect(try leads(Lab.shared.good, authority))
    #expect(try !leads(Lab.shared.good, authority, name: "other.test"))
    // The server's own certificate is not its authority, and an authority that was not sent proves nothing.
    #expect(try !leads(Lab.shared.good, HashFunction.sha256.hash(data(Lab.shared.good.chain[0]))))
    #expect(try !leads(Lab.shared.good, HashFunction.sha256.hash(data(Lab.shared.root.certificate))))
    var recipe = CertificateRecipe(names: ["mail.example.test"])
    (recipe.notBefore, recipe.notAfter) = (.seconds(-90 * 86_400), .seconds(-86_400))
    #expect(try !leads(Lab.shared.middle.issue(recipe), authority))
    var forged = CertificateRecipe(names: ["mail.example.test"])
    forged.isSignatureWrong = true
    #expect(try !leads(Lab.shared.middle.issue(forged), authority))
  }
}

@Suite struct TLSFactsTests {
  @Test func keySignatureGroupAndChainAreReported() throws {
    let wire = try Wire(client: TLSContext(client: ClientOptions()), server: Lab.shared.server())
    #expect(wire.shakeHands().client == .done)
    let facts = CertificateJudge().judge(
      wire.client, trust: Lab.shared.trust, name: "mail.example.test", at: present)
    #expect(facts.group?.lowercased() == "x25519")
    let certificate = try #require(facts.certificate)
    #expect(certificate.key == KeyFacts(algorithm: "EC", bits: 256))
    #expect(certificate.signatureAlgorithm == "ecdsa-with-SHA256")
    #expect(certificate.chain.count == 2)
    #expect(certificate.chain[1].subject.contains("CN=Lab intermediate"))
    #expect(certificate.chain.map(\.notAfter).min() == certificate.chainNotAfter)
  }

  @Test func theMandatorySuiteGoesFirstUnlessOthersAreNamed() throws {
    func cipher(_ ciphers: String?) throws -> String {
      let client = try TLSContext(client: ClientOptions(ciphers: ciphers))
      let wire = try Wire(client: client, server: Lab.shared.server())
      #expect(wire.shakeHands().client == .done)
      return wire.client.cipher
    }
    #expect(try cipher(nil) == "TLS_AES_128_GCM_SHA256")
    #expect(
      try cipher("TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256") == "TLS_AES_256_GCM_SHA384")
  }

  @Test func onlyTheCiphersNamedAreOffered() throws {
    func cipher(_ ciphers: String, _ version: TLSVersion) throws -> String {
      let options = ClientOptions(maxVersion: version, ciphers: ciphers)
      let wire = try Wire(client: TLSContext(client: options), server: Lab.shared.server())
      #expect(wire.shakeHands().client == .done)
      return wire.client.cipher
    }
    let list = "ECDHE-ECDSA-CHACHA20-POLY1305:TLS_CHACHA20_POLY1305_SHA256"
    #expect(try cipher(list, .tls12) == "ECDHE-ECDSA-CHACHA20-POLY1305")
    #expect(try cipher(list, .tls13) == "TLS_CHACHA20_POLY1305_SHA256")
  }

  @Test(arguments: ["NONSENSE", "TLS_NONSENSE"]) func unknownCiphersAreRefused(_ list: String) {
    #expect { try TLSContext(client: ClientOptions(ciphers: list)) } throws: { error in
      "\(error)".contains("tls.ciphers") && "\(error)".contains(list)
    }
  }

  @Test func directoryOfAuthoritiesNeedsNoHashes() throws {
    let files = try PEMFiles([
      "root.pem": Lab.shared.root.certificate.pem, "README": "the authorities", ".hidden": "-----BEGIN",
    ])
    let trust = try TrustStore(TrustFiles(caDirectory: files.path))
    let wire = try Wire(client: TLSContext(client: ClientOptions()), server: Lab.shared.server())
    #expect(wire.shakeHands().client == .done)
    #expect(
      CertificateJudge().judge(wire.client, trust: trust, name: "mail.example.test", at: present).verified)
    let empty = try PEMFiles(["README": "nothing"])
    #expect(throws: TLSMaterialError.noCertificate(file: empty.path)) {
      try TrustStore(TrustFiles(caDirectory: empty.path))
    }
  }

  @Test func fileWithoutRevocationListIsRefused() throws {
    let files = try PEMFiles(["crl.pem": Lab.shared.root.certificate.pem])
    #expect(throws: TLSMaterialError.noRevocationList(file: files["crl.pem"])) {
      try TrustStore(TrustFiles(crlFile: files["crl.pem"]))
    }
  }
}
