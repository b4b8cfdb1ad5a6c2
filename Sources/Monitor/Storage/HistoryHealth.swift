import Base

/// How the stored history fares.
package struct HistoryHealth: Sendable, Equatable {
  /// The size of its files.
  package var bytes = 0
  /// Stored pieces that were not as they had been written, and were left out.
  package var dropped = 0
  /// Pieces that could not be written.
  package var failedWrites = 0
  /// Why not everything is stored at present, and what to do, in a sentence; nil where all is well.
  package var trouble: String?

  /// All well.
  package init() {}
}

/// What is counted while targets write.
final class HistoryHealthCount: Sendable {
  struct Counts {
    var dropped = 0
    var failedWrites = 0
    /// A write failed since the last `sync` but one.
    var isFull = false
    var hasFailedSinceSync = false
    /// Targets that found no room.
    var homeless = 0
    var isSyncFailing = false
  }

  private let counts = Locked(Counts())

  /// The present numbers.
  var now: Counts { counts.withLock { $0 } }

  func drop(_ count: Int) { counts.withLock { $0.dropped += count } }

  func wrote(_ succeeded: Bool) {
    guard !succeeded else { return }
    counts.withLock { counts in
      counts.failedWrites += 1
      counts.isFull = true
      counts.hasFailedSinceSync = true
    }
  }

  func synced(_ succeeded: Bool) {
    counts.withLock { counts in
      counts.isSyncFailing = !succeeded
      counts.isFull = counts.hasFailedSinceSync
      counts.hasFailedSinceSync = false
    }
  }

  func setHomeless(_ count: Int) { counts.withLock { $0.homeless = count } }
}
