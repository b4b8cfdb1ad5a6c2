import Model

/// Some records one after the other in as few bytes as they need: about 20 for a conversation in clear, 35 for one
/// with TLS and a login, where a record in a history file has 88.
///
/// A record is: what differs from the first record of the block (bit 0 its codes, bit 1 which phases it has); its
/// start after that of the first, in µs; its duration in µs; the codes, where they differ; a bit for each phase,
/// where they differ; the phases that there are, in µs. Numbers have seven bits a byte, low bits first, and those
/// that may be negative their sign in bit 0.
struct RecordBlock: Sendable {
  /// How many records there may be.
  static let capacity = 16

  private var bytes: [UInt8] = []
  /// Of the first record.
  private var start: Int64 = 0
  private var codes: UInt64 = 0
  private var phases: UInt16 = 0
  private(set) var count: UInt8 = 0
  /// Where the last record begins.
  private var lastOffset: UInt16 = 0

  var isFull: Bool { count == Self.capacity }
  /// In bytes.
  var size: Int { bytes.count }

  /// Adds a record; there must be room.
  mutating func append(_ record: ResultRecord) {
    lastOffset = UInt16(bytes.count)
    count += 1
    put(record)
    // No longer than it must be: it will not grow again.
    if isFull { bytes = bytes.map(\.self) }
  }

  /// Puts another record in the last one's place.
  mutating func replaceLast(_ record: ResultRecord) {
    bytes.removeSubrange(Int(lastOffset)...)
    put(record)
  }

  private mutating func put(_ record: ResultRecord) {
    let words = record.words
    let times = record.phases.microseconds
    var present: UInt16 = 0
    for place in 0..<16 where times[place] != .max { present |= 1 << UInt16(place) }
    if count == 1 { (start, codes, phases) = (record.startedAt.microseconds, words[3], present) }
    bytes.append((words[3] == codes ? 0 : 1) | (present == phases ? 0 : 2))
    let after = record.startedAt.microseconds &- start
    put(UInt64(bitPattern: after << 1 ^ after >> 63))
    put(words[2])
    if words[3] != codes { put(words[3]) }
    if present != phases { put(UInt64(present)) }
    for place in 0..<16 where times[place] != .max { put(UInt64(times[place])) }
  }

  private mutating func put(_ number: UInt64) {
    var rest = number
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  /// Calls `body` with each record, oldest first.
  ///
  /// - Parameter sequence: of the first.
  func forEach(from sequence: UInt64, _ body: (ResultRecord) -> Void) {
    scan { index, start, duration, codes, times in
      var words = InlineArray<11, UInt64>(repeating: 0)
      words[0] = sequence + UInt64(index)
      words[1] = UInt64(bitPattern: start)
      words[2] = duration
      words[3] = codes
      for word in 0..<(ResultRecord.Layout.words - ResultRecord.Layout.firstPhaseWord) {
        words[ResultRecord.Layout.firstPhaseWord + word] =
          UInt64(times[2 * word]) | UInt64(times[2 * word + 1]) << 32
      }
      if let record = ResultRecord(words: words) { body(record) }
    }
  }

  /// Calls `body` with start and outcome of each record, oldest first.
  func forEachOutcome(_ body: (Timestamp, Outcome) -> Void) {
    scan { _, start, _, codes, _ in
      if let outcome = Outcome(rawValue: UInt8(truncatingIfNeeded: codes)) {
        body(Timestamp(microseconds: start), outcome)
      }
    }
  }

  private func scan(_ body: (Int, Int64, UInt64, UInt64, SIMD16<UInt32>) -> Void) {
    var place = 0
    let bytes = bytes.span
    func number() -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while bytes[place] >= 0x80 {
        value |= UInt64(bytes[place] & 0x7f) << shift
        shift += 7
        place += 1
      }
      value |= UInt64(bytes[place]) << shift
      place += 1
      return value
    }
    for index in 0..<Int(count) {
      let differs = bytes[place]
      place += 1
      let after = number()
      let duration = number()
      let codes = differs & 1 == 0 ? codes : number()
      let present = differs & 2 == 0 ? phases : UInt16(truncatingIfNeeded: number())
      var times = SIMD16<UInt32>(repeating: .max)
      for phase in 0..<16 where present & 1 << UInt16(phase) != 0 {
        times[phase] = UInt32(truncatingIfNeeded: number())
      }
      body(
        index, start &+ (Int64(bitPattern: after >> 1) ^ -Int64(bitPattern: after & 1)), duration, codes,
        times)
    }
  }
}
