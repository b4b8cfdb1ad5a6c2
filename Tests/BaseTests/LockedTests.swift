import Base
import Testing

struct LockedTests {
  @Test func `changes by many tasks are all there`() async {
    let sum = Locked(0)
    await withTaskGroup(of: Void.self) { group in
      for number in 1...8 {
        group.addTask {
          for _ in 0..<1000 { sum.withLock { $0 += number } }
        }
      }
    }
    #expect(sum.withLock { $0 } == 36_000)
  }

  @Test func `an error leaves the value free for the next`() {
    struct Failure: Error {}
    let value = Locked([1])
    #expect(throws: Failure.self) {
      try value.withLock { (items) throws(Failure) -> Void in
        items.append(2)
        throw Failure()
      }
    }
    #expect(value.withLock { $0 } == [1, 2])
  }
}
