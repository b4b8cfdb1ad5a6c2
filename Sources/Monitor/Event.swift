package import Model

/// Something that happened to a target.
package struct Event: Sendable, Equatable {
  /// What sort of thing.
  package enum Kind: String, Sendable {
    /// The outcome changed.
    case state
    /// The outcome stayed, its reason changed.
    case reason
    /// The server offers more, or less, than before.
    case capabilities
    case certificate
    case authPaused = "auth_paused"
    case authResumed = "auth_resumed"
    /// The domain has published another MTA-STS policy: its record has another id.
    case policy
    /// A test message is late, is lost, was found after all, or is not sent because so many were.
    case delivery
  }

  package var sequence: UInt64
  package var at: Timestamp
  package var kind: Kind
  package var from: String?
  package var to: String?
  package var reason: Reason?
  /// How long what ended had lasted.
  package var duration: Duration?

  /// An event.
  package init(
    sequence: UInt64, at: Timestamp, kind: Kind, from: String?, to: String?, reason: Reason?,
    duration: Duration?
  ) {
    self.sequence = sequence
    self.at = at
    self.kind = kind
    self.from = from
    self.to = to
    self.reason = reason
    self.duration = duration
  }
}
