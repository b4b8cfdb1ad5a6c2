package import Model

/// EXTERNAL (RFC 4422 appendix A): the client certificate of the TLS session says who we are.
package struct ExternalClient: SASLClient {
  private let username: String
  private var isDone = false

  /// A login as `username`, or as whoever the certificate belongs to where that is empty.
  package init(username: String) { self.username = username }

  package var mechanism: Mechanism { .external }
  package var readsChallenges: Bool { false }

  package mutating func initialResponse() -> [UInt8]? {
    isDone = true
    return Array(username.utf8)
  }

  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    guard !isDone, let response = initialResponse() else { throw .unexpectedChallenge }
    return response
  }
}
