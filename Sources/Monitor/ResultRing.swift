package import Model

/// The last results of a target as records of fixed size: 88 bytes a result, and no object for any of them.
/// Memory grows with the results that came, block by block, up to the capacity.
package struct ResultRing: Sendable {
  private static let recordsPerBlock = 16

  /// How many records are kept at most.
  package let capacity: Int
  /// The sequence of the next record; the first is 1.
  package private(set) var nextSequence: UInt64 = 1
  private var blocks: [[UInt64]] = []

  /// An empty ring; `capacity` is at least 1.
  package init(capacity: Int) { self.capacity = max(1, capacity) }

  /// How many records there are.
  package var count: Int { Int(min(UInt64(capacity), nextSequence - 1)) }

  /// Adds the record of a result; the oldest makes room where the ring is full.
  package mutating func append(_ result: ProbeResult) {
    let (block, offset) = place(of: nextSequence)
    let record = ResultRecord(sequence: nextSequence, result: result)
    nextSequence += 1
    if block == blocks.count {
      var fresh: [UInt64] = []
      fresh.reserveCapacity(min(Self.recordsPerBlock, capacity) * ResultRecord.Layout.words)
      blocks.append(fresh)
    }
    let words = record.words
    if offset == blocks[block].count {
      for index in words.indices { blocks[block].append(words[index]) }
    } else {
      for index in words.indices { blocks[block][offset + index] = words[index] }
    }
  }

  /// Gives the newest record the outcome, stage and reason of its result seen closer.
  package mutating func amendLast(_ result: ProbeResult) {
    guard count > 0 else { return }
    let sequence = nextSequence - 1
    let (block, offset) = place(of: sequence)
    let words = ResultRecord(sequence: sequence, result: result).words
    for index in words.indices { blocks[block][offset + index] = words[index] }
  }

  /// The records older than `before` (nil: all), newest first, at most `limit`.
  package func page(limit: Int, before: UInt64?) -> HistoryPage<ResultRecord> {
    let oldest = nextSequence - UInt64(count)
    let end = min(before ?? nextSequence, nextSequence)
    var page = HistoryPage<ResultRecord>(items: [], nextBefore: nil)
    guard end > oldest, limit > 0 else { return page }
    let start = max(oldest, end - min(end, UInt64(limit)))
    page.items.reserveCapacity(Int(end - start))
    for sequence in (start..<end).reversed() { page.items.append(record(sequence)) }
    page.nextBefore = start > oldest ? start : nil
    return page
  }

  /// Calls `body` with each record, newest first, until it returns false.
  package func forEachFromNewest(_ body: (ResultRecord) -> Bool) {
    var sequence = nextSequence
    for _ in 0..<count {
      sequence -= 1
      guard body(record(sequence)) else { return }
    }
  }

  /// When the oldest record's probe started; nil where there is none.
  package var oldestStart: Timestamp? { count == 0 ? nil : record(nextSequence - UInt64(count)).startedAt }

  private func place(of sequence: UInt64) -> (block: Int, offset: Int) {
    let slot = Int((sequence - 1) % UInt64(capacity))
    return (slot / Self.recordsPerBlock, slot % Self.recordsPerBlock * ResultRecord.Layout.words)
  }

  private func record(_ sequence: UInt64) -> ResultRecord {
    let (block, offset) = place(of: sequence)
    guard let record = ResultRecord(words: blocks[block][offset..<offset + ResultRecord.Layout.words]) else {
      preconditionFailure("this process wrote the record itself")
    }
    return record
  }
}
