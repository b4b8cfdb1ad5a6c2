package import Model
package import TLS

/// The certificates that scripts name, all for one host and of one authority unless their name says otherwise.
package struct Identities: Sendable {
  /// Whom a client has to trust for `good` to be good.
  package let authority: CertificateAuthority
  private let byName: [String: Identity]

  /// Mints them all.
  package init(host: String, at now: Timestamp) throws(TLSMaterialError) {
    let day: Duration = .seconds(86_400)
    let authority = try CertificateAuthority(name: "Scripted Test CA", at: now)
    let stranger = try CertificateAuthority(name: "Unknown Test CA", at: now)
    let below = try authority.intermediate(name: "Scripted Test CA 2")
    func recipe(_ change: (inout CertificateRecipe) -> Void = { _ in }) -> CertificateRecipe {
      var recipe = CertificateRecipe(names: [host, "localhost", "127.0.0.1", "::1"])
      change(&recipe)
      return recipe
    }
    self.authority = authority
    byName = [
      "good": try authority.issue(recipe()),
      "chain": try below.issue(recipe()),
      "leafonly": try below.issue(
        recipe {
          $0.isChainSent = false
          $0.issuerLocation = "http://ca.example.test/intermediate.der"
        }),
      "expired": try authority.issue(
        recipe {
          $0.notBefore = day * -90
          $0.notAfter = day * -3
        }),
      "expiredwronghost": try authority.issue(
        recipe {
          $0.names = ["other.example.test"]
          $0.notBefore = day * -90
          $0.notAfter = day * -3
        }),
      "expiring": try authority.issue(
        recipe {
          $0.notBefore = day * -85
          $0.notAfter = day * 5
        }),
      "future": try authority.issue(
        recipe {
          $0.notBefore = day * 3
          $0.notAfter = day * 90
        }),
      "selfsigned": try CertificateAuthority.selfSigned(recipe(), at: now),
      "wronghost": try authority.issue(recipe { $0.names = ["other.example.test"] }),
      "otherchain": try stranger.issue(recipe()),
      "intercepted": try CertificateAuthority(name: "Zscaler Root CA", at: now).issue(recipe()),
      "clienteku": try authority.issue(recipe { $0.isForClientsOnly = true }),
      "rsa1024": try authority.issue(recipe { $0.key = .rsa(bits: 1024) }),
      "sha1": try authority.issue(recipe { $0.isSHA1Signed = true }),
      "cnonly": try authority.issue(recipe { $0.isCommonNameOnly = true }),
      "badsig": try authority.issue(recipe { $0.isSignatureWrong = true }),
    ]
  }

  /// These, and one more or another one.
  package func adding(_ name: String, _ identity: Identity) -> Identities {
    Identities(authority: authority, byName: byName.merging([name: identity]) { _, new in new })
  }

  private init(authority: CertificateAuthority, byName: [String: Identity]) {
    self.authority = authority
    self.byName = byName
  }

  /// The identity of a name; nil where there is none.
  package subscript(name: String) -> Identity? { byName[name] }

  /// What a server speaks that a script asks for with `T(name,limit…)`: `tls10` to `tls13` for the one version
  /// that it knows, `clientcert` where it wants a client's certificate.
  func options(_ name: String, limits: [String]) throws(ScriptError) -> ServerOptions {
    guard let identity = self[name] else {
      throw ScriptError(description: "no certificate is called '\(name)'")
    }
    var options = ServerOptions(identity: identity)
    for limit in limits {
      if let version = TLSVersion(rawValue: limit.uppercased()) {
        options.minVersion = version
        options.maxVersion = version
      } else if limit == "clientcert" {
        options.requiresClientCertificate = true
        options.clientAuthority = authority.certificate
      } else {
        throw ScriptError(description: "T(…) knows no limit '\(limit)'")
      }
    }
    return options
  }
}
