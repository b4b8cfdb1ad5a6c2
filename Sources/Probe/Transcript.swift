import Base
import Model

/// The conversation so far. Secrets never get here: commands come in their folded form, replies redacted.
struct Transcript {
  private(set) var lines: [TranscriptLine] = []
  private let start: MonotonicInstant
  /// Bytes that may still be kept: a hostile server shall not fill the memory.
  private var roomLeft = 64 * 1024

  /// An empty transcript of a probe that began at `start`.
  init(start: MonotonicInstant) {
    self.start = start
    lines.reserveCapacity(24)
  }

  /// Adds what was said at a moment.
  mutating func add(
    _ text: String, from speaker: TranscriptLine.Speaker, tls: Bool, at moment: MonotonicInstant
  ) {
    guard roomLeft > 0 else { return }
    roomLeft -= text.utf8.count
    lines.append(TranscriptLine(at: start.duration(to: moment), from: speaker, tls: tls, text: text))
  }
}
