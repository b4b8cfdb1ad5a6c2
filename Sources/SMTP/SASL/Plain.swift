package import Model

/// PLAIN (RFC 4616): user and password in one response.
package struct PlainClient: SASLClient {
  private let credentials: Credentials
  private var isDone = false

  /// A login.
  package init(_ credentials: Credentials) { self.credentials = credentials }

  package var mechanism: Mechanism { .plain }
  package var readsChallenges: Bool { false }

  package mutating func initialResponse() -> [UInt8]? {
    isDone = true
    return [0] + credentials.username.utf8 + [0] + credentials.password.bytes
  }

  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    guard !isDone, let response = initialResponse() else { throw .unexpectedChallenge }
    return response
  }
}
