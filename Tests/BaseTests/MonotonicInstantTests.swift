import Base
import Testing

struct MonotonicInstantTests {
  @Test func `moments differ by durations to the nanosecond`() {
    let start = MonotonicInstant(nanoseconds: 1_000)
    let end = start.advanced(by: .seconds(2) + .nanoseconds(5))
    #expect(end.nanoseconds == 2_000_001_005)
    #expect(start.duration(to: end) == .seconds(2) + .nanoseconds(5))
    #expect(end.duration(to: start) == .zero - .seconds(2) - .nanoseconds(5))
    #expect(start < end && start.advanced(by: .zero - .nanoseconds(1)) < start)
  }

  @Test(arguments: [
    Duration.seconds(Int64.max), .seconds(9_300_000_000), .seconds(9_223_372_036) + .milliseconds(999),
    .seconds(9_223_372_036) + .nanoseconds(854_775_807),
  ])
  func `what lies beyond the clock is the distant future or past`(duration: Duration) {
    #expect(MonotonicInstant(nanoseconds: 1).advanced(by: duration) == .distantFuture)
    #expect(MonotonicInstant.distantFuture.advanced(by: .seconds(1)) == .distantFuture)
    #expect(MonotonicInstant(nanoseconds: -10).advanced(by: .zero - duration).nanoseconds == .min)
  }

  @Test func `the clock does not go back`() {
    let first = MonotonicInstant.now()
    #expect(first <= MonotonicInstant.now())
  }

  @Test func `the wall clock has one reading in two units`() {
    let before = WallClock.nanoseconds() / 1000
    let microseconds = WallClock.microseconds()
    let after = WallClock.nanoseconds() / 1000
    // A year's distance from 2026 backwards is enough to tell a calendar from an uptime.
    #expect(microseconds > 1_700_000_000_000_000)
    #expect(before <= microseconds && microseconds <= after)
  }
}
