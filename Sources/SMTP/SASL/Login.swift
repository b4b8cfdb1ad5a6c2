package import Model

/// LOGIN (draft-murchison-sasl-login): the server asks for the user, then for the password. Its questions are
/// worded differently everywhere, so only their order counts.
package struct LoginClient: SASLClient {
  private let credentials: Credentials
  private var answered = 0

  /// A login.
  package init(_ credentials: Credentials) { self.credentials = credentials }

  package var mechanism: Mechanism { .login }
  package var readsChallenges: Bool { false }

  /// Some servers would take the user here, and some would not.
  package mutating func initialResponse() -> [UInt8]? { nil }

  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    answered += 1
    switch answered {
    case 1: return Array(credentials.username.utf8)
    case 2: return credentials.password.bytes
    default: throw .unexpectedChallenge
    }
  }
}
