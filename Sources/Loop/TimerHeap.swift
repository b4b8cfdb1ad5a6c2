import Base

/// Deadlines of waits, the soonest first: a binary heap whose entries are not taken out when a wait ends
/// early, but dropped when they come to the top or when too many have piled up.
struct TimerHeap {
  /// A wait's deadline in nanoseconds of the monotonic clock.
  struct Entry {
    var deadline: Int64
    var wait: WaitID
  }

  private var entries: [Entry] = []

  /// How many entries there are, those of ended waits among them.
  var count: Int { entries.count }

  var first: Entry? { entries.first }

  mutating func insert(_ entry: Entry) {
    entries.append(entry)
    siftUp(from: entries.count - 1)
  }

  mutating func removeFirst() {
    entries.swapAt(0, entries.count - 1)
    entries.removeLast()
    siftDown(from: 0)
  }

  /// Drops the entries of ended waits if they outnumber the others, so that each insertion pays a constant
  /// share and memory stays within twice the waits that are under way.
  mutating func compact(live: Int, isLive: (WaitID) -> Bool) {
    guard entries.count > 64, entries.count > 2 * live else { return }
    entries.removeAll { !isLive($0.wait) }
    for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { siftDown(from: index) }
  }

  private mutating func siftUp(from start: Int) {
    var index = start
    while index > 0 {
      let parent = (index - 1) / 2
      guard entries[index].deadline < entries[parent].deadline else { return }
      entries.swapAt(index, parent)
      index = parent
    }
  }

  private mutating func siftDown(from start: Int) {
    var index = start
    while true {
      var least = 2 * index + 1
      guard least < entries.count else { return }
      if least + 1 < entries.count, entries[least + 1].deadline < entries[least].deadline { least += 1 }
      guard entries[least].deadline < entries[index].deadline else { return }
      entries.swapAt(index, least)
      index = least
    }
  }
}
