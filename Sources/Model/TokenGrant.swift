/// How a login gets its access tokens (RFC 6749): a client that is known at an endpoint asks there.
package struct TokenGrant: Sendable, Hashable {
  /// By what right it asks.
  package enum Kind: Sendable, Hashable {
    /// The client's own (section 4.4).
    case clientCredentials
    /// That of a refresh token (section 6), which stands in a file: what is in it now, not what was.
    case refreshToken(file: String)
  }

  /// How the client proves itself (section 2.3.1).
  package enum ClientProof: String, CaseIterable, Sendable {
    /// Id and secret among the fields of the form: what the big providers document.
    case post
    /// HTTP Basic.
    case basic
  }

  /// `https`, or `http` to this host.
  package var url: String
  package var kind: Kind
  package var clientID: String
  /// nil: a public client.
  package var clientSecret: Secret?
  package var clientProof: ClientProof
  /// None: the endpoint's own choice.
  package var scopes: [String]
  /// The only authorities to trust, PEM; the system's otherwise.
  package var caFile: String?

  /// A grant.
  package init(
    url: String, kind: Kind, clientID: String, clientSecret: Secret? = nil, clientProof: ClientProof = .post,
    scopes: [String] = [], caFile: String? = nil
  ) {
    self.url = url
    self.kind = kind
    self.clientID = clientID
    self.clientSecret = clientSecret
    self.clientProof = clientProof
    self.scopes = scopes
    self.caFile = caFile
  }

  /// By what is no secret.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(url)
    hasher.combine(kind)
    hasher.combine(clientID)
    hasher.combine(scopes)
  }
}

/// What is at hand for the logins of a grant.
package struct TokenState: Sendable, Equatable {
  /// nil where there is none, or none that is still good.
  package var token: Secret?
  /// Until when the last token is good; nil where there was none, or the endpoint did not say.
  package var expiry: Timestamp?
  /// Why the last request came to nothing; nil where it did not.
  package var fault: TokenFault?
  /// Why the refresh token that the endpoint gave last is in memory only; nil where its file has it, or there is none.
  package var unsaved: String?

  /// What is at hand; nothing yet.
  package init(
    token: Secret? = nil, expiry: Timestamp? = nil, fault: TokenFault? = nil, unsaved: String? = nil
  ) {
    self.token = token
    self.expiry = expiry
    self.fault = fault
    self.unsaved = unsaved
  }
}

/// Tells what is at hand for a grant, without waiting.
package typealias TokenSupply = @Sendable (TokenGrant) -> TokenState

/// What a result tells of its access token.
package struct TokenFacts: Sendable, Equatable {
  /// Until when the last token is good, or was.
  package var expiry: Timestamp?
  /// There was one to log in with.
  package var isAtHand: Bool

  /// What was at hand for a probe.
  package init(expiry: Timestamp?, isAtHand: Bool) {
    self.expiry = expiry
    self.isAtHand = isAtHand
  }
}

/// Why a token endpoint gave no access token. None of it shows a secret.
package enum TokenFault: Error, Sendable, Equatable {
  /// The first request is still under way.
  case pending
  /// The endpoint refuses: its `error` and `error_description` (RFC 6749 section 5.2), readable and cut.
  case refused(error: String, words: String)
  /// The endpoint answers with an HTTP status and nothing that could be read.
  case status(Int)
  /// The answer is no token.
  case answer(String)
  /// The endpoint cannot be asked.
  case unreachable(String)
  /// The refresh token cannot be read.
  case secret(String)
}

extension TokenFault: CustomStringConvertible {
  /// What goes after `no access token: `.
  package var description: String {
    switch self {
    case .pending: "the first request is still under way"
    case .refused(let error, let words):
      "the token endpoint refuses: \(error)" + (words.isEmpty ? "" : ", \"\(words)\"")
    case .status(let status): "the token endpoint answers with the status \(status)"
    case .answer(let words): "the token endpoint's answer is of no use: \(words)"
    case .unreachable(let words), .secret(let words): words
    }
  }
}
