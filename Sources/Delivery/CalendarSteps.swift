import Base
import Model

/// Tells when somebody has set the calendar: it has gone another way then than the clock that nobody sets.
struct CalendarSteps: Sendable {
  private var last: (time: Timestamp, moment: MonotonicInstant)?

  /// Less than this is the time between two looks at two clocks.
  private static let tolerance = Duration.seconds(2)

  /// By how much the calendar was set since the last call; nil where it was not.
  mutating func step(at time: Timestamp, _ moment: MonotonicInstant) -> Duration? {
    defer { last = (time, moment) }
    guard let last else { return nil }
    let step = (time - last.time) - last.moment.duration(to: moment)
    return step < .zero - Self.tolerance || step > Self.tolerance ? step : nil
  }
}
