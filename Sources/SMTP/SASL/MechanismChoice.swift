package import Model

/// Who logs in.
package struct Credentials: Sendable, Equatable {
  package var username: String
  package var password: Secret

  /// A user and a password.
  package init(username: String, password: Secret) {
    self.username = username
    self.password = password
  }
}

/// Which mechanism to use, and the client that speaks it.
package enum MechanismChoice {
  /// What is implemented, strongest first: what proves the server too comes before what keeps the password at
  /// home, and that before what hands it over.
  package static let byStrength: [Mechanism] = [.cramMD5, .plain, .login]

  /// The mechanism to use with a server that offers these: the wanted one, or the strongest where none is named.
  /// nil where the two sides have none in common.
  package static func choose(wanted: Mechanism?, offered: [String]) -> Mechanism? {
    acceptable(wanted).first { offered.contains($0.rawValue) }
  }

  /// What we would use, strongest first.
  package static func acceptable(_ wanted: Mechanism?) -> [Mechanism] {
    byStrength.filter { wanted == nil || $0 == wanted }
  }

  /// The client of a mechanism; nil for one that is not implemented.
  static func client(
    _ mechanism: Mechanism, credentials: Credentials, hmacMD5: @escaping HMACMD5
  ) -> (any SASLClient)? {
    switch mechanism {
    case .plain: PlainClient(credentials)
    case .login: LoginClient(credentials)
    case .cramMD5: CRAMMD5Client(credentials, hmac: hmacMD5)
    case .scramSHA1, .scramSHA256, .scramSHA1Plus, .scramSHA256Plus, .xoauth2, .oauthBearer, .external: nil
    }
  }
}
