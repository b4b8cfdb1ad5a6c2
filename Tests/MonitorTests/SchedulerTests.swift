import Base
import Model
import Monitor
import Testing

@Test func `Each target is probed once an interval and the result is on the board`() throws {
  let world = World()
  world.run([.sample("a"), .sample("b", every: .seconds(5))])
  world.advance(by: .seconds(100))
  #expect((9...10).contains(world.starts(of: "a").count))
  #expect((19...20).contains(world.starts(of: "b").count))
  let snapshot = world.board.snapshot()
  #expect(snapshot.targets.map(\.target.name) == ["a", "b"])
  let a = try #require(world.target("a"))
  #expect(a.last?.outcome == .up)
  #expect((9...10).contains(a.counters.runs))
  let next = try #require(a.nextRunAt)
  #expect(next > World.epoch + .seconds(100) && next <= World.epoch + .seconds(110))
  #expect(snapshot.monitor.lag.count == world.starts.count)
  #expect(snapshot.monitor.skipped == [:])
  #expect(snapshot.monitor.probeSlots == 1000)
}

@Test func `The board shows the next run before the first, and the tick while nothing is due`() throws {
  let world = World()
  world.run([.sample(every: .seconds(3600))])
  let next = try #require(world.target("a")?.nextRunAt)
  #expect(next <= World.epoch + .seconds(30))
  world.advance(by: .seconds(600))
  let tick = try #require(world.board.snapshot().monitor.lastTickAt)
  #expect(tick >= World.epoch + .seconds(598))
}

@Test func `A probe that outlasts its interval is not joined by another`() {
  let world = World { _, _ in .init(takes: .seconds(25)) }
  world.run([.sample()])
  world.advance(by: .seconds(120))
  let starts = world.starts.map(\.at)
  #expect((4...5).contains(starts.count))
  for (first, second) in zip(starts, starts.dropFirst()) { #expect(second - first == .seconds(30)) }
  #expect((world.skipped[.overrun] ?? 0) >= 6)
}

@Test func `No more probes run at once than there are slots`() {
  let world = World(limits: ProbeLimits(inFlight: 3, perAddress: 9)) { _, _ in .init(takes: .seconds(40)) }
  world.run((0..<8).map { .sample("t\($0)") })
  world.advance(by: .seconds(20))
  #expect(world.starts.count == 3)
  #expect(world.board.snapshot().monitor.probesInFlight == 3)
  #expect(world.skipped == [.slots: 5, .overrun: 3])
  world.advance(by: .seconds(35))
  #expect(world.starts.count == 6)
  #expect(Set(world.starts.map(\.target)).count == 6)
}

@Test func `No more probes go to one address at once than its limit`() {
  let world = World(limits: ProbeLimits(inFlight: 100, perAddress: 2)) { _, _ in .init(takes: .seconds(6)) }
  world.run((0..<5).map { .sample("t\($0)", host: "mx.example") } + [.sample("other")])
  world.advance(by: .seconds(60))
  let crowd = world.starts.filter { $0.target != "other" }.map(\.at)
  for at in crowd { #expect(crowd.count { $0 <= at && at < $0 + .seconds(6) } <= 2) }
  #expect(world.starts(of: "other").count >= 5)
  #expect(Set(world.starts.map(\.target)).count == 6)
}

@Test func `Names of one address share its slots once the address is known`() {
  let world = World(limits: ProbeLimits(inFlight: 100, perAddress: 1)) { _, _ in
    .init(takes: .seconds(9), address: "192.0.2.1")
  }
  world.run((0..<4).map { .sample("t\($0)", every: .seconds(60)) })
  world.advance(by: .seconds(300))
  let late = world.starts.map(\.at).filter { $0 > .seconds(60) }.sorted()
  #expect(late.count >= 12)
  for (first, second) in zip(late, late.dropFirst()) { #expect(second - first >= .seconds(9)) }
}

@Test func `A stopped process resumes without a burst`() {
  let world = World()
  world.run((0..<200).map { .sample("t\($0)", every: .seconds(30)) })
  world.advance(by: .seconds(60))
  let before = world.starts.count
  world.suspend(for: .seconds(300))
  #expect(world.starts.count - before < 70)
  #expect((world.skipped[.overrun] ?? 0) > 1500)
  let resumed = world.starts.count
  world.advance(by: .seconds(30))
  #expect((195...205).contains(world.starts.count - resumed))
}

@Test func `Lag is the time from plan to start`() throws {
  let world = World()
  world.run([.sample()])
  world.advance(by: .seconds(20))
  let before = world.board.snapshot()
  #expect(before.monitor.lag.sum == 0)
  let untilNext = try #require(before.targets[0].nextRunAt) - before.takenAt
  world.suspend(for: untilNext + .seconds(2))
  let after = world.board.snapshot().monitor.lag
  #expect(after.count == before.monitor.lag.count + 1)
  #expect(abs(after.sum - 2) < 0.001)
}

@Test func `A probe asked for by hand starts at once, and not beside a running one`() {
  let world = World()
  world.run([.sample(every: .seconds(3600))])
  #expect(!world.probeNow("nobody"))
  #expect(world.probeNow("a"))
  #expect(!world.probeNow("a"))
  #expect(world.starts.map(\.at) == [.zero])
  world.advance(by: .milliseconds(100))
  #expect(world.target("a")?.last?.outcome == .up)
  #expect(world.board.snapshot().monitor.lag.count == 0)
}

@Test func `A reload keeps the past of what stays and drops what goes at once`() throws {
  let world = World()
  world.run([.sample("stays"), .sample("goes")])
  world.advance(by: .seconds(50))
  let runs = try #require(world.target("stays")).counters.runs
  var changed = Target.sample("stays")
  changed.settings.retries = 3
  world.replace([.sample("new"), changed])
  #expect(world.board.snapshot().targets.map(\.target.name) == ["new", "stays"])
  #expect(world.target("stays")?.counters.runs == runs)
  #expect(world.target("stays")?.target == changed)
  #expect(world.board.records(of: "goes", limit: 1, before: nil) == nil)
  #expect(world.board.records(of: "stays", limit: 100, before: nil)?.items.count == runs)
  let stopped = world.starts(of: "goes").count
  world.advance(by: .seconds(50))
  #expect(world.starts(of: "goes").count == stopped)
  #expect((4...6).contains(world.starts(of: "new").count))
  #expect(world.starts(of: "stays").count >= runs + 4)
}

@Test func `What a probe of an older configuration finds is not written down`() {
  let world = World { target, _ in .init(takes: .seconds(4), address: target.host) }
  world.run([.sample(host: "old.example", every: .seconds(60))])
  #expect(world.probeNow("a"))
  world.replace([.sample(host: "new.example", every: .seconds(60))])
  world.advance(by: .seconds(4))
  #expect(world.target("a")?.last == nil)
  #expect(world.probeNow("a"))
  world.advance(by: .seconds(4))
  #expect(world.target("a")?.last?.host == "new.example")
}

@Test func `A target that goes while it waits leaves the queue to the others`() {
  let world = World(limits: ProbeLimits(inFlight: 1)) { _, _ in .init(takes: .seconds(5)) }
  let targets: [Target] = ["a", "b", "c"].map { .sample($0, every: .seconds(3600)) }
  world.run(targets)
  for name in ["a", "b", "c"] { #expect(world.probeNow(name)) }
  world.replace([targets[0], targets[2]])
  world.advance(by: .seconds(6))
  #expect(world.starts.map(\.target) == ["a", "c"])
}

@Test func `Shutdown waits for what is in flight and starts nothing more`() throws {
  let world = World(limits: ProbeLimits(inFlight: 1)) { _, _ in .init(takes: .seconds(3)) }
  world.run([.sample("a", every: .seconds(3600)), .sample("b", every: .seconds(3600))])
  #expect(world.probeNow("a"))
  #expect(world.probeNow("b"))
  let left = world.shutdown(grace: .seconds(5))
  #expect(left() == nil)
  world.advance(by: .seconds(3))
  #expect(left() == 0)
  #expect(world.target("a")?.last?.outcome == .up)
  #expect(world.skipped == [.shutdown: 1])
  world.advance(by: .seconds(7200))
  #expect(world.starts.map(\.target) == ["a"])
  #expect(!world.probeNow("b"))
}

@Test func `Shutdown gives up after its grace`() {
  let world = World { _, _ in .init(takes: .seconds(60)) }
  world.run([.sample(every: .seconds(3600))])
  #expect(world.probeNow("a"))
  let left = world.shutdown(grace: .seconds(5))
  world.advance(by: .seconds(4))
  #expect(left() == nil)
  world.advance(by: .seconds(1))
  #expect(left() == 1)
  #expect(world.target("a")?.last == nil)
}

@Test func `Shutdown of an idle monitor ends at once`() {
  let world = World()
  world.run([.sample(every: .seconds(3600))])
  #expect(world.shutdown(grace: .seconds(5))() == 0)
}

@Test func `A sleep that cannot be cancelled costs no run, doubles none and delays no shutdown`() {
  let world = World(sleepIsCancellable: false) { _, _ in .failure(.banner, .serverBusy) }
  let targets = [Target.sample("a") { $0.retries = 0 }, .sample("b", every: .seconds(3600))]
  world.run(targets)
  for _ in 0..<60 {
    world.advance(by: .seconds(1))
    world.replace(targets)
  }
  #expect((5...6).contains(world.starts(of: "a").count))
  #expect(world.skipped == [:])
  world.advance(by: .seconds(5))
  #expect(world.probeNow("b"))
  world.advance(by: .seconds(1))
  let left = world.shutdown(grace: .seconds(5))
  #expect(left() == 0)
  #expect(world.target("b")?.last?.attempts == 1)
}
