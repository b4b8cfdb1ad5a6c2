import Glibc

/// A moment of CLOCK_MONOTONIC, to the nanosecond: what deadlines and durations are counted in.
package struct MonotonicInstant: InstantProtocol, Sendable {
  /// Nanoseconds since a start that only this boot knows.
  package var nanoseconds: Int64

  /// A moment by its nanoseconds.
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// The present moment.
  package static func now() -> MonotonicInstant { MonotonicInstant(nanoseconds: read(CLOCK_MONOTONIC)) }

  /// The latest moment there is.
  package static let distantFuture = MonotonicInstant(nanoseconds: .max)

  package func advanced(by duration: Duration) -> MonotonicInstant {
    let step = duration.wholeNanoseconds
    let (moment, isBeyond) = nanoseconds.addingReportingOverflow(step)
    guard !isBeyond else { return step < 0 ? MonotonicInstant(nanoseconds: .min) : .distantFuture }
    return MonotonicInstant(nanoseconds: moment)
  }

  package func duration(to other: MonotonicInstant) -> Duration {
    .nanoseconds(other.nanoseconds &- nanoseconds)
  }

  package static func < (left: MonotonicInstant, right: MonotonicInstant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }
}

extension Duration {
  /// The duration in nanoseconds, cut to a whole number; beyond 292 years the most there is. Not by `components`, which
  /// costs five times as much.
  package var wholeNanoseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000) }
}

/// The clock of calendars, read once a result.
package enum WallClock {
  /// Microseconds since 1970-01-01T00:00:00Z.
  package static func microseconds() -> Int64 { nanoseconds() / 1000 }

  /// Nanoseconds since 1970-01-01T00:00:00Z.
  package static func nanoseconds() -> Int64 { read(CLOCK_REALTIME) }
}

/// A clock's reading in nanoseconds.
private func read(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  let status = unsafe clock_gettime(clock, &time)
  precondition(status == 0, "clock_gettime cannot fail for a clock that every Linux has")
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
