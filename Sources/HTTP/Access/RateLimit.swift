import Base

/// How often something may happen.
package struct RateLimit: Sendable, Equatable {
  /// The time in which one more may happen.
  package var interval: Duration
  /// How many may happen at once.
  package var burst: Int

  /// A limit; the burst is at least 1.
  package init(interval: Duration, burst: Int) {
    self.interval = interval
    self.burst = burst
  }
}

/// What is left of a rate limit: a bucket that fills with time.
struct TokenBucket {
  private let limit: RateLimit
  /// When the bucket will be, or was, full.
  private var fullAt: MonotonicInstant

  /// A full bucket.
  init(_ limit: RateLimit, at now: MonotonicInstant) {
    self.limit = limit
    fullAt = now
  }

  /// Takes a token; else says how long it takes until there is one.
  mutating func take(at now: MonotonicInstant) -> Duration? {
    let next = max(fullAt, now).advanced(by: limit.interval)
    let excess = now.duration(to: next) - limit.interval * limit.burst
    guard excess <= .zero else { return excess }
    fullAt = next
    return nil
  }

  /// Puts a token back.
  mutating func giveBack() { fullAt = fullAt.advanced(by: .zero - limit.interval) }

  /// Whether nothing is missing.
  func isFull(at now: MonotonicInstant) -> Bool { fullAt <= now }
}
