import Base
import Glibc
import Testing

@testable import Loop

/// A connection and its other end.
struct Pair: ~Copyable {
  let client: Socket
  let server: Socket
}

/// Both ends of a connection over loopback.
func connectedPair(
  _ family: SocketAddress.Family = .ipv4, on loop: isolated EventLoop
) async throws -> Pair {
  let listener = try Listener(on: .loopback(family))
  let client = try await Socket.connect(to: listener.address, until: soon(), on: loop)
  let server = try await listener.accept(until: soon(), on: loop).get()
  return Pair(client: client, server: server)
}

/// Makes the other end readable.
func sendByte(through socket: borrowing Socket) throws {
  let sent = socket.sendNow([1].span)
  try #require(sent == .bytes(1))
}

/// A deadline that a good test never meets.
func soon() -> MonotonicInstant { .now().advanced(by: .seconds(60)) }

/// A deadline that has passed.
let past = MonotonicInstant(nanoseconds: 1)

/// Runs a test's body on a loop of its own.
func onLoop<Output: Sendable>(
  _ body: @escaping @Sendable (isolated EventLoop) async throws -> Output
) throws -> Output {
  try EventLoop.run { loop in
    do { return Result<Output, any Error>.success(try await body(loop)) } catch { return .failure(error) }
  }.get()
}

struct EventLoopTests {
  @Test func `a readable descriptor ends the wait for it`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      try sendByte(through: pair.server)
      let before = MonotonicInstant.now()
      let outcome = await loop.wait(for: pair.client.attachment, .read, until: soon())
      guard case .ready(let moment) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(moment >= before && moment <= .now())
    }
  }

  @Test func `a wait ends at its deadline`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      let deadline = MonotonicInstant.now().advanced(by: .milliseconds(5))
      #expect(await loop.wait(for: pair.client.attachment, .read, until: deadline) == .timedOut)
      #expect(MonotonicInstant.now() >= deadline)
    }
  }

  @Test func `what is ready counts even where the deadline has passed`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      #expect(await loop.wait(for: pair.client.attachment, .read, until: past) == .timedOut)
      try sendByte(through: pair.server)
      guard case .ready = await loop.wait(for: pair.client.attachment, .read, until: past) else {
        Issue.record("timed out with bytes to read")
        return
      }
    }
  }

  @Test func `an event for a wait that has ended disturbs no later wait`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      #expect(await loop.wait(for: pair.client.attachment, .read, until: past) == .timedOut)
      // The registration of the wait above is still armed: its event, which a turn hears of before it looks at
      // deadlines, must not end this sleep, which has its place.
      try sendByte(through: pair.server)
      #expect(await loop.sleep(until: past))
    }
  }

  @Test func `a descriptor's number can be used again by another`() throws {
    try onLoop { loop in
      var numbers: Set<Int32> = []
      for _ in 0..<3 {
        let pair = try await connectedPair(on: loop)
        numbers.insert(pair.client.descriptor.rawValue)
        try sendByte(through: pair.server)
        guard case .ready = await loop.wait(for: pair.client.attachment, .read, until: soon()) else {
          Issue.record("timed out with bytes to read")
          return
        }
      }
      #expect(!numbers.isEmpty)
    }
  }

  @Test func `a thousand waits end, each with its own outcome`() throws {
    let outcomes = try onLoop { loop in
      let results = Locked<[Bool]>([])
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<1000 {
          group.addTask(executorPreference: loop.executor) {
            let slept = await sleeper(index, on: loop)
            results.withLock { $0.append(slept) }
          }
        }
      }
      return results.withLock { $0 }
    }
    #expect(outcomes.count == 1000)
    #expect(outcomes.allSatisfy { $0 })
  }

  @Test func `sleepers wake in the order of their deadlines`() throws {
    let order = try onLoop { loop in
      let order = Locked<[Int]>([])
      await withTaskGroup(of: Void.self) { group in
        for index in [4, 1, 3, 0, 2] {
          group.addTask(executorPreference: loop.executor) {
            // All are asleep before the loop looks at the first.
            _ = await loop.sleep(until: past.advanced(by: .nanoseconds(index)))
            order.withLock { $0.append(index) }
          }
        }
      }
      return order.withLock { $0 }
    }
    #expect(order == [0, 1, 2, 3, 4])
  }

  @Test func `stopping ends every wait, and later ones at once`() throws {
    let loop = try EventLoop()
    let outcomes = Locked<[Bool]>([])
    for _ in 0..<3 {
      Task(executorPreference: loop.executor) {
        let first = await loop.sleep(until: .distantFuture)
        let second = await loop.sleep(until: .distantFuture)
        outcomes.withLock { $0 += [first, second] }
      }
    }
    // Tasks begin in order: by now the others wait.
    Task(executorPreference: loop.executor) { loop.stop() }
    loop.run()
    #expect(outcomes.withLock { $0 } == Array(repeating: false, count: 6))
  }

  @Test func `another thread can stop the loop, before and while it runs`() throws {
    let stopped = try EventLoop()
    stopped.stop()
    stopped.run()

    let running = try EventLoop()
    Task(executorPreference: running.executor) { startThread { running.stop() } }
    running.run()
  }

  @Test func `tasks that other threads start run on the loop`() throws {
    let count = 500
    let isOnLoop = Locked<[Bool]>([])
    let loop = try EventLoop()
    for _ in 0..<4 {
      startThread {
        for _ in 0..<count {
          Task(executorPreference: loop.executor) {
            let answer = await onLoopThread(of: loop)
            let total = isOnLoop.withLock { answers in
              answers.append(answer)
              return answers.count
            }
            if total == 4 * count { loop.stop() }
          }
        }
      }
    }
    loop.run()
    #expect(isOnLoop.withLock { $0 } == Array(repeating: true, count: 4 * count))
  }

  @Test func `the loop says when it last turned`() throws {
    try onLoop { loop in
      let before = MonotonicInstant.now()
      #expect(loop.lastTurn < before)
      #expect(await loop.sleep(until: before))
      #expect(loop.lastTurn >= before)
      #expect(loop.lastTurn <= .now())
    }
  }

  @Test func `a watch is called at each event until it is taken off`() throws {
    try onLoop { loop in
      let pair = try await connectedPair(on: loop)
      let (seen, woken) = (Locked(0), Locked<CheckedContinuation<Void, Never>?>(nil))
      // The socket's own registration is the loop's.
      let watched = Descriptor(owning: dup(pair.client.descriptor.rawValue))
      let number = watched.rawValue
      loop.watch(number, .read) { readiness, _ in
        #expect(readiness.contains(.read))
        var byte: UInt8 = 0
        #expect(read(number, &byte, 1) == 1)
        seen.withLock { $0 += 1 }
        woken.withLock { $0.take() }?.resume()
      }
      for expected in 1...3 {
        await withCheckedContinuation { next in
          woken.withLock { $0 = next }
          #expect(throws: Never.self) { try sendByte(through: pair.server) }
        }
        #expect(seen.withLock { $0 } == expected)
      }
      loop.unwatch(number)
      try sendByte(through: pair.server)
      // A wait may take the watch's place, and is told of what the watch is not.
      guard case .ready = await loop.wait(for: watched, .read, until: soon()) else {
        Issue.record("timed out with bytes to read")
        return
      }
      #expect(seen.withLock { $0 } == 3)
    }
  }

  @Test func `a timer fires once, a cancelled one never, and the end of the loop ends the rest`() throws {
    let fired = Locked<[String]>([])
    try onLoop { loop in
      let now = MonotonicInstant.now()
      _ = loop.schedule(at: past) { outcome, _ in fired.withLock { $0.append("past \(outcome)") } }
      let never = loop.schedule(at: now) { _, _ in fired.withLock { $0.append("never") } }
      _ = loop.schedule(at: .distantFuture) { outcome, _ in fired.withLock { $0.append("far \(outcome)") } }
      loop.cancel(try #require(never))
      #expect(await loop.sleep(until: now))
    }
    #expect(fired.withLock { $0 } == ["past timedOut", "far ended"])
  }
}

private func sleeper(_ index: Int, on loop: isolated EventLoop) async -> Bool {
  await loop.sleep(until: past.advanced(by: .nanoseconds(index % 7)))
}

private func onLoopThread(of loop: isolated EventLoop) -> Bool { loop.executor.isOnLoop }
