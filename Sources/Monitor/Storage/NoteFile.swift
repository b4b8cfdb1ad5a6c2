import Base

/// What a note is about.
enum NoteKind: UInt8, CaseIterable {
  /// A target's name, and where its records are.
  case tenant = 2
  /// What is known of a target's server.
  case server
  /// The numbers of a target.
  case standing
  /// A whole result; its sequence is that of its record.
  case result
  /// An event; its sequence is the event's.
  case event
  /// What became of a target's test messages, and which are under way.
  case delivery
}

/// Where a note stands, and which one it is: of those with the same kind, target and sequence the latest counts.
struct NoteHead: Sendable {
  var kind: NoteKind
  var target: UInt64
  var sequence: UInt64
  /// Grows with each note.
  var stamp: UInt64
  var place: Place

  /// The number of a note's first block.
  typealias Place = UInt32

  /// No target has so many results: a larger sequence is none.
  static let largestSequence: UInt64 = 1 << 62
}

/// Notes of any length in a file of small blocks: a note is a chain of them.
///
/// A note is never changed: the new one is written whole, and only then the old one is given back. Its blocks are
/// used again when the disk has all that was written before, so that neither the end of the process nor that of
/// the power leaves less than the older of the two.
///
/// A first block begins with five words: kind, format and check (the upper half); target; sequence; stamp; length
/// and next block. A further one begins with a word: its kind and next block. The check is that of all of it.
final class NoteFile: Sendable {
  static let kind: UInt32 = 0x6574_6f6e
  static let blockBytes = 256
  private static let headBytes = 40
  private static let furtherHeadBytes = 8
  private static let furtherKind: UInt64 = 1
  private static let format: UInt64 = 1
  private static let none: UInt64 = 0xffff_ffff
  /// Blocks that are added at once, at least.
  private static let growth = 256
  /// So many blocks may wait for the disk before some are used again at once.
  private static let patience = 32_768

  private struct State {
    /// Blocks that may be used.
    var free: [UInt32] = []
    /// First blocks of notes that are given back, but not yet used again.
    var waiting: [UInt32] = []
    /// How many were used again before them.
    var served = 0
    var waitingBlocks = 0
    var stamp: UInt64 = 0
    /// The disk gave no more; it is asked again after the next `sync`.
    var isFull = false
    /// The note in the making.
    var chain: [UInt32] = []
    var packer = Packer()
  }

  private let file: RingFile
  private let state = Locked(State())

  init(_ file: RingFile) { self.file = file }

  static var fileFormat: RingFile.Format { RingFile.Format(kind: kind, unitBytes: blockBytes, parameter: 0) }

  /// How large the file is.
  var bytes: Int { state.withLock { _ in file.bytes } }

  // MARK: Reading

  /// Finds every note, once, before anything is written. Blocks of no note are free.
  ///
  /// - Returns: the notes, and how many were not as they had been written.
  func load() -> (notes: [NoteHead], dropped: Int) {
    state.withLock { state in
      var latest: [Key: NoteHead] = [:]
      var dropped = 0
      for block in 0..<UInt32(file.units) {
        let word = file.word(at: offset(block))
        guard UInt8(truncatingIfNeeded: word) > Self.furtherKind else { continue }
        guard let head = head(block), chain(block) != nil else {
          dropped += 1
          continue
        }
        state.stamp = max(state.stamp, head.stamp)
        let key = Key(kind: head.kind, target: head.target, sequence: head.sequence)
        if let other = latest[key], other.stamp > head.stamp { continue }
        latest[key] = head
      }
      var isUsed = [Bool](repeating: false, count: file.units)
      for head in latest.values {
        for block in chain(head.place) ?? [] { isUsed[Int(block)] = true }
      }
      let units = isUsed.lastIndex(of: true).map { $0 + 1 } ?? 0
      file.shrink(to: units)
      for block in isUsed[..<file.units].indices.reversed() where !isUsed[block] {
        forget(UInt32(block), &state)
      }
      return (latest.values.sorted { $0.stamp < $1.stamp }, dropped)
    }
  }

  private struct Key: Hashable {
    var kind: NoteKind
    var target: UInt64
    var sequence: UInt64
  }

  /// The fields of a note; nil where it is not as it was written.
  func read(_ place: NoteHead.Place) -> Unpacker? {
    guard let blocks = chain(place) else { return nil }
    var rest = length(place)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rest)
    for (index, block) in blocks.enumerated() {
      let head = index == 0 ? Self.headBytes : Self.furtherHeadBytes
      let count = min(rest, Self.blockBytes - head)
      file.read(count, at: offset(block) + head, into: &bytes)
      rest -= count
    }
    return Unpacker(bytes[...])
  }

  private func offset(_ block: UInt32) -> Int { file.offset(of: Int(block)) }

  private func length(_ place: UInt32) -> Int {
    Int(UInt32(truncatingIfNeeded: file.word(at: offset(place) + 32)))
  }

  private func head(_ block: UInt32) -> NoteHead? {
    let start = offset(block)
    let first = file.word(at: start)
    guard let kind = NoteKind(rawValue: UInt8(truncatingIfNeeded: first)),
      file.word(at: start + 16) < NoteHead.largestSequence
    else { return nil }
    return NoteHead(
      kind: kind, target: file.word(at: start + 8), sequence: file.word(at: start + 16),
      stamp: file.word(at: start + 24), place: block)
  }

  /// The blocks of a note; nil where the note is not as it was written.
  private func chain(_ place: UInt32) -> [UInt32]? {
    guard Int(place) < file.units else { return nil }
    let first = file.word(at: offset(place))
    var rest = length(place) - (Self.blockBytes - Self.headBytes)
    var blocks = [place]
    var next = file.word(at: offset(place) + 32) >> 32
    while rest > 0 {
      guard next < UInt64(file.units), blocks.count < file.units else { return nil }
      let block = UInt32(next)
      let word = file.word(at: offset(block))
      guard word & 0xff == Self.furtherKind else { return nil }
      blocks.append(block)
      next = word >> 32
      rest -= Self.blockBytes - Self.furtherHeadBytes
    }
    return check(blocks, kindAndFormat: first & 0xffff) == UInt32(first >> 32) ? blocks : nil
  }

  /// The check of a note that stands in these blocks, unused bytes and all.
  private func check(_ blocks: [UInt32], kindAndFormat: UInt64) -> UInt32 {
    var sum = UInt32(truncatingIfNeeded: kindAndFormat)
    for (index, block) in blocks.enumerated() {
      // The first word holds the check itself.
      let skipped = index == 0 ? 8 : 0
      sum = file.checksum(Self.blockBytes - skipped, at: offset(block) + skipped, seed: sum)
    }
    return sum
  }

  // MARK: Writing

  /// Writes a note down; nil where there is no room for it.
  func write(
    _ kind: NoteKind, of target: UInt64, sequence: UInt64 = 0, _ pack: (inout Packer) -> Void
  ) -> NoteHead? {
    state.withLock { state in
      state.packer.removeAll()
      pack(&state.packer)
      let body = state.packer.bytes
      let further = max(0, body.count - (Self.blockBytes - Self.headBytes))
      let room = Self.blockBytes - Self.furtherHeadBytes
      guard take(1 + (further + room - 1) / room, &state) else { return nil }
      state.stamp += 1
      let head = NoteHead(
        kind: kind, target: target, sequence: sequence, stamp: state.stamp, place: state.chain[0])
      var written = 0
      for (index, block) in state.chain.enumerated() {
        let start = offset(block)
        let next = index + 1 < state.chain.count ? UInt64(state.chain[index + 1]) : Self.none
        if index == 0 {
          file.setWord(target, at: start + 8)
          file.setWord(sequence, at: start + 16)
          file.setWord(state.stamp, at: start + 24)
          file.setWord(UInt64(body.count) | next << 32, at: start + 32)
        } else {
          file.setWord(Self.furtherKind | next << 32, at: start)
        }
        let size = index == 0 ? Self.headBytes : Self.furtherHeadBytes
        let count = min(body.count - written, Self.blockBytes - size)
        file.write(body.span.extracting(written..<written + count), at: start + size)
        written += count
      }
      // From this word on, and not before, the note is there.
      let kindAndFormat = UInt64(kind.rawValue) | Self.format << 8
      let check = check(state.chain, kindAndFormat: kindAndFormat)
      file.setWord(kindAndFormat | UInt64(check) << 32, at: offset(head.place))
      return head
    }
  }

  /// Gives a note back; the one that replaces it is written already.
  func release(_ place: NoteHead.Place) {
    state.withLock { state in
      state.waiting.append(place)
      state.waitingBlocks += blocks(for: length(place))
    }
  }

  private func blocks(for length: Int) -> Int { 1 + length / (Self.blockBytes - Self.headBytes) }

  /// Waits until the disk has all notes, and makes those free that were given back before. False where the disk
  /// fails.
  func sync() -> Bool {
    let (end, units) = state.withLock { ($0.served + $0.waiting.count, file.units) }
    let isDone = file.sync(units: units)
    state.withLock { state in
      state.isFull = false
      // Some may have been used again meanwhile.
      if isDone { freeWaiting(max(0, end - state.served), &state) }
    }
    return isDone
  }

  /// Lets go of the memory.
  func releaseMemory() { file.releaseMemory(units: state.withLock { _ in file.units }) }

  /// Puts so many free blocks into `chain`; false where there are not so many.
  private func take(_ count: Int, _ state: inout State) -> Bool {
    if state.free.count < count, state.waitingBlocks > max(Self.patience, file.units / 2) {
      freeWaiting(state.waiting.count, &state)
    }
    if state.free.count < count, !state.isFull {
      let units = file.units
      let more = max(count, Self.growth, min(units / 8, 65_536))
      if file.grow(by: more) {
        state.free += (units..<units + more).reversed().map { UInt32($0) }
      } else {
        state.isFull = true
      }
    }
    // Better less safe against a failing power supply than not at all.
    if state.free.count < count { freeWaiting(state.waiting.count, &state) }
    guard state.free.count >= count else { return false }
    state.chain.removeAll(keepingCapacity: true)
    for _ in 0..<count { state.chain.append(state.free.removeLast()) }
    return true
  }

  private func freeWaiting(_ count: Int, _ state: inout State) {
    for place in state.waiting[..<count] {
      for block in chain(place) ?? [place] { forget(block, &state) }
    }
    state.waiting.removeFirst(count)
    state.served += count
    state.waitingBlocks = state.waiting.reduce(0) { $0 + blocks(for: length($1)) }
  }

  /// A block that no note has: it is no first one any longer.
  private func forget(_ block: UInt32, _ state: inout State) {
    if file.word(at: offset(block)) != 0 { file.setWord(0, at: offset(block)) }
    state.free.append(block)
  }
}
