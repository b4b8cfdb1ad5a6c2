import Base
import Model
import Monitor
import Testing

@Test(arguments: [
  ([], NetworkState.unknown),
  ([ControlAnswer.failed, .failed], .down(hosts: ["c0:443", "c1:443"])),
  ([.failed, .answered], .reachable),
  ([.failed, .unknown], .unknown),
  ([.unknown, .answered], .reachable),
])
func `The network is down only where no control host can be reached`(
  answers: [ControlAnswer], state: NetworkState
) {
  #expect(NetworkState(answers.enumerated().map { ("c\($0.offset):443", $0.element) }) == state)
}

/// Control hosts that count how often they are asked, and what they answer.
private final class Controls: Sendable {
  let state = Locked(NetworkState.down(hosts: ["control.example:443"]))
  let asked = Locked(0)
  var count: Int { asked.withLock { $0 } }

  func world(_ script: @escaping @Sendable (Target, AttemptContext) -> World.Answer) -> World {
    World(
      script: script,
      reachNetwork: { clock in
        self.asked.withLock { $0 += 1 }
        _ = await clock.wait(until: clock.now.advanced(by: .seconds(2)))
        return self.state.withLock { $0 }
      })
  }
}

@Test(arguments: [
  (Stage.connect, Reason.connectTimeout), (.dns, .dnsFailure), (.banner, .bannerTimeout),
])
func `A failure without network is inconclusive and no failure of the target`(stage: Stage, reason: Reason)
  throws
{
  let controls = Controls()
  let world = controls.world { _, _ in .failure(stage, reason, message: "No answer.") }
  world.run([.sample { $0.retries = 0 }])
  world.advance(by: .seconds(60))
  let state = try #require(world.target("a"))
  #expect(state.last?.outcome == .inconclusive)
  #expect(state.last?.stage == .internal)
  #expect(state.last?.reason == .localNetworkDown)
  #expect(state.last?.message.contains("control.example:443") == true)
  #expect(state.last?.message.contains("No answer.") == true)
  #expect(state.counters.failures == 0)
  #expect(state.counters.inconclusive == state.counters.runs)
  #expect(world.board.snapshot().monitor.suspicions.map(\.about) == ["network"])
}

@Test func `A failure that a server or a login causes asks no control host`() {
  let controls = Controls()
  let world = controls.world { _, _ in .failure(.auth, .authTemporary) }
  world.run([.sample(), .sample("b")])
  world.advance(by: .seconds(60))
  #expect(controls.count == 0)
}

@Test func `While the control hosts answer, a failure is the target's`() {
  let controls = Controls()
  controls.state.withLock { $0 = .reachable }
  let world = controls.world { _, _ in .failure(.connect, .connectRefused) }
  world.run([.sample()])
  world.advance(by: .seconds(60))
  #expect(world.target("a")?.last?.outcome == .down)
  #expect(world.board.snapshot().monitor.suspicions == [])
}

@Test func `One check serves all failures of ten seconds`() {
  let controls = Controls()
  let world = controls.world { _, _ in .failure(.connect, .connectTimeout) }
  world.run((0..<50).map { .sample("t\($0)") { $0.retries = 0 } })
  world.advance(by: .seconds(60))
  // Each check takes 2 s and serves 10 s.
  #expect((4...6).contains(controls.count))
  #expect(world.board.snapshot().targets.allSatisfy { $0.counters.failures == 0 })
}

@Test func `The suspicion ends once the control hosts answer again`() {
  let controls = Controls()
  let healthy = Locked(false)
  let world = controls.world { _, _ in
    healthy.withLock { $0 } ? .init() : .failure(.connect, .connectTimeout)
  }
  world.run([.sample { $0.retries = 0 }])
  world.advance(by: .seconds(30))
  #expect(!world.board.snapshot().monitor.suspicions.isEmpty)
  healthy.withLock { $0 = true }
  controls.state.withLock { $0 = .reachable }
  world.advance(by: .seconds(40))
  #expect(world.board.snapshot().monitor.suspicions.isEmpty)
  let asked = controls.count
  world.advance(by: .seconds(100))
  #expect(controls.count == asked)
}
