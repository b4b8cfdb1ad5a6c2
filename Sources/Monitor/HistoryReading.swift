package import Model

/// The past of a target as the API and pages ask for it.
package protocol HistoryReading: Sendable {
  /// The present state of everything.
  func snapshot() -> Snapshot
  /// Results of a target, newest first, older than `before`; nil where there is no such target.
  func records(of target: String, limit: Int, before: UInt64?) -> HistoryPage<ResultRecord>?
  /// Events of a target, newest first, older than `before`; nil where there is no such target.
  func events(of target: String, limit: Int, before: UInt64?) -> HistoryPage<Event>?
  /// Good probes as a share of conclusive ones over several windows, each with the time really covered.
  func uptime(of target: String) -> [Uptime]
  /// The last good transcripts and the last bad ones, newest first.
  func transcripts(of target: String) -> [Shared<ProbeResult>]
}

/// A page of a history, and where the next one begins.
package struct HistoryPage<Item: Sendable>: Sendable {
  package var items: [Item]
  /// The `before` of the next page; nil at the end.
  package var nextBefore: UInt64?

  /// A page.
  package init(items: [Item], nextBefore: UInt64?) {
    self.items = items
    self.nextBefore = nextBefore
  }
}

/// Good probes as a share of conclusive ones.
package struct Uptime: Sendable, Equatable {
  /// Such as `1h`, `24h`, `7d`, `30d`.
  package var window: String
  /// 0 to 1; nil where nothing conclusive was seen.
  package var ratio: Double?
  /// How much of the window is really covered.
  package var horizon: Duration

  /// A share.
  package init(window: String, ratio: Double?, horizon: Duration) {
    self.window = window
    self.ratio = ratio
    self.horizon = horizon
  }
}
