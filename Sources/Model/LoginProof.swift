/// What proves a login.
package enum LoginProof: Sendable, Equatable {
  case password(Secret)
  /// An OAuth access token (RFC 6750).
  case token(Secret)
  /// An access token that is got when it is needed.
  case grant(TokenGrant)
  /// The certificate of our side of the TLS session.
  case certificate

  /// The password or the token, where it is known beforehand.
  package var secret: Secret? {
    switch self {
    case .password(let secret), .token(let secret): secret
    case .grant, .certificate: nil
    }
  }

  /// A mechanism takes such a proof.
  package func suits(_ mechanism: Mechanism) -> Bool {
    switch self {
    case .password: !mechanism.takesToken && mechanism != .external
    case .token, .grant: mechanism.takesToken
    case .certificate: mechanism == .external
    }
  }
}
