package import Model

/// The last results of a target as records, and no object for any of them. In memory they are packed, and the ring
/// grows with the results that came, block by block, up to the capacity; in a history file it has its room from the
/// start, and a record that was torn or flipped there is left out.
package struct ResultRing: Sendable {
  /// Where the records are.
  private enum Place {
    /// Oldest first; all but the last are full. The first may have some that are older than what is kept.
    case memory([RecordBlock])
    case file(RecordArea)
  }

  /// How many records are kept at most.
  package let capacity: Int
  /// The sequence of the next record; the first is 1.
  package private(set) var nextSequence: UInt64 = 1
  private var place: Place

  /// An empty ring; `capacity` is at least 1.
  package init(capacity: Int) {
    self.capacity = max(1, capacity)
    place = .memory([])
  }

  /// The ring of an area of a history file.
  init(area: RecordArea, nextSequence: UInt64) {
    capacity = area.capacity
    place = .file(area)
    self.nextSequence = nextSequence
  }

  /// How many records there are.
  package var count: Int { Int(min(UInt64(capacity), nextSequence - 1)) }

  /// Adds the record of a result; the oldest makes room where the ring is full.
  package mutating func append(_ result: Shared<ProbeResult>) {
    let record = ResultRecord(sequence: nextSequence, result: result)
    nextSequence += 1
    switch place {
    case .file(let area): area.write(record)
    case .memory(var blocks):
      // Nobody else may have the blocks while they change, or all of them are copied.
      place = .memory([])
      if blocks.last?.isFull ?? true { blocks.append(RecordBlock()) }
      let last = blocks.count - 1
      blocks[last].append(record)
      // All but the last are full.
      if (last - 1) * RecordBlock.capacity + Int(blocks[last].count) >= capacity, last > 0 {
        blocks.removeFirst()
      }
      place = .memory(blocks)
    }
  }

  /// Gives the newest record the outcome, stage and reason of its result seen closer.
  package mutating func amendLast(_ result: Shared<ProbeResult>) {
    guard count > 0 else { return }
    let record = ResultRecord(sequence: nextSequence - 1, result: result)
    switch place {
    case .file(let area): area.write(record)
    case .memory(var blocks):
      place = .memory([])
      blocks[blocks.count - 1].replaceLast(record)
      place = .memory(blocks)
    }
  }

  /// The records older than `before` (nil: all), newest first, at most `limit`.
  package func page(limit: Int, before: UInt64?) -> HistoryPage<ResultRecord> {
    let oldest = nextSequence - UInt64(count)
    let end = min(before ?? nextSequence, nextSequence)
    var page = HistoryPage<ResultRecord>(items: [], nextBefore: nil)
    guard end > oldest, limit > 0 else { return page }
    let start = max(oldest, end - min(end, UInt64(limit)))
    page.items.reserveCapacity(Int(end - start))
    forEachFromNewest(before: end) { record in
      if record.sequence >= start { page.items.append(record) }
      return record.sequence > start
    }
    page.nextBefore = start > oldest ? start : nil
    return page
  }

  /// Calls `body` with each record older than `before` (nil: all), newest first, until it returns false.
  package func forEachFromNewest(before: UInt64? = nil, _ body: (ResultRecord) -> Bool) {
    let oldest = nextSequence - UInt64(count)
    let end = min(before ?? nextSequence, nextSequence)
    switch place {
    case .file(let area):
      var sequence = end
      while sequence > oldest {
        sequence -= 1
        if let record = area.record(sequence), !body(record) { return }
      }
    case .memory(let blocks):
      var next = nextSequence
      for block in blocks.reversed() {
        next -= UInt64(block.count)
        guard next < end else { continue }
        var records: [ResultRecord] = []
        block.forEach(from: next) { records.append($0) }
        for record in records.reversed() where record.sequence < end {
          guard record.sequence >= oldest, body(record) else { return }
        }
      }
    }
  }

  /// Calls `body` with start and outcome of each record, newest first, until it returns false: what is counted
  /// for every target of a page is read without the rest of its record.
  package func forEachOutcomeFromNewest(_ body: (Timestamp, Outcome) -> Bool) {
    guard case .memory(let blocks) = place else {
      return forEachFromNewest { body($0.startedAt, $0.outcome) }
    }
    var left = count
    var found = InlineArray<16, (Timestamp, Outcome)>(repeating: (Timestamp(microseconds: 0), .up))
    for block in blocks.reversed() {
      var count = 0
      block.forEachOutcome {
        found[count] = ($0, $1)
        count += 1
      }
      while count > 0, left > 0 {
        count -= 1
        left -= 1
        if !body(found[count].0, found[count].1) { return }
      }
    }
  }

  /// When the oldest record's probe started; nil where there is none.
  package var oldestStart: Timestamp? {
    let oldest = nextSequence - UInt64(count)
    switch place {
    case .file(let area):
      return (oldest..<nextSequence).lazy.compactMap { area.record($0)?.startedAt }.first
    case .memory(let blocks):
      guard let first = blocks.first else { return nil }
      var left = (blocks.count - 1) * RecordBlock.capacity + Int(blocks[blocks.count - 1].count) - count
      var start: Timestamp?
      first.forEachOutcome { moment, _ in
        if left == 0 { start = moment }
        left -= 1
      }
      return start
    }
  }
}
