package import Base

/// CLOCK_MONOTONIC as a clock of the standard library, for the scheduler in production. Who waits, waits on
/// the event loop.
package struct MonotonicClock: Clock {
  private let wait: @Sendable (MonotonicInstant) async -> Bool

  /// A clock whose waiting is done by `wait`: false where the task was cancelled before.
  package init(wait: @escaping @Sendable (MonotonicInstant) async -> Bool) { self.wait = wait }

  package var now: MonotonicInstant { .now() }

  package var minimumResolution: Duration { .nanoseconds(1) }

  package func sleep(until deadline: MonotonicInstant, tolerance: Duration?) async throws {
    if await !wait(deadline) { throw CancellationError() }
  }
}
