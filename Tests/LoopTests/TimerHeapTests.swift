import Testing

@testable import Loop

struct TimerHeapTests {
  @Test func `entries come out in the order of their deadlines`() {
    var heap = TimerHeap()
    // A permutation of 0..<997, for 997 is prime.
    for index in 0..<997 { heap.insert(entry(index * 389 % 997)) }
    for expected in 0..<997 {
      #expect(heap.first?.deadline == Int64(expected))
      heap.removeFirst()
    }
    #expect(heap.first == nil)
  }

  @Test func `a heap of ended waits shrinks to those under way`() {
    var heap = TimerHeap()
    var largest = 0
    for index in 0..<100_000 {
      heap.insert(entry(100_000 - index))
      heap.compact(live: 10) { $0.index > 100_000 - index - 10 && $0.index <= 100_000 - index + 9 }
      largest = max(largest, heap.count)
    }
    #expect(largest <= 66)
  }

  @Test func `compacting keeps the order and the live entries`() {
    var heap = TimerHeap()
    for index in 0..<300 { heap.insert(entry(index * 7 % 300)) }
    heap.compact(live: 100) { $0.index.isMultiple(of: 3) }
    #expect(heap.count == 100)
    for expected in stride(from: 0, to: 300, by: 3) {
      #expect(heap.first?.deadline == Int64(expected))
      heap.removeFirst()
    }
  }

  private func entry(_ number: Int) -> TimerHeap.Entry {
    TimerHeap.Entry(deadline: Int64(number), wait: WaitID(index: number, use: 1))
  }
}

struct WaitTableTests {
  @Test func `a place is used again, but never under the same number`() {
    var table = WaitTable()
    let first = table.insert(.timer { _, _ in }, hasDeadline: true)
    #expect(table.deadlines == 1)
    #expect(table.remove(first) != nil)
    #expect(table.remove(first) == nil)
    let second = table.insert(.timer { _, _ in }, hasDeadline: false)
    #expect(first.index == second.index)
    #expect(first != second)
    #expect(!table.isLive(first) && table.isLive(second))
    #expect(table.deadlines == 0)
    #expect(table.removeAll().count == 1)
    #expect(!table.isLive(second))
  }
}
