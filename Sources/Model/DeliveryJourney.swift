/// A test message that a server took over and that nobody has found yet.
package struct DeliveryJourney: Sendable, Equatable {
  package var token: String
  /// When the server took it over.
  package var sentAt: Timestamp
  /// What the server called it; nil where it gave no name.
  package var queueID: String?
  /// The server or address that took it over; empty where the target is one.
  package var route: String
  package var isLate: Bool
  package var isLost: Bool

  /// A message under way.
  package init(
    token: String, sentAt: Timestamp, queueID: String?, route: String, isLate: Bool = false,
    isLost: Bool = false
  ) {
    self.token = token
    self.sentAt = sentAt
    self.queueID = queueID
    self.route = route
    self.isLate = isLate
    self.isLost = isLost
  }
}
