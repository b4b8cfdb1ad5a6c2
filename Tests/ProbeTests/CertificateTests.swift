import Loop
import Model
@testable import Probe
import TLS
import ScriptedSMTP
import Testing

/// What is known of a certificate, ours and the server's.
@Suite(.timeLimit(.minutes(20))) struct CertificateTests {
  @Test(arguments: [TLSMode.starttls, .implicit])
  func `the facts are there though the verification failed`(mode: TLSMode) throws {
    let opening = mode == .implicit ? "" : Opening.upgrade
    let result = try probe("\(opening) T(expiredwronghost) \(Opening.greeting) OK", settings(mode)).result
    let tls = try #require(result.tls)
    #expect(result.reason == .certExpired && !tls.verified)
    #expect(Set(tls.faults.map(\.code)) == [10, 62])
    #expect(tls.faults.first?.code == 10)
    #expect(tls.version == "TLSv1.3" && !tls.cipher.isEmpty)
    #expect(tls.certificate?.names == ["other.example.test"])
  }

  @Test func `a fault that is forgiven is still reported`() throws {
    let result = try probe(
      "\(Opening.upgrade) T(expiredwronghost) OK", settings(.starttls) { $0.tls.insecureSkipVerify = true }
    ).result
    #expect(result.success, "\(result)")
    #expect(result.tls?.verified == false && result.tls?.faults.map(\.code) == [10, 62])
    #expect(result.phases[.ehloTls] != nil)
  }

  @Test(arguments: ["tls12", "tls13"])
  func `a client certificate is shown where one is wanted`(version: String) throws {
    let files = try clientFiles()
    let seen = try probe(
      "\(Opening.upgrade) T(good,\(version),clientcert) OK",
      settings(.starttls) {
        $0.tls.certFile = files["cert.pem"]
        $0.tls.keyFile = files["key.pem"]
      })
    #expect(seen.result.reason == .ok, "\(seen.result)")
    #expect(seen.result.tls?.clientCertificateRequested == true)
    #expect(seen.commands.contains("QUIT"))
  }

  @Test func `an authority from a file is believed, and no other`() throws {
    let files = try clientFiles()
    let stranger = settings(.implicit) { $0.tls.caFile = files["ca.pem"] }
    #expect(try probe("T(good) \(Opening.greeting) OK", stranger).result.reason == .ok)
    #expect(try probe("T(otherchain) \(Opening.greeting) OK", stranger).result.reason == .certUntrusted)
  }

  @Test(arguments: [true, false])
  func `a file that is not there makes no plan`(isAuthority: Bool) throws {
    let file = "/nonexistent.pem"
    let target = Target(
      name: "t", host: "127.0.0.1", port: 25,
      settings: settings(.starttls) {
        if isAuthority { $0.tls.caFile = file } else { $0.tls.certFile = file }
      })
    let error = #expect(throws: ProbePlanError.self) {
      try ProbePlan(target: target, hostName: "m.example.net", materials: World.materials())
    }
    #expect(error?.reason == .configTlsMaterial)
    #expect(error?.description.contains(file) == true)
  }
}

/// A client's certificate and key, and the authority behind them, in PEM.
private func clientFiles() throws -> TemporaryFiles {
  let authority = try World.identities.get().authority
  let identity = try authority.issue(CertificateRecipe(names: ["monitor.example.net"]))
  return try TemporaryFiles([
    "cert.pem": identity.certificatePEM, "key.pem": identity.keyPEM, "ca.pem": authority.certificate.pem,
  ])
}
