package import Model

/// XOAUTH2, the token login of Google and Microsoft: user and access token in one response.
package struct XOAUTH2Client: SASLClient {
  private let username: String
  private let token: Secret
  package private(set) var remark: [UInt8] = []
  private var isRefused = false

  /// A login.
  package init(username: String, token: Secret) {
    self.username = username
    self.token = token
  }

  package var mechanism: Mechanism { .xoauth2 }
  package var readsChallenges: Bool { false }

  package mutating func initialResponse() -> [UInt8]? {
    Array("user=\(username)\u{01}auth=Bearer ".utf8) + token.bytes + [0x01, 0x01]
  }

  /// A challenge is the refusal in JSON; an empty line fetches the reply that goes with it.
  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    guard !isRefused else { throw .unexpectedChallenge }
    isRefused = true
    remark = challenge
    return []
  }
}
