package import Model

/// A result as the ring keeps it: fixed in size.
package struct ResultRecord: Sendable, Equatable {
  /// Grows by one with each result of a target.
  package var sequence: UInt64
  package var startedAt: Timestamp
  package var duration: Duration
  package var outcome: Outcome
  package var stage: Stage?
  package var reason: Reason
  /// 0 where there was none.
  package var replyCode: Int
  package var attempts: Int
  package var family: AddressFamily?
  package var phases: PhaseTimings

  /// The record of a result.
  package init(sequence: UInt64, result: Shared<ProbeResult>) {
    self.sequence = sequence
    startedAt = result.startedAt
    duration = result.duration
    outcome = result.outcome
    stage = result.stage
    reason = result.reason
    replyCode = result.reply?.code ?? 0
    attempts = result.attempts
    family = result.family
    phases = result.phases
  }
}

extension ResultRecord {
  /// How a record is laid out in 64-bit words. Stored files depend on it: a change needs a new version.
  ///
  /// | word | bits 0-31 | bits 32-63 |
  /// |---|---|---|
  /// | 0 | sequence | |
  /// | 1 | start, µs since the Unix epoch | |
  /// | 2 | duration in µs | the check, in a history file |
  /// | 3 | outcome, stage (0: none), reason, family (0: none, 4, 6) | reply code (16 bits), attempts, version |
  /// | 4-10 | two phases a word, µs, in the order of `Phase` | |
  package enum Layout {
    /// Written into each record.
    package static let version: UInt8 = 1
    /// The words of a record.
    package static let words = 11
    static let firstPhaseWord = 4
  }

  /// The record's words.
  package var words: InlineArray<11, UInt64> {
    var words = InlineArray<11, UInt64>(repeating: 0)
    words[0] = sequence
    words[1] = UInt64(bitPattern: startedAt.microseconds)
    words[2] = UInt64(UInt32(clamping: duration.wholeMicroseconds))
    let what =
      UInt32(outcome.rawValue) | UInt32(stage?.rawValue ?? 0) << 8 | UInt32(reason.rawValue) << 16
      | UInt32(family?.number ?? 0) << 24
    let how =
      UInt32(UInt16(clamping: replyCode)) | UInt32(UInt8(clamping: attempts)) << 16
      | UInt32(Layout.version) << 24
    words[3] = UInt64(what) | UInt64(how) << 32
    for word in 0..<(Layout.words - Layout.firstPhaseWord) {
      let (low, high) = (phases.microseconds[2 * word], phases.microseconds[2 * word + 1])
      words[Layout.firstPhaseWord + word] = UInt64(low) | UInt64(high) << 32
    }
    return words
  }

  /// The record of these words; nil where they are none of this version.
  package init?(words: ArraySlice<UInt64>) {
    guard words.count == Layout.words else { return nil }
    var copy = InlineArray<11, UInt64>(repeating: 0)
    for (index, word) in zip(copy.indices, words) { copy[index] = word }
    self.init(words: copy)
  }

  /// The record of these words; nil where they are none of this version.
  init?(words: InlineArray<11, UInt64>) {
    let codes = words[3]
    func byte(_ place: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: codes >> (8 * place)) }
    guard byte(7) == Layout.version, let outcome = Outcome(rawValue: byte(0)),
      let reason = Reason(rawValue: byte(2))
    else { return nil }
    sequence = words[0]
    startedAt = Timestamp(microseconds: Int64(bitPattern: words[1]))
    duration = .microseconds(words[2] & 0xffff_ffff)
    self.outcome = outcome
    self.reason = reason
    stage = Stage(rawValue: byte(1))
    family = byte(3) == 4 ? .ipv4 : byte(3) == 6 ? .ipv6 : nil
    replyCode = Int(UInt16(truncatingIfNeeded: codes >> 32))
    attempts = Int(byte(6))
    var times = SIMD16<UInt32>(repeating: .max)
    for word in 0..<(Layout.words - Layout.firstPhaseWord) {
      let pair = words[Layout.firstPhaseWord + word]
      times[2 * word] = UInt32(truncatingIfNeeded: pair)
      times[2 * word + 1] = UInt32(truncatingIfNeeded: pair >> 32)
    }
    phases = PhaseTimings(microseconds: times)
  }
}
