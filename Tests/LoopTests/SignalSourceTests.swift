import Base
import Glibc
import Testing

@testable import Loop

struct SignalSourceTests {
  /// On a thread of its own, for the signal is blocked there only.
  @Test func `a blocked signal is waited for like anything else`() async throws {
    let seen = Locked<[Signal?]>([])
    await onNewThread {
      do {
        let source = try SignalSource([.hangup])
        let loop = try EventLoop()
        pthread_kill(pthread_self(), SIGHUP)
        let keeper = SignalKeeper(source)
        Task(executorPreference: loop.executor) {
          let first = await keeper.next(on: loop)
          Task(executorPreference: loop.executor) {
            let second = await keeper.next(on: loop)
            seen.withLock { $0 = [first, second] }
          }
          _ = await loop.sleep(until: .now().advanced(by: .milliseconds(1)))
          loop.stop()
        }
        loop.run()
      } catch { Issue.record(error) }
    }
    #expect(seen.withLock { $0 } == [.hangup, nil])
  }

  @Test func `the limit of descriptors is raised to what the system grants`() throws {
    let limit = try #require(raiseDescriptorLimit())
    var now = rlimit()
    #expect(getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &now) == 0)
    #expect(now.rlim_cur == now.rlim_max && Int(now.rlim_cur) == limit)
  }
}

/// What two tasks share.
private final class SignalKeeper: Sendable {
  private let source: SignalSource

  init(_ source: consuming SignalSource) { self.source = source }

  func next(on loop: isolated EventLoop) async -> Signal? { await source.next(on: loop) }
}
