/// How a server encrypts.
package struct TLSServerSettings: Sendable, Equatable {
  /// Versions, the oldest first.
  package enum Version: String, Sendable, CaseIterable, Comparable {
    case tls10 = "TLS10"
    case tls11 = "TLS11"
    case tls12 = "TLS12"
    case tls13 = "TLS13"

    package static func < (left: Version, right: Version) -> Bool { left.rawValue < right.rawValue }
  }

  /// Groups for the key exchange.
  package enum Group: String, Sendable, CaseIterable {
    case p256 = "CurveP256"
    case p384 = "CurveP384"
    case p521 = "CurveP521"
    case x25519 = "X25519"
  }

  /// What is expected of clients.
  package enum ClientCertificate: Sendable {
    case none
    /// Asked for; any will do, and none as well.
    case requested
    /// Any will do.
    case required
    /// None will do, but a bad one will not.
    case verifiedIfGiven
    case requiredAndVerified

    var isVerified: Bool { self == .verifiedIfGiven || self == .requiredAndVerified }
  }

  /// The certificate with its chain behind it, in PEM.
  package var certificate: [UInt8]
  /// Its key, in PEM.
  package var key: [UInt8]
  package var clientCertificate = ClientCertificate.none
  /// Who has to have issued the clients' certificates, in PEM; nil: the system's authorities.
  package var clientAuthorities: [UInt8]?
  /// A client's certificate has to be for one of these names; nil: for any.
  package var clientNames: [String]?
  package var minVersion = Version.tls12
  package var maxVersion = Version.tls13
  /// What TLS 1.2 and before may use, by their IANA names, the best first; empty: the library's choice.
  package var ciphers: [String] = []
  /// The best first; empty: the library's choice.
  package var groups: [Group] = []
  /// The server's order counts, not the client's.
  package var prefersServerOrder = true

  /// The defaults with an identity.
  package init(certificate: [UInt8], key: [UInt8]) {
    self.certificate = certificate
    self.key = key
  }
}

/// Why a server cannot encrypt.
package enum TLSServerError: Error, Equatable, CustomStringConvertible {
  /// Certificate and key; the library's words.
  case identity(String)
  /// The clients' authorities.
  case clientAuthorities(String)
  /// Versions, ciphers and groups do not go together.
  case options(String)

  package var description: String {
    switch self {
    case .identity(let words): "The server's certificate and key cannot be used: \(words)"
    case .clientAuthorities(let words): "The clients' authorities cannot be used: \(words)"
    case .options(let words): "TLS cannot be set up: \(words)"
    }
  }
}
