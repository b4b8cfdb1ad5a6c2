import Model
import TLS
import Testing

/// A throw-away key with a passphrase, as PKCS #8 (RFC 5958).
private let encryptedPKCS8 = """
  -----BEGIN ENCRYPTED PRIVATE KEY-----
  MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAi2KFynpQP2XAICCAAw
  DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEO5ySZ6tyToBG2IyRBdyqCAEgZDv
  jH0lawgYF+cJRv4yC/yFvD589y9IHQlI03XI/ga984e/pRdG7bIFQ54M+aOWv7ab
  BLBFTGXt9FIy3/sN4lavPFNmRMrpwybFcrCWQpmOgN8fLFvPjK4VNa+I40YRmBWl
  rPswxWUnMVcbHG+0Wm3oMnJwWEzIrqF63dsCAdupecD3p19/Zd62L/U1XGEOcGo=
  -----END ENCRYPTED PRIVATE KEY-----

  """

/// The same in the older form (RFC 1421).
private let encryptedTraditional = """
  -----BEGIN EC PRIVATE KEY-----
  Proc-Type: 4,ENCRYPTED
  DEK-Info: AES-256-CBC,7D9BE943963135AA8C07901A34295A4D

  9v7K5NHF0RlpyL5G7LNbPrjR0a+YlEjxTt0qhDwLaaXgrhQeKk6oBWQ3AB8gYr9u
  t5hHwMHHSYam0mq/Mfghjx+PddVYkPbsZbRhV6+YTHHSLw9a4lpyNShI8O0HtJN6
  ExSbHz+M+DLBX7AGrmllwC72QS7jqQh84ROrCePYJE8=
  -----END EC PRIVATE KEY-----

  """

struct TLSMaterialTests {
  private let lab = Lab.shared

  private func trustError(_ file: String) -> TLSMaterialError? {
    do throws(TLSMaterialError) {
      _ = try TrustStore(caFile: file)
      return nil
    } catch { return error }
  }

  private func clientError(_ options: ClientOptions) -> TLSMaterialError? {
    do throws(TLSMaterialError) {
      _ = try TLSContext(client: options)
      return nil
    } catch { return error }
  }

  @Test func `a bundle of authorities is believed`() throws {
    let stranger = try CertificateAuthority(name: "Stranger", at: present)
    let files = try PEMFiles(["ca.pem": "# ours\n" + stranger.certificate.pem + lab.root.certificate.pem])
    let trust = try TrustStore(caFile: files["ca.pem"])
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try lab.server())
    _ = wire.shakeHands()
    let facts = CertificateJudge().judge(wire.client, trust: trust, name: "mail.example.test", at: present)
    #expect(facts.verified)
  }

  @Test func `the system's trust does not know the lab`() throws {
    let wire = Wire(client: try TLSContext(client: ClientOptions()), server: try lab.server())
    _ = wire.shakeHands()
    let facts = CertificateJudge().judge(
      wire.client, trust: TrustStore(), name: "mail.example.test", at: present)
    #expect(facts.faults.map(\.code) == [20])
  }

  @Test func `a file of authorities that cannot be used says why`() throws {
    let files = try PEMFiles([
      "garbage.pem": "this is no certificate\n", "empty.pem": "", "key.pem": lab.good.keyPEM,
      "broken.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
      "half.pem": lab.root.certificate.pem + "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n",
    ])
    #expect(trustError(files["absent.pem"]) == .missing(file: files["absent.pem"]))
    #expect(trustError(files.path) == .isDirectory(file: files.path))
    for name in ["garbage.pem", "empty.pem", "key.pem"] {
      #expect(trustError(files[name]) == .noCertificate(file: files[name]))
    }
    for name in ["broken.pem", "half.pem"] {
      guard case .damaged(files[name], let detail) = trustError(files[name]) else {
        Issue.record("\(name): \(String(describing: trustError(files[name])))")
        continue
      }
      #expect(!detail.isEmpty)
    }
    #expect(trustError("/dev/null/ca.pem") == .unreadable(file: "/dev/null/ca.pem", errno: 20))
    #expect(
      trustError("/dev/null/ca.pem")?.description
        == "/dev/null/ca.pem cannot be read: Not a directory")
  }

  @Test func `a client certificate that cannot be used says why`() throws {
    let other = try lab.middle.issue(CertificateRecipe(names: ["other.example.test"]))
    let files = try PEMFiles([
      "cert.pem": lab.good.certificatePEM, "key.pem": lab.good.keyPEM, "other.pem": other.keyPEM,
      "both.pem": lab.good.keyPEM + lab.good.certificatePEM,
    ])
    #expect(clientError(ClientOptions(certFile: files["cert.pem"], keyFile: files["key.pem"])) == nil)
    #expect(clientError(ClientOptions(certFile: files["both.pem"])) == nil)
    #expect(
      clientError(ClientOptions(certFile: files["cert.pem"], keyFile: files["other.pem"]))
        == .keyMismatch(certFile: files["cert.pem"], keyFile: files["other.pem"]))
    #expect(
      clientError(ClientOptions(certFile: files["cert.pem"])) == .noPrivateKey(file: files["cert.pem"]))
    #expect(
      clientError(ClientOptions(certFile: files["key.pem"])) == .noCertificate(file: files["key.pem"]))
    #expect(
      clientError(ClientOptions(certFile: files["absent.pem"])) == .missing(file: files["absent.pem"]))
  }

  @Test(arguments: [encryptedPKCS8, encryptedTraditional])
  func `a key that wants a passphrase is refused without asking for it`(pem: String) throws {
    let files = try PEMFiles(["cert.pem": lab.good.certificatePEM, "key.pem": pem])
    #expect(
      clientError(ClientOptions(certFile: files["cert.pem"], keyFile: files["key.pem"]))
        == .encryptedKey(file: files["key.pem"]))
  }

  @Test func `no version between minimum and maximum is refused`() {
    guard case .options = clientError(ClientOptions(minVersion: .tls13, maxVersion: .tls12)) else {
      Issue.record("accepted")
      return
    }
    #expect(clientError(ClientOptions(minVersion: .tls12, maxVersion: .tls12)) == nil)
  }
}
