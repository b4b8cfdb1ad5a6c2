package import Model

/// The last events of a target.
package struct EventLog: Sendable {
  /// How many events are kept.
  package static let capacity = 100

  /// Oldest first.
  private var kept: [Event] = []
  private var nextSequence: UInt64 = 1

  /// Nothing happened yet.
  package init() {}

  /// Adds an event, and gives it.
  @discardableResult package mutating func append(
    _ kind: Event.Kind, at: Timestamp, from: String?, to: String?, reason: Reason? = nil,
    lasted duration: Duration? = nil
  ) -> Event {
    if kept.count == Self.capacity { makeRoom() }
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
