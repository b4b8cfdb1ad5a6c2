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
    var response: [UInt8] = []
    response.reserveCapacity(credentials.username.utf8.count + credentials.password.bytes.count + 2)
    response.append(0)
    response += credentials.username.utf8
    response.append(0)
    response += credentials.password.bytes
    return response
  }

  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    guard !isDone, let response = initialResponse() else { throw .unexpectedChallenge }
    return response
  }
}
