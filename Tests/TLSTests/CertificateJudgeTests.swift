import Model
import Testing

@testable import TLS

struct CertificateJudgeTests {
  private let lab = Lab.shared

  /// What a client makes of a server that shows `identity`.
  private func judge(
    _ identity: Identity, name: String = "mail.example.test", trust: TrustStore? = nil,
    at now: Timestamp = present, by judge: CertificateJudge = CertificateJudge()
  ) throws -> TLSFacts {
    let wire = Wire(
      client: try TLSContext(client: ClientOptions()), server: try lab.server(identity), name: name)
    #expect(wire.shakeHands().client == .done)
    return judge.judge(wire.client, trust: trust ?? lab.trust, name: name, at: now)
  }

  private func codes(_ facts: TLSFacts) -> [Int] { facts.faults.map(\.code) }

  @Test func `a good chain is verified and reported`() throws {
    let facts = try judge(lab.good)
    #expect(facts.verified && facts.faults.isEmpty && !facts.clientCertificateRequested)
    #expect(facts.version == "TLSv1.3" && facts.cipher.hasPrefix("TLS_"))
    let certificate = try #require(facts.certificate)
    #expect(certificate.subject == "CN=mail.example.test,O=smtpwatch")
    #expect(certificate.issuer == "CN=Lab intermediate,O=smtpwatch")
    #expect(certificate.issuerCommonName == "Lab intermediate")
    #expect(certificate.names == ["mail.example.test"])
    #expect(certificate.fingerprintSHA256.count == 64 && certificate.serial.count == 32)
    #expect(certificate.fingerprintSHA256.allSatisfy { $0.isHexDigit && !$0.isUppercase })
    #expect(certificate.notBefore == present + .seconds(-3600))
    #expect(certificate.notAfter == present + .seconds(90 * 86_400))
    #expect(certificate.chainNotAfter == certificate.notAfter && certificate.chainLength == 2)
    #expect(!certificate.isCommonNameOnly && !certificate.isSelfIssued && !certificate.namesIssuerLocation)
  }

  @Test(arguments: [
    ("mail.example.test.", true), ("MAIL.example.test", true), ("other.example.test", false),
    ("example.test", false), ("mail.example.test.evil", false), ("", false), (".", false),
    ("a.wild.example.test", true), ("a.b.wild.example.test", false), ("wild.example.test", false),
    ("partial.example.test", false), ("192.0.2.7", true), ("192.0.2.8", false), ("2001:db8::7", true),
    ("2001:db8:0:0::7", true), ("2001:db8::8", false), ("mail.example.test\0.evil", false),
  ])
  func `a name has to be one of the certificate's`(name: String, matches: Bool) throws {
    let identity = try lab.middle.issue(
      CertificateRecipe(
        names: [
          "mail.example.test", "*.wild.example.test", "p*.example.test", "192.0.2.7", "2001:db8::7",
        ]))
    let facts = try judge(identity, name: name)
    let fault = PeerName(name).isAddress ? 64 : 62
    #expect(codes(facts) == (matches ? [] : [fault]))
    #expect(facts.verified == matches)
    #expect(
      facts.certificate?.names == [
        "mail.example.test", "*.wild.example.test", "p*.example.test", "192.0.2.7", "2001:db8::7",
      ])
  }

  @Test func `an expired certificate of another name has both faults, the end first`() throws {
    var recipe = CertificateRecipe(names: ["other.example.test"])
    recipe.notBefore = .seconds(-20 * 86_400)
    recipe.notAfter = .seconds(-86_400)
    let facts = try judge(try lab.middle.issue(recipe))
    #expect(codes(facts) == [10, 62] && !facts.verified)
    #expect(facts.faults.allSatisfy { $0.depth == 0 })
    #expect(facts.faults[0].text == "certificate has expired")
    #expect(facts.certificate?.names == ["other.example.test"])
  }

  @Test func `each way to be bad has its fault`() throws {
    var future = CertificateRecipe(names: ["mail.example.test"])
    future.notBefore = .seconds(86_400)
    #expect(codes(try judge(try lab.middle.issue(future))) == [9])

    let selfSigned = try judge(
      try CertificateAuthority.selfSigned(CertificateRecipe(names: ["mail.example.test"]), at: present))
    #expect(codes(selfSigned) == [18] && selfSigned.certificate?.isSelfIssued == true)

    var alone = CertificateRecipe(names: ["mail.example.test"])
    alone.isChainSent = false
    alone.issuerLocation = "http://ca.example.test/middle.der"
    let incomplete = try judge(try lab.middle.issue(alone))
    #expect(codes(incomplete) == [20] && incomplete.faults.allSatisfy { $0.depth == 0 })
    #expect(incomplete.certificate?.chainLength == 1 && incomplete.certificate?.namesIssuerLocation == true)

    let stranger = try CertificateAuthority(name: "Stranger", at: present)
    let unknown = try judge(
      try stranger.intermediate(name: "Below").issue(CertificateRecipe(names: ["mail.example.test"])))
    #expect(unknown.faults.map { [$0.code, $0.depth] } == [[20, 1]])

    var client = CertificateRecipe(names: ["mail.example.test"])
    client.isForClientsOnly = true
    #expect(codes(try judge(try lab.middle.issue(client))) == [26])

    var forged = CertificateRecipe(names: ["mail.example.test"])
    forged.isSignatureWrong = true
    #expect(codes(try judge(try lab.middle.issue(forged))) == [7])

    var small = CertificateRecipe(names: ["mail.example.test"])
    small.key = .rsa(bits: 1024)
    #expect(codes(try judge(try lab.middle.issue(small))) == [66])

    var old = CertificateRecipe(names: ["mail.example.test"])
    old.isSHA1Signed = true
    #expect(codes(try judge(try lab.middle.issue(old))) == [68])
  }

  @Test func `a common name serves where there is no alternative name, and is told`() throws {
    var recipe = CertificateRecipe(names: ["mail.example.test"])
    recipe.isCommonNameOnly = true
    let facts = try judge(try lab.middle.issue(recipe))
    #expect(facts.verified && facts.certificate?.isCommonNameOnly == true)
    #expect(facts.certificate?.names == ["mail.example.test"])
  }

  @Test func `the chain ends with its first certificate`() throws {
    let brief = try lab.root.intermediate(name: "Brief", notAfter: .seconds(86_400))
    let identity = try brief.issue(CertificateRecipe(names: ["mail.example.test"]))
    let facts = try judge(identity)
    #expect(facts.verified)
    #expect(facts.certificate?.notAfter == present + .seconds(90 * 86_400))
    #expect(facts.certificate?.chainNotAfter == present + .seconds(86_400))
    let later = try judge(identity, at: present + .seconds(2 * 86_400))
    #expect(later.faults.map { [$0.code, $0.depth] } == [[10, 1]])
  }

  @Test func `a certificate request is reported with the facts`() throws {
    let files = try PEMFiles(["client.pem": lab.good.certificatePEM + lab.good.keyPEM])
    let client = try TLSContext(client: ClientOptions(certFile: files["client.pem"]))
    for version in [TLSVersion.tls12, .tls13] {
      let server = try TLSContext(
        server: ServerOptions(
          identity: lab.good, maxVersion: version, requiresClientCertificate: true,
          clientAuthority: lab.root.certificate))
      let wire = Wire(client: client, server: server)
      #expect(wire.shakeHands() == (.done, .done))
      let facts = CertificateJudge().judge(
        wire.client, trust: lab.trust, name: "mail.example.test", at: present)
      #expect(facts.clientCertificateRequested && facts.verified)
    }
  }

  @Test func `a verdict is used again for a minute, and the certificate for good`() throws {
    let judge = CertificateJudge()
    let first = try self.judge(lab.good, by: judge)
    let second = try self.judge(lab.good, at: present + .seconds(60), by: judge)
    #expect(judge.verifications == 1 && second == first)
    #expect(first.certificate === second.certificate)
    let third = try self.judge(lab.good, at: present + .seconds(61), by: judge)
    #expect(judge.verifications == 2 && third.certificate === first.certificate)
    _ = try self.judge(lab.good, at: present, by: judge)
    #expect(judge.verifications == 3, "a clock that was set back asks again")
  }

  @Test func `a verdict is not used for another name, another trust or another chain`() throws {
    let judge = CertificateJudge()
    #expect(try self.judge(lab.good, by: judge).verified)
    #expect(codes(try self.judge(lab.good, name: "x.example.test", by: judge)) == [62])
    let nobody = TrustStore(authorities: [])
    #expect(codes(try self.judge(lab.good, trust: nobody, by: judge)) == [20])
    let alone = Identity(chain: [lab.good.chain[0]], key: lab.good.key)
    #expect(codes(try self.judge(alone, by: judge)) == [20])
    #expect(judge.verifications == 4)
  }

  @Test func `an intermediate that is named is believed without the root above it`() throws {
    let middle = TrustStore(authorities: [lab.middle.certificate])
    let alone = Identity(chain: [lab.good.chain[0]], key: lab.good.key)
    #expect(try judge(alone, trust: middle).verified)
  }

  @Test func `a verdict does not outlive the chain`() throws {
    var recipe = CertificateRecipe(names: ["mail.example.test"])
    recipe.notAfter = .seconds(10)
    let identity = try lab.middle.issue(recipe)
    let judge = CertificateJudge()
    #expect(try self.judge(identity, by: judge).verified)
    #expect(codes(try self.judge(identity, at: present + .seconds(11), by: judge)) == [10])
  }

  @Test func `no more is remembered than there is room for`() throws {
    let judge = CertificateJudge(capacity: 2)
    for name in ["a.test", "b.test", "c.test", "d.test"] {
      #expect(codes(try self.judge(lab.good, name: name, by: judge)) == [62])
    }
    #expect(judge.rememberedVerdicts <= 2)
  }

  @Test func `faults count in the order of their weight, each once`() {
    let faults = [26, 66, 21, 20, 19, 18, 9, 65, 62, 23, 10, 10].map {
      CertificateFault(code: $0, depth: 0, text: "")
    }
    let alone = ChainVerification.ranked(faults, isAlone: true).map(\.code)
    #expect(alone == [10, 23, 62, 65, 9, 18, 21, 20, 19, 66, 26])
    let accompanied = ChainVerification.ranked(faults, isAlone: false).map(\.code)
    #expect(accompanied == [10, 23, 62, 65, 9, 18, 21, 20, 19, 66, 26])
  }
}
