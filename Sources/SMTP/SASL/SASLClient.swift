package import Model

/// The client's side of one SASL exchange (RFC 4422). What it says and hears is free of base64.
package protocol SASLClient: Sendable {
  /// The mechanism that it speaks.
  var mechanism: Mechanism { get }
  /// Whether challenges have a meaning. Where they are mere prompts, even one that is no base64 will do.
  var readsChallenges: Bool { get }
  /// What may be said with AUTH itself; nil where the server speaks first. Asked for once.
  mutating func initialResponse() -> [UInt8]?
  /// The answer to a challenge. An empty answer is an empty line.
  mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8]
  /// What an answer to this challenge would want salted: whoever holds the conversation can see to it beforehand.
  func salting(askedBy challenge: [UInt8]) -> PasswordSalting?
  /// What the server said in a challenge about its refusal, such as the JSON of OAuth; empty for nothing.
  var remark: [UInt8] { get }
  /// What a server that knows the password is about to say, where somebody who sees it could try passwords against it;
  /// nil for nothing.
  var tellingChallenge: [UInt8]? { get }
  /// The server says that all is well: whether it has also proved what the mechanism wants proved.
  func confirm() throws(SASLError)
}

extension SASLClient {
  package var readsChallenges: Bool { true }
  package func salting(askedBy challenge: [UInt8]) -> PasswordSalting? { nil }
  package var remark: [UInt8] { [] }
  package var tellingChallenge: [UInt8]? { nil }
  package func confirm() throws(SASLError) {}
}

/// Why the client ended an exchange by itself.
package enum SASLError: Error, Sendable, Equatable {
  /// The challenge is no base64.
  case malformedChallenge([UInt8])
  /// The challenge is no message of the mechanism; the words say why.
  case unreadableChallenge(String)
  /// The server asks for more than the mechanism has to say.
  case unexpectedChallenge
  /// The server could not prove that it knows the password; the words say how.
  case serverUnverified(String)
}

extension SASLError: CustomStringConvertible {
  /// A sentence for people.
  package var description: String {
    switch self {
    case .malformedChallenge: "The server's challenge is not base64."
    case .unreadableChallenge(let words): "The server's challenge makes no sense: \(words)."
    case .unexpectedChallenge: "The server asks for more than the mechanism has to say."
    case .serverUnverified(let words): "The server did not prove that it knows the password: \(words)."
    }
  }
}
