import Model
import TLS
import Testing

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
    let encrypted = """
      -----BEGIN ENCRYPTED PRIVATE KEY-----
      MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjkKoOrPXBMOQICCAAw
      -----END ENCRYPTED PRIVATE KEY-----

      """
    let files = try PEMFiles([
      "cert.pem": lab.good.certificatePEM, "key.pem": lab.good.keyPEM, "other.pem": other.keyPEM,
      "both.pem": lab.good.keyPEM + lab.good.certificatePEM, "encrypted.pem": encrypted,
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
    let sealed = clientError(ClientOptions(certFile: files["cert.pem"], keyFile: files["encrypted.pem"]))
    #expect(sealed != nil && sealed != .noPrivateKey(file: files["encrypted.pem"]))
  }

  @Test func `no version between minimum and maximum is refused`() {
    guard case .options = clientError(ClientOptions(minVersion: .tls13, maxVersion: .tls12)) else {
      Issue.record("accepted")
      return
    }
    #expect(clientError(ClientOptions(minVersion: .tls12, maxVersion: .tls12)) == nil)
  }
}
