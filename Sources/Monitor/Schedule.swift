import Base
package import Model

/// When each target is due: at a fixed rate, each at an offset of its own, which is hashed from its name and
/// pinned to the wall clock. So a thousand targets never start together, and a restart moves none of them.
///
/// Times are durations since the monitor's start. A pure value: it knows no clock.
package struct Schedule: Sendable {
  /// A target whose time has come.
  package struct Due: Sendable, Equatable {
    /// The target's place in the list that the schedule was made of.
    package var index: Int
    /// When it should have started.
    package var planned: Duration
    /// The monitor was too late (it was stopped, or starved), and this run is left out.
    package var isMissed: Bool
    /// Runs that are left out, this one among them.
    package var missed: Int
  }

  private struct Entry {
    var name: String
    /// Nanoseconds.
    var interval: Int64
    /// Nanoseconds from the start to the first point of the target's grid; below `interval`.
    var phase: Int64
    /// Nanoseconds.
    var due: Int64
  }

  /// Within that time from the start, or from a gap, each target is looked at once.
  private static let firstLook = Duration.seconds(30).wholeNanoseconds
  /// A run that is later than this, or than an interval, is left out: else all that was due while the process
  /// was stopped would start at once.
  private static let tolerance = Duration.seconds(5).wholeNanoseconds

  private let wallAtStart: Int64
  private var entries: [Entry] = []
  private var heap = DueHeap()

  /// A schedule without targets.
  ///
  /// - Parameter startedAt: the wall clock at the moment from which durations are counted.
  package init(startedAt: Timestamp) { wallAtStart = startedAt.microseconds * 1000 }

  /// Takes a new list of targets. One that keeps its name and interval keeps its time; any other comes
  /// within 30 s, or within its interval if that is shorter.
  package mutating func replace(
    with targets: some Sequence<(name: String, interval: Duration)>, at now: Duration
  ) {
    let kept = Dictionary(entries.map { ($0.name, $0) }) { first, _ in first }
    entries = targets.map { name, interval in
      let interval = max(interval.wholeNanoseconds, 1_000_000)
      if let old = kept[name], old.interval == interval { return old }
      return entry(name, interval, at: now.wholeNanoseconds)
    }
    heap = DueHeap(entries.map(\.due))
  }

  /// When the next target is due; nil where there is none.
  package var nextDue: Duration? { heap.first.map { .nanoseconds($0.due) } }

  /// When the target at `index` is due next.
  package func nextDue(of index: Int) -> Duration { .nanoseconds(entries[index].due) }

  /// Takes out one target that is due, the one that was due first, and plans its next run.
  package mutating func popDue(at now: Duration) -> Due? {
    let now = now.wholeNanoseconds
    guard let (due, index) = heap.first, due <= now else { return nil }
    let interval = entries[index].interval
    let isMissed = now - due >= min(interval, Self.tolerance)
    var missed = 0
    if isMissed {
      missed = 1 + Int((now - due) / interval)
      entries[index].due = firstLook(of: entries[index], after: now)
    } else {
      // The grid, not the time of this run, says when the next one is: nothing drifts.
      entries[index].due = gridPoint(of: entries[index], after: now)
    }
    heap.replaceFirst(with: entries[index].due)
    return Due(index: index, planned: .nanoseconds(due), isMissed: isMissed, missed: missed)
  }

  private func entry(_ name: String, _ interval: Int64, at now: Int64) -> Entry {
    let phase = Self.phase(of: name, interval, wallAtStart)
    var entry = Entry(name: name, interval: interval, phase: phase, due: 0)
    entry.due = firstLook(of: entry, after: now)
    return entry
  }

  private static func phase(of name: String, _ interval: Int64, _ wallAtStart: Int64) -> Int64 {
    let offset = Int64(StableHash.of(name) % UInt64(interval))
    return remainder(offset - wallAtStart % interval, interval)
  }

  /// The first point later than `moment` of the grid that a name has for a period. The grid of a multiple of the
  /// period is a part of it.
  static func gridPoint(
    of name: String, every period: Duration, startedAt: Timestamp, after moment: Duration
  ) -> Duration {
    let (period, moment) = (max(period.wholeNanoseconds, 1_000_000), moment.wholeNanoseconds)
    let phase = phase(of: name, period, startedAt.microseconds * 1000)
    return .nanoseconds(moment + period - remainder(moment - phase, period))
  }

  /// The first point of a target's grid that is later than `moment`.
  private func gridPoint(of entry: Entry, after moment: Int64) -> Int64 {
    moment + entry.interval - remainder(moment - entry.phase, entry.interval)
  }

  /// The next point of the grid or, where that is far away, an extra look as stable and as spread as the grid.
  private func firstLook(of entry: Entry, after moment: Int64) -> Int64 {
    let wait = gridPoint(of: entry, after: moment) - moment
    return moment + (wait <= Self.firstLook ? wait : wait % Self.firstLook)
  }
}

/// The remainder of a division that rounds down: never negative.
private func remainder(_ dividend: Int64, _ divisor: Int64) -> Int64 {
  let rest = dividend % divisor
  return rest < 0 ? rest + divisor : rest
}
