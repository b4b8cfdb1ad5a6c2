package import Model

/// When each target owes a test message. The first comes at an offset of the target's own within `every`, pinned to
/// the wall clock as the schedule of its probes is; each later one comes `every` after the last, however often the
/// configuration is read anew.
///
/// Times are durations since the monitor's start. A pure value: it knows no clock.
package struct MessageSchedule: Sendable {
  /// One target's messages.
  private struct Entry {
    var every: Duration
    /// When the next message becomes due.
    var due: Duration
    /// A message is due and has not been sent: the next probe sends it.
    var isOwed = false
    /// No probe has begun since it became due.
    var awaitsProbe = false
    /// The last probe that may have sent one.
    var lastAt: Duration?
  }

  private let wallAtStart: Timestamp
  /// By the number of whoever watches the target.
  private var entries: [Int: Entry] = [:]
  /// Not later than the next message becomes due; nil where there is none.
  package private(set) var nextDue: Duration?

  /// A schedule without messages.
  ///
  /// - Parameter startedAt: the wall clock at the moment from which durations are counted.
  package init(startedAt: Timestamp) { wallAtStart = startedAt }

  /// Takes the targets of a new configuration, with how often each sends, nil where it does not.
  ///
  /// - Parameter lastSentAt: tells of a target's last message before this process, by the calendar.
  package mutating func replace(
    with targets: some Sequence<(id: Int, name: String, every: Duration?)>, at now: Duration,
    lastSentAt: (String) -> Timestamp?
  ) {
    var new: [Int: Entry] = [:]
    for (id, name, every) in targets {
      guard let every else { continue }
      if let old = entries[id], old.every == every {
        new[id] = old
        continue
      }
      let start = wallAtStart
      // A calendar that was set back shall put nothing off for long.
      let last = entries[id]?.lastAt ?? lastSentAt(name).map { min($0 - start, now) }
      var entry = Entry(every: every, due: now + every, isOwed: entries[id]?.isOwed ?? false, lastAt: last)
      if let last {
        if last + every > now { entry.due = last + every } else { entry.isOwed = true }
      } else {
        entry.due = Schedule.gridPoint(of: name, every: every, startedAt: wallAtStart, after: now)
      }
      new[id] = entry
    }
    entries = new
    noteNext()
  }

  /// The targets whose messages have become due: each may need a probe of its own.
  package mutating func popDue(at now: Duration) -> [(id: Int, due: Duration)] {
    guard let nextDue, nextDue <= now else { return [] }
    var popped: [(id: Int, due: Duration)] = []
    for (id, entry) in entries where entry.due <= now {
      popped.append((id, entry.due))
      entries[id]?.isOwed = true
      entries[id]?.awaitsProbe = true
      // Where no probe gets as far as to send it, there is another attempt then.
      entries[id]?.due = max(entry.due, now) + entry.every
    }
    noteNext()
    return popped.sorted { ($0.due, $0.id) < ($1.due, $1.id) }
  }

  /// Whether the next probe of a target sends.
  package func isOwed(_ id: Int) -> Bool { entries[id]?.isOwed ?? false }

  /// Whether a message is due for which no probe has begun.
  package func awaitsProbe(_ id: Int) -> Bool { entries[id]?.awaitsProbe ?? false }

  /// A probe of a target begins: where a message is due, this is the probe for it.
  package mutating func began(_ id: Int) { entries[id]?.awaitsProbe = false }

  /// The probe that was planned for a moment has sent the message, or nobody knows better, or it is left out.
  package mutating func settled(_ id: Int, at moment: Duration) {
    guard let entry = entries[id] else { return }
    entries[id]?.isOwed = false
    entries[id]?.awaitsProbe = false
    entries[id]?.lastAt = moment
    let due = moment + entry.every
    entries[id]?.due = due
    nextDue = min(nextDue ?? due, due)
  }

  /// When a target's next message is due: now, where it is owed; nil where the target sends none.
  package func nextDue(of id: Int, at now: Duration) -> Duration? {
    entries[id].map { $0.isOwed ? now : $0.due }
  }

  private mutating func noteNext() { nextDue = entries.values.lazy.map(\.due).min() }
}
