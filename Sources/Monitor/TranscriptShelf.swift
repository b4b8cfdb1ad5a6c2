package import Model

/// Results kept whole, with their transcripts: the last good one, and failures, which stay longer.
///
/// Of failures with the same stage and reason one after another only the first and the latest are kept: an
/// outage that lasts for hours does not push out what was seen before it, and takes little memory.
package struct TranscriptShelf: Sendable {
  /// How many results are kept at most.
  package let capacity: Int
  /// The latest good result.
  package private(set) var lastSuccess: Shared<ProbeResult>?
  /// Those that are kept, oldest first.
  package private(set) var failures: [Shared<ProbeResult>] = []
  /// Failures of the same kind since the last result of another kind.
  private(set) var runLength = 0

  /// An empty shelf; `capacity` is at least 1.
  package init(capacity: Int) { self.capacity = max(1, capacity) }

  /// A shelf with what was on it before, as far as there is room.
  init(
    capacity: Int, lastSuccess: Shared<ProbeResult>?, failures: [Shared<ProbeResult>], runLength: Int
  ) {
    self.init(capacity: capacity)
    self.lastSuccess = lastSuccess
    self.failures = failures.suffix(max(1, self.capacity - 1))
    // A run of which nothing is there cannot go on.
    self.runLength = min(runLength, self.failures.count)
  }

  /// Keeps a result, where it has a place.
  package mutating func add(_ result: Shared<ProbeResult>) {
    guard !result.outcome.isSuccess else {
      lastSuccess = result
      runLength = 0
      return
    }
    if let last = failures.last, runLength > 0, last.stage == result.stage, last.reason == result.reason {
      runLength += 1
    } else {
      runLength = 1
    }
    if runLength > 2 { failures.removeLast() }
    failures.append(result)
    // One place is the last success's.
    let room = max(1, capacity - 1)
    if failures.count > room { failures.removeFirst(failures.count - room) }
  }

  /// A failure that was kept has a better name now.
  package mutating func amend(_ result: Shared<ProbeResult>) {
    guard let index = failures.lastIndex(where: { $0.startedAt == result.startedAt }) else { return }
    failures[index] = result
  }

  /// Everything kept, newest first.
  package var results: [Shared<ProbeResult>] {
    guard let lastSuccess, capacity > 1 || failures.isEmpty else { return failures.reversed() }
    return (failures + [lastSuccess]).sorted { $0.startedAt > $1.startedAt }
  }
}
