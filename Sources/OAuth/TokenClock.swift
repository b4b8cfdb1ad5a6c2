package import Base
package import Model

/// What a keeper of tokens knows of time.
package struct TokenClock: Sendable {
  let now: @Sendable () -> MonotonicInstant
  let time: @Sendable () -> Timestamp
  let pause: @Sendable (Duration) async -> Bool

  /// A clock.
  ///
  /// - Parameters:
  ///   - now: our own clock.
  ///   - time: the calendar.
  ///   - pause: waits; false where the task was cancelled before.
  package init(
    now: @escaping @Sendable () -> MonotonicInstant, time: @escaping @Sendable () -> Timestamp,
    pause: @escaping @Sendable (Duration) async -> Bool
  ) {
    self.now = now
    self.time = time
    self.pause = pause
  }

  /// The system's clocks.
  package static let system = TokenClock(
    now: { .now() }, time: { Timestamp(microseconds: WallClock.microseconds()) },
    pause: { (try? await Task.sleep(for: $0)) != nil })
}
