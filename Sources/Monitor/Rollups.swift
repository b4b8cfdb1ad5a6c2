package import Model

/// What a target did hour by hour, for 30 days. In memory an hour without results takes no room.
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

  /// Where the hours are, but for the current one.
  private enum Place {
    /// Oldest first, each once.
    case memory([Hour])
    case file(RecordArea)
  }

  private var place: Place
  /// The hour of the last result.
  private(set) var current: Hour?

  /// No results yet.
  package init() { place = .memory([]) }

  /// The hours of an area of a history file, and the one that had not ended yet.
  init(area: RecordArea, current: Hour?) {
    place = .file(area)
    self.current = current
  }

  /// The last 30 days up to the current hour, oldest first. What a wall clock that went ahead and back has left in later
  /// hours is seen when they come.
  package var kept: [Hour] {
    guard let current else { return [] }
    let window = max(0, Int64(current.number) - Self.hours + 1)..<Int64(current.number)
    switch place {
    case .memory(let hours): return hours.filter { window.contains(Int64($0.number)) } + [current]
    case .file(let area): return window.compactMap { area.hour(UInt32($0)) } + [current]
    }
  }

  /// Counts a result in the hour in which its probe started, by the wall clock of then. Where that was set, an hour may
  /// come that has been before: it goes on.
  package mutating func add(_ result: Shared<ProbeResult>) {
    let number = UInt32(clamping: result.startedAt.microseconds / 3_600_000_000)
    if current?.number != number {
      if let current { keep(current) }
      current = hour(number) ?? Hour(number: number)
    }
    current?.count(result)
  }

  /// What was counted in an hour before.
  private func hour(_ number: UInt32) -> Hour? {
    switch place {
    case .file(let area): area.hour(number)
    case .memory(let hours): hours.last { $0.number == number }
    }
  }

  private mutating func keep(_ hour: Hour) {
    switch place {
    case .file(let area): area.write(hour)
    case .memory(var hours):
      place = .memory([])
      let before = hours.lastIndex { $0.number < hour.number } ?? -1
      let next = before + 1
      if next < hours.count, hours[next].number == hour.number {
        hours[next] = hour
      } else {
        hours.insert(hour, at: next)
      }
      // By their count, not by their age: by that a clock that went years ahead would take all.
      hours.removeFirst(max(0, hours.count - Int(Self.hours) + 1))
      place = .memory(hours)
    }
  }
}

extension Rollups.Hour {
  fileprivate mutating func count(_ result: Shared<ProbeResult>) {
    switch result.outcome {
    case .up: up += 1
    case .degraded: degraded += 1
    case .down: down += 1
    case .inconclusive: inconclusive += 1
    }
    if result.success { latencySum += Float(result.duration.seconds) }
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
  /// Since when a tally of the window counts; nil where there are no results.
  func tallyBegin(of window: Duration, now: Timestamp) -> Timestamp? {
    oldestStart.map { max(Timestamp(microseconds: now.microseconds - window.wholeMicroseconds), $0) }
  }

  /// The tally of the results whose probes started within the window.
  func tally(of window: Duration, now: Timestamp) -> UptimeTally {
    let begin = Timestamp(microseconds: now.microseconds - window.wholeMicroseconds)
    var tally = UptimeTally(since: max(begin, oldestStart ?? now))
    forEachOutcomeFromNewest { start, outcome in
      guard start >= begin else { return false }
      tally.add(outcome)
      return true
    }
    return tally
  }
}
