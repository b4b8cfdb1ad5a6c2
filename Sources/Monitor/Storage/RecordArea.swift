import Model

/// A target's share of the file of records: a ring of results, and behind it 30 days by the hour.
///
/// Each record has its sequence (an hour its number) and a check, which begins with the target's own number: what
/// another target left there is not believed. Who writes or reads holds the lock of the target's state.
struct RecordArea: Sendable {
  static let kind: UInt32 = 0x676e_6972
  private static let recordBytes = ResultRecord.Layout.words * 8
  /// An hour takes four words: number and up; degraded and down; inconclusive and the sum; check and version.
  private static let hourBytes = 32
  private static let hourVersion: UInt64 = 1

  let file: RingFile
  let unit: Int
  /// How many results there is room for.
  let capacity: Int
  private let seed: UInt32

  /// The area of a target by its number.
  init(file: RingFile, unit: Int, target: UInt64) {
    self.file = file
    self.unit = unit
    capacity = file.format.parameter
    seed = UInt32(truncatingIfNeeded: target ^ target >> 32)
  }

  /// How a file is divided whose areas have room for so many results.
  static func fileFormat(capacity: Int) -> RingFile.Format {
    let bytes = capacity * recordBytes + Int(Rollups.hours) * hourBytes
    return RingFile.Format(kind: kind, unitBytes: (bytes + 63) / 64 * 64, parameter: capacity)
  }

  // MARK: Results

  /// The record of that sequence; nil where it is not there, or not as it was written.
  func record(_ sequence: UInt64) -> ResultRecord? {
    let record = record(in: place(of: sequence))
    return record?.sequence == sequence ? record : nil
  }

  func write(_ record: ResultRecord) {
    var words = record.words
    words[2] |= UInt64(RingFile.checksum(words.span, seed: seed)) << 32
    file.write(words.span, at: place(of: record.sequence))
  }

  private func place(of sequence: UInt64) -> Int {
    start + Int((sequence - 1) % UInt64(capacity)) * Self.recordBytes
  }

  private var start: Int { file.offset(of: unit) }

  private func record(in place: Int) -> ResultRecord? {
    var words = InlineArray<11, UInt64>(repeating: 0)
    for index in words.indices { words[index] = file.word(at: place + 8 * index) }
    let check = UInt32(words[2] >> 32)
    words[2] &= 0xffff_ffff
    guard RingFile.checksum(words.span, seed: seed) == check else { return nil }
    return ResultRecord(words: words)
  }

  // MARK: Hours

  /// An hour that has ended; nil where it is not there, or not as it was written.
  func hour(_ number: UInt32) -> Rollups.Hour? {
    let hour = hour(in: place(ofHour: number))
    return hour?.number == number ? hour : nil
  }

  func write(_ hour: Rollups.Hour) {
    var words = InlineArray<4, UInt64>(repeating: 0)
    words[0] = UInt64(hour.number) | UInt64(hour.up) << 32
    words[1] = UInt64(hour.degraded) | UInt64(hour.down) << 32
    words[2] = UInt64(hour.inconclusive) | UInt64(hour.latencySum.bitPattern) << 32
    words[3] = Self.hourVersion << 32
    words[3] |= UInt64(RingFile.checksum(words.span, seed: seed))
    file.write(words.span, at: place(ofHour: hour.number))
  }

  private func place(ofHour number: UInt32) -> Int {
    start + capacity * Self.recordBytes + Int(number) % Int(Rollups.hours) * Self.hourBytes
  }

  private func hour(in place: Int) -> Rollups.Hour? {
    var words = InlineArray<4, UInt64>(repeating: 0)
    for index in words.indices { words[index] = file.word(at: place + 8 * index) }
    let check = UInt32(truncatingIfNeeded: words[3])
    words[3] &= ~0xffff_ffff
    guard words[3] >> 32 == Self.hourVersion, RingFile.checksum(words.span, seed: seed) == check else {
      return nil
    }
    var hour = Rollups.Hour(number: UInt32(truncatingIfNeeded: words[0]))
    hour.up = UInt32(words[0] >> 32)
    hour.degraded = UInt32(truncatingIfNeeded: words[1])
    hour.down = UInt32(words[1] >> 32)
    hour.inconclusive = UInt32(truncatingIfNeeded: words[2])
    hour.latencySum = Float(bitPattern: UInt32(words[2] >> 32))
    return hour
  }

  // MARK: All of it

  /// Forgets whatever was there.
  func clear() { file.clear(file.format.unitBytes, at: start) }

  /// Takes out what is not as it was written, so that it is counted once. Returns how much that was.
  func dropDamaged() -> Int {
    var dropped = 0
    for index in 0..<capacity {
      let place = start + index * Self.recordBytes
      if record(in: place) == nil { dropped += drop(Self.recordBytes, at: place) }
    }
    for index in 0..<UInt32(Rollups.hours) {
      let place = place(ofHour: index)
      if hour(in: place) == nil { dropped += drop(Self.hourBytes, at: place) }
    }
    return dropped
  }

  /// 1 where there was anything.
  private func drop(_ count: Int, at place: Int) -> Int {
    guard stride(from: place, to: place + count, by: 8).contains(where: { file.word(at: $0) != 0 }) else {
      return 0
    }
    file.clear(count, at: place)
    return 1
  }

  /// Takes what fits of an area with room for another number of results: the newest.
  func take(_ other: RecordArea) {
    var records = (0..<other.capacity).compactMap { other.record(in: other.start + $0 * Self.recordBytes) }
    records.sort { $0.sequence < $1.sequence }
    for record in records.suffix(capacity) { write(record) }
    for index in 0..<UInt32(Rollups.hours) {
      if let hour = other.hour(in: other.place(ofHour: index)) { write(hour) }
    }
  }

  /// The sequence of the newest record; 0 where there is none.
  var newestSequence: UInt64 {
    (0..<capacity).reduce(0) { max($0, record(in: start + $1 * Self.recordBytes)?.sequence ?? 0) }
  }
}
