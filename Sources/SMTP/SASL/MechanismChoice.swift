package import Model

/// Who logs in with a password.
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
  /// Strongest first, by sort of proof: what proves the server too comes before what keeps the password at
  /// home, and that before what hands it over.
  package static let byStrength: [Mechanism] = [
    .scramSHA256Plus, .scramSHA256, .scramSHA1Plus, .scramSHA1, .cramMD5, .plain, .login,
    .oauthBearer, .xoauth2,
    .external,
  ]

  /// What we would use for a login, strongest first: the wanted one alone where one is named.
  ///
  /// - Parameters:
  ///   - isBindable: there is a TLS session that a login can be tied to.
  ///   - hasMD5: CRAM-MD5 can be computed.
  package static func acceptable(
    wanted: Mechanism?, proof: LoginProof, isBindable: Bool, hasMD5: Bool
  ) -> [Mechanism] {
    byStrength.filter { mechanism in
      (wanted == nil || mechanism == wanted) && proof.suits(mechanism)
        && (isBindable || !mechanism.bindsChannel) && (hasMD5 || mechanism != .cramMD5)
    }
  }

  /// The first of these that the server offers too; nil where there is none.
  package static func choose(among acceptable: [Mechanism], offered: [String]) -> Mechanism? {
    acceptable.first { offered.contains($0.rawValue) }
  }

  /// The client of a mechanism that suits the login's proof.
  static func client(
    _ mechanism: Mechanism, of login: SessionPlan.Login, offered: [String], binding: ChannelBinding?
  ) -> any SASLClient {
    switch login.proof {
    case .password(let password):
      let credentials = Credentials(username: login.username, password: password)
      let use = use(of: binding, in: mechanism, offered: offered)
      return client(mechanism, credentials, use: use, cryptography: login.cryptography)
    case .token(let token) where mechanism == .xoauth2:
      return XOAUTH2Client(username: login.username, token: token)
    case .token(let token):
      return OAuthBearerClient(
        username: login.username, token: token, host: login.host, port: login.port)
    case .grant: preconditionFailure("a session begins with the token in hand")
    case .certificate: return ExternalClient(username: login.username)
    }
  }

  private static func client(
    _ mechanism: Mechanism, _ credentials: Credentials, use: ChannelBindingUse,
    cryptography: any SASLCryptography
  ) -> any SASLClient {
    switch mechanism {
    case .plain: PlainClient(credentials)
    case .login: LoginClient(credentials)
    case .cramMD5: CRAMMD5Client(credentials, cryptography: cryptography)
    case .scramSHA1, .scramSHA1Plus:
      SCRAMClient(credentials, hash: .sha1, use: use, cryptography: cryptography)
    case .scramSHA256, .scramSHA256Plus:
      SCRAMClient(credentials, hash: .sha256, use: use, cryptography: cryptography)
    case .xoauth2, .oauthBearer, .external: preconditionFailure("\(mechanism) takes no password")
    }
  }

  /// `y` would be a lie to a server that lists -PLUS in any form (RFC 5802 section 6).
  private static func use(
    of binding: ChannelBinding?, in mechanism: Mechanism, offered: [String]
  ) -> ChannelBindingUse {
    guard let binding else { return .none }
    if mechanism.bindsChannel { return .bound(binding) }
    return offered.contains { $0.hasPrefix("SCRAM-") && $0.hasSuffix("-PLUS") } ? .none : .notOffered
  }
}
