import Base

/// Holds up who guesses passwords: wrong ones are rationed by client.
final class LoginThrottle: Sendable {
  /// Ten at once, then ten a minute: enough for people, and nothing for whoever tries a dictionary.
  private static let limit = RateLimit(interval: .seconds(6), burst: 10)
  private static let mostClients = 4096

  private let buckets = Locked([ClientAddress?: TokenBucket]())

  /// Allows a client one more try; else says how long it has to wait.
  func begin(_ client: ClientAddress?, at now: MonotonicInstant) -> Duration? {
    buckets.withLock { buckets in
      if buckets[client] == nil, buckets.count >= Self.mostClients {
        buckets = buckets.filter { !$0.value.isFull(at: now) }
        // So many guess at once: that one of them gets a new ration costs less than the memory.
        if buckets.count >= Self.mostClients, let any = buckets.keys.first { buckets[any] = nil }
      }
      return buckets[client, default: TokenBucket(Self.limit, at: now)].take(at: now)
    }
  }

  /// The client's password was right: its try does not count.
  func forgive(_ client: ClientAddress?) { buckets.withLock { $0[client]?.giveBack() } }
}
