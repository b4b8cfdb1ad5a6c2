import Model
import TLS
import Testing

struct ChannelBindingTests {
  /// A session of one version, with its handshake done.
  private func session(_ version: TLSVersion, _ identity: Identity? = nil) throws -> Wire {
    let client = try TLSContext(client: ClientOptions(minVersion: version, maxVersion: version))
    let wire = Wire(client: client, server: try Lab.shared.server(identity))
    #expect(wire.client.channelBinding == nil)
    _ = wire.shakeHands()
    return wire
  }

  @Test(arguments: [
    (TLSVersion.tls12, ChannelBinding.Kind.tlsServerEndPoint), (.tls13, .tlsExporter),
  ])
  func `both ends of a session come to the same binding`(version: TLSVersion, kind: ChannelBinding.Kind)
    throws
  {
    let wire = try session(version)
    let binding = try #require(wire.client.channelBinding)
    #expect(binding.kind == kind && binding.data.count == 32)
    #expect(binding == wire.server.channelBinding)
    #expect(binding == wire.client.channelBinding)
  }

  @Test func `an exporter's binding is of one session only`() throws {
    #expect(try session(.tls13).client.channelBinding != session(.tls13).client.channelBinding)
  }

  @Test func `an end point's binding is of one certificate, and stays`() throws {
    let first = try session(.tls12).client.channelBinding
    #expect(try session(.tls12).client.channelBinding == first)
    let other = try Lab.shared.middle.issue(CertificateRecipe(names: ["mail.example.test"]))
    #expect(try session(.tls12, other).client.channelBinding != first)
  }

  @Test(arguments: [false, true])
  func `an end point's binding is never weaker than the fingerprint with SHA-256`(isSHA1Signed: Bool) throws {
    var recipe = CertificateRecipe(names: ["mail.example.test"])
    recipe.isSHA1Signed = isSHA1Signed
    let wire = try session(.tls12, try Lab.shared.middle.issue(recipe))
    let facts = CertificateJudge().judge(
      wire.client, trust: Lab.shared.trust, name: "mail.example.test", at: present)
    let digits = wire.client.channelBinding?.data.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      .joined()
    #expect(digits == facts.certificate?.fingerprintSHA256)
  }
}
