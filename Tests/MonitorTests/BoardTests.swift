import Base
import Model
import Monitor
import Testing

@Test func `A name that is not there has no history`() {
  let board = Board { World.epoch }
  #expect(board.records(of: "a", limit: 10, before: nil) == nil)
  #expect(board.events(of: "a", limit: 10, before: nil) == nil)
  #expect(board.uptime(of: "a").isEmpty)
  #expect(board.transcripts(of: "a").isEmpty)
  board.record(.sample(), nextRunAt: nil)
  #expect(board.snapshot().targets.isEmpty)
}

@Test func `A snapshot stays as it was while results come in`() {
  let board = Board { World.epoch }
  board.replace(targets: [.sample("a"), .sample("b")])
  let before = board.snapshot()
  board.record(.sample(target: .sample("b")), nextRunAt: World.epoch + .seconds(10))
  #expect(before.targets.allSatisfy { $0.last == nil })
  let after = board.snapshot()
  #expect(after.targets[0] === before.targets[0])
  #expect(after.targets[1].counters.runs == 1)
  #expect(after.targets[1].nextRunAt == World.epoch + .seconds(10))
}

@Test func `Phases are summed over the targets of a module`() {
  let board = Board { World.epoch }
  var other = Target.sample("c")
  other.module = "other"
  board.replace(targets: [.sample("a"), .sample("b"), other])
  for target in [Target.sample("a"), .sample("b"), other] {
    board.record(.sample(target: target) { $0.phases[.ehlo] = .milliseconds(20) }, nextRunAt: nil)
  }
  let phases = board.snapshot().monitor.phaseLatency
  #expect(phases.count == 2)
  #expect(phases[ModulePhase(module: "default", phase: .ehlo)]?.count == 2)
  #expect(phases[ModulePhase(module: "other", phase: .ehlo)]?.count == 1)
}

@Test func `A refused reload is remembered until one succeeds`() {
  let board = Board(shard: Shard(ordinal: 1, total: 3)) { World.epoch }
  board.reloadFailed("line 3: unknown key")
  var monitor = board.snapshot().monitor
  #expect(!monitor.lastReloadSucceeded)
  #expect(monitor.reloadErrors == [.watch: "line 3: unknown key"])
  board.reloadSucceeded()
  monitor = board.snapshot().monitor
  #expect(monitor.lastReloadSucceeded)
  #expect(monitor.lastReloadSuccessAt == World.epoch)
  #expect(monitor.shard == 1 && monitor.totalShards == 3)
}

@Test func `Snapshots are whole while results, reloads and readers meet`() async {
  let board = Board { World.epoch }
  let targets = (0..<8).map { Target.sample("t\($0)") }
  board.replace(targets: targets)
  await withTaskGroup(of: Void.self) { group in
    group.addTask {
      for round in 0..<150 {
        for target in targets {
          board.record(.sample(round % 3 == 0 ? .down : .up, at: round, target: target), nextRunAt: nil)
        }
        board.ticked()
        board.skipped(.overrun)
        if round % 40 == 0 { board.replace(targets: targets.reversed()) }
      }
    }
    for _ in 0..<3 {
      group.addTask {
        var runs = 0
        for _ in 0..<150 {
          let snapshot = board.snapshot()
          #expect(snapshot.targets.count == 8)
          let seen = snapshot.targets.reduce(0) { $0 + $1.counters.runs }
          #expect(seen >= runs)
          runs = seen
          for target in snapshot.targets {
            #expect(target.counters.latency.count + target.counters.failures == target.counters.runs)
            #expect((target.last == nil) == (target.counters.runs == 0))
          }
          let page = board.records(of: "t3", limit: 50, before: nil)?.items ?? []
          #expect(zip(page, page.dropFirst()).allSatisfy { $0.sequence == $1.sequence + 1 })
          _ = board.events(of: "t3", limit: 50, before: nil)
          _ = board.uptime(of: "t3")
          _ = board.transcripts(of: "t3")
        }
      }
    }
  }
  #expect(board.snapshot().targets.map(\.counters.runs) == [Int](repeating: 150, count: 8))
  #expect(board.snapshot().monitor.skipped == [.overrun: 150])
}
