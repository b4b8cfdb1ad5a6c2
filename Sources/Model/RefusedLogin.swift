extension ProbeResult {
  /// The server looked at the credentials and refused them, or the account: what locks one if it is repeated.
  package var hasRefusedCredentials: Bool {
    // Who had no token to show was not refused.
    guard stage == .auth, !success, !isLoginWithheld, accessToken?.isAtHand != false else { return false }
    return switch reason {
    case .authRejected, .authAppPassword, .authDisabled, .authToken, .configCredentials: true
    default: false
    }
  }

  /// A server was shown an access token, and refuses it.
  package var refusesToken: Bool { refusedLogin?.reason == .authToken }

  /// The probe, or the first of its members, whose credentials were refused.
  package var refusedLogin: ProbeResult? {
    members.isEmpty ? hasRefusedCredentials ? self : nil : members.first(where: \.hasRefusedCredentials)
  }
}
