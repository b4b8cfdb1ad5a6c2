package import Model

/// The last events of a target.
package struct EventLog: Sendable {
  /// How many events are kept.
  package static let capacity = 100

  /// Oldest first.
  private(set) var kept: [Event] = []
  private(set) var nextSequence: UInt64 = 1

  /// Nothing happened yet.
  package init() {}

  /// What was kept before, in any order, and the sequence of the next event.
  init(kept: [Event], nextSequence: UInt64) {
    self.kept = kept.sorted { $0.sequence < $1.sequence }
    self.nextSequence = max(nextSequence, (self.kept.last?.sequence ?? 0) + 1)
    while self.kept.count > Self.capacity { makeRoom() }
  }

  /// Adds an event, and gives it.
  @discardableResult package mutating func append(
    _ kind: Event.Kind, at: Timestamp, from: String?, to: String?, reason: Reason? = nil,
    lasted duration: Duration? = nil
  ) -> Event {
    if kept.count == Self.capacity { makeRoom() }
    // Where the wall clock was set back, it began later than it ends.
    let duration = duration.map { max(.zero, $0) }
    let event = Event(
      sequence: nextSequence, at: at, kind: kind, from: from, to: to, reason: reason, duration: duration)
    kept.append(event)
    nextSequence += 1
    return event
  }

  /// The events older than `before` (nil: all), newest first, at most `limit`.
  package func page(limit: Int, before: UInt64?) -> HistoryPage<Event> {
    let older = kept.reversed().drop { $0.sequence >= before ?? .max }
    let items = Array(older.prefix(max(0, limit)))
    return HistoryPage(items: items, nextBefore: items.count < older.count ? items.last?.sequence : nil)
  }

  /// A farm of unlike servers behind one name changes its certificate or its capabilities with every probe:
  /// such events must not push out those of the outcome.
  private mutating func makeRoom() {
    let others = kept.count { $0.kind != .state }
    let oldestOther = kept.firstIndex { $0.kind != .state } ?? 0
    kept.remove(at: others > Self.capacity / 2 ? oldestOther : 0)
  }
}
