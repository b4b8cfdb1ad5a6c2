package import Model

/// OAUTHBEARER (RFC 7628): user, server and access token in one response.
package struct OAuthBearerClient: SASLClient {
  private let username: String
  private let token: Secret
  private let host: String
  private let port: Int
  package private(set) var remark: [UInt8] = []
  private var isRefused = false

  /// A login at the server that `host` and `port` reach.
  package init(username: String, token: Secret, host: String, port: Int) {
    self.username = username
    self.token = token
    self.host = host
    self.port = port
  }

  package var mechanism: Mechanism { .oauthBearer }
  package var readsChallenges: Bool { false }

  package mutating func initialResponse() -> [UInt8]? {
    let server = "host=\(host)\u{01}port=\(port)"
    return Array("n,a=\(SASLName.escaped(username)),\u{01}\(server)\u{01}auth=Bearer ".utf8) + token.bytes
      + [0x01, 0x01]
  }

  /// A challenge is the refusal in JSON; a single ^A fetches the reply that goes with it (section 3.2.3).
  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    guard !isRefused else { throw .unexpectedChallenge }
    isRefused = true
    remark = challenge
    return [0x01]
  }
}
