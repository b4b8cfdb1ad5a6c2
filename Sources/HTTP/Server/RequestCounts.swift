import Base

/// How many requests were answered, by handler and status. Any thread may use it.
package final class RequestCounts: Sendable {
  /// A handler with a status.
  package struct Key: Sendable, Hashable, Comparable {
    /// The name of a route; `other` where none fits.
    package var handler: String
    package var status: Int

    /// A handler with a status.
    package init(handler: String, status: Int) {
      self.handler = handler
      self.status = status
    }

    package static func < (left: Key, right: Key) -> Bool {
      (left.handler, left.status) < (right.handler, right.status)
    }
  }

  private let counts = Locked([Key: Int]())

  /// Nothing answered.
  package init() {}

  /// The present counts, in order.
  package var all: [(key: Key, count: Int)] {
    counts.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }

  /// Makes a series begin at 0, so that its first request shows as an increase.
  func prepare(handler: String, status: Int) {
    counts.withLock { $0[Key(handler: handler, status: status), default: 0] += 0 }
  }

  func count(handler: String, status: Int) {
    counts.withLock { $0[Key(handler: handler, status: status), default: 0] += 1 }
  }
}
