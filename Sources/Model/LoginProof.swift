/// What proves a login.
package enum LoginProof: Sendable, Equatable {
  case password(Secret)
  /// An OAuth access token (RFC 6750).
  case token(Secret)
  /// The certificate of our side of the TLS session.
  case certificate

  /// The password or the token.
  package var secret: Secret? {
    switch self {
    case .password(let secret), .token(let secret): secret
    case .certificate: nil
    }
  }

  /// A mechanism takes such a proof.
  package func suits(_ mechanism: Mechanism) -> Bool {
    switch self {
    case .password: !mechanism.takesToken && mechanism != .external
    case .token: mechanism.takesToken
    case .certificate: mechanism == .external
    }
  }
}
