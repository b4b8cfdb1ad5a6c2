package import Model

/// What a target did hour by hour, for 30 days. An hour without results takes no room.
package struct Rollups: Sendable {
  /// The hours that are kept.
  package static let hours: Int64 = 30 * 24

  /// The results whose probes started within one hour of UTC.
  package struct Hour: Sendable, Equatable {
    /// Hours since the Unix epoch.
    package var number: UInt32
    package var up: UInt32 = 0
    package var degraded: UInt32 = 0
    package var down: UInt32 = 0
    package var inconclusive: UInt32 = 0
    /// Durations of the successes, in seconds.
    package var latencySum: Float = 0

    var start: Timestamp { Timestamp(seconds: Int64(number) * 3600) }
  }

  /// Oldest first.
  package private(set) var kept: [Hour] = []

  /// No results yet.
  package init() {}

  /// Counts a result in the hour in which its probe started.
  package mutating func add(_ result: ProbeResult) {
    let number = UInt32(clamping: result.startedAt.microseconds / 3_600_000_000)
    if kept.last.map({ $0.number < number }) ?? true {
      kept.append(Hour(number: number))
      let oldest = Int64(number) - Self.hours + 1
      if let expired = kept.firstIndex(where: { Int64($0.number) >= oldest }), expired > 0 {
        kept.removeFirst(expired)
      }
    }
    // Where the wall clock was set back, results stay in the latest hour.
    let last = kept.count - 1
    switch result.outcome {
    case .up: kept[last].up += 1
    case .degraded: kept[last].degraded += 1
    case .down: kept[last].down += 1
    case .inconclusive: kept[last].inconclusive += 1
    }
    if result.success { kept[last].latencySum += Float(result.duration.seconds) }
  }
}

/// Good and conclusive results, and since when they were counted.
struct UptimeTally: Equatable {
  var good = 0
  var conclusive = 0
  /// When what was counted begins.
  var since: Timestamp

  mutating func add(_ outcome: Outcome) {
    guard outcome != .inconclusive else { return }
    conclusive += 1
    if outcome.isSuccess { good += 1 }
  }

  func uptime(window: String, now: Timestamp) -> Uptime {
    Uptime(
      window: window, ratio: conclusive == 0 ? nil : Double(good) / Double(conclusive),
      horizon: max(.zero, now - since))
  }
}

extension Rollups {
  /// The tally of the hours that lie within the window wholly.
  func tally(of window: Duration, now: Timestamp, firstResult: Timestamp) -> UptimeTally {
    let begin = Timestamp(microseconds: now.microseconds - window.wholeMicroseconds)
    var tally = UptimeTally(since: now)
    for hour in kept.reversed() {
      let since = max(hour.start, firstResult)
      guard since >= begin else { break }
      tally.good += Int(hour.up + hour.degraded)
      tally.conclusive += Int(hour.up + hour.degraded + hour.down)
      tally.since = since
    }
    return tally
  }
}

extension ResultRing {
  /// The tally of the results whose probes started within the window.
  func tally(of window: Duration, now: Timestamp) -> UptimeTally {
    let begin = Timestamp(microseconds: now.microseconds - window.wholeMicroseconds)
    var tally = UptimeTally(since: max(begin, oldestStart ?? now))
    forEachFromNewest { record in
      guard record.startedAt >= begin else { return false }
      tally.add(record.outcome)
      return true
    }
    return tally
  }
}
