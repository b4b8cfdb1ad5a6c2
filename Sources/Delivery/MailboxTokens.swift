package import Model

/// Where access tokens for mailboxes come from, and who is told that one was refused.
package struct MailboxTokens: Sendable {
  let state: TokenSupply
  let firstAnswer: @Sendable (TokenGrant) async -> Void
  let refused: @Sendable (TokenGrant) -> Void

  /// A supply; one without anything gives no token.
  ///
  /// - Parameters:
  ///   - firstAnswer: waits until the first request for a token is over.
  ///   - refused: told of a grant whose token a mailbox does not take.
  package init(
    state: @escaping TokenSupply = { _ in TokenState() },
    firstAnswer: @escaping @Sendable (TokenGrant) async -> Void = { _ in },
    refused: @escaping @Sendable (TokenGrant) -> Void = { _ in }
  ) {
    self.state = state
    self.firstAnswer = firstAnswer
    self.refused = refused
  }
}
