import Model
import Monitor
import Testing

private func state(
  every interval: Int, until end: Int, keeping results: Int = 512,
  _ outcome: (Int) -> Outcome = { _ in .up }
) -> TargetState {
  var state = TargetState(target: .sample(), limits: HistoryLimits(results: results))
  for second in stride(from: 0, to: end, by: interval) {
    state.record(.sample(outcome(second), at: second), nextRunAt: nil)
  }
  return state
}

private func uptime(_ state: TargetState, _ window: String, at second: Int) -> Uptime? {
  state.uptime(now: World.epoch + .seconds(second)).first { $0.window == window }
}

@Test func `Without results there is no ratio and no horizon`() {
  let all = TargetState(target: .sample(), limits: HistoryLimits()).uptime(now: World.epoch)
  #expect(all.map(\.window) == ["1h", "24h", "7d", "30d"])
  #expect(all.allSatisfy { $0.ratio == nil && $0.horizon == .zero })
}

@Test func `A young target covers only its age`() {
  let young = state(every: 10, until: 600) { $0 < 300 ? .up : .down }
  for window in ["1h", "24h", "7d", "30d"] {
    let found = uptime(young, window, at: 600)
    #expect(found?.ratio == 0.5)
    #expect(found?.horizon == .seconds(600))
  }
}

@Test func `The last hour is taken from single results where they reach back far enough`() {
  let folded = state(every: 10, until: 7200) { $0 < 3600 + 900 ? .down : .up }
  #expect(uptime(folded, "1h", at: 7200)?.ratio == 0.75)
  #expect(uptime(folded, "1h", at: 7200)?.horizon == .seconds(3600))
}

@Test func `Where the ring is too short, whole hours count, and the horizon says so`() {
  // The epoch of these tests is a full hour.
  let folded = state(every: 10, until: 5400, keeping: 6) { $0 < 3600 ? .down : .up }
  let hour = uptime(folded, "1h", at: 5400)
  #expect(hour?.ratio == 1)
  #expect(hour?.horizon == .seconds(1800))
  #expect(uptime(folded, "24h", at: 5400)?.horizon == .seconds(5400))
}

@Test func `Inconclusive results count neither way, degraded ones as good`() {
  let folded = state(every: 10, until: 400) { second in
    switch second / 100 {
    case 0: .inconclusive
    case 1: .degraded
    case 2: .down
    default: .up
    }
  }
  #expect(uptime(folded, "24h", at: 400)?.ratio == 2.0 / 3)
  let blind = state(every: 10, until: 100) { _ in .inconclusive }
  #expect(uptime(blind, "1h", at: 100)?.ratio == nil)
}

@Test func `Days are kept for 30 days, hour by hour`() {
  let day = 86_400
  let folded = state(every: 1800, until: 40 * day, keeping: 10) { $0 < 38 * day ? .up : .down }
  #expect(folded.rollups.kept.count == 720)
  let month = uptime(folded, "30d", at: 40 * day)
  #expect(month?.horizon == .seconds(30 * day))
  #expect(abs((month?.ratio ?? 0) - 28.0 / 30) < 1e-9)
  #expect(uptime(folded, "24h", at: 40 * day)?.ratio == 0)
  #expect(uptime(folded, "7d", at: 40 * day)?.ratio == 5.0 / 7)
}

@Test func `An hour adds up its results`() {
  let hours = state(every: 600, until: 7200) { $0 == 600 ? .down : $0 == 1200 ? .inconclusive : .up }
    .rollups.kept
  #expect(hours.map(\.up) == [4, 6])
  #expect(hours.map(\.down) == [1, 0])
  #expect(hours.map(\.inconclusive) == [1, 0])
  #expect(abs(hours[0].latencySum - 0.16) < 1e-6)
}

@Test func `A wall clock that is set back and forth loses no result`() {
  var rollups = Rollups()
  for second in [7200, 0, 7201, 1, 3600] { rollups.add(.sample(at: second)) }
  #expect(rollups.kept.map(\.up) == [2, 1])
  rollups.add(.sample(at: 7202))
  #expect(rollups.kept.map(\.up) == [2, 1, 3])
}

/// A day of a probe each ten minutes, in whose fourth hour the clock goes `ahead` seconds ahead, for an hour.
private func glitch(_ ahead: Int, into state: inout TargetState) {
  for second in stride(from: 0, to: 86_400, by: 600) {
    let shift = (10_800..<14_400).contains(second) ? ahead : 0
    // What fails does so before the glitch.
    state.record(.sample(second < 7200 ? .down : .up, at: second + shift), nextRunAt: nil)
  }
}

@Test(arguments: [5, 23, 720, 26_280])
func `A clock that goes hours ahead and back takes no other hour's results`(_ hours: Int) {
  var state = TargetState(target: .sample(), limits: HistoryLimits(results: 6))
  glitch(hours * 3600, into: &state)
  // The hour of the glitch has its results where the clock put them.
  let wrong = (3 + hours) < 24 ? 3 + hours : nil
  let expected = (0..<24).filter { $0 != 3 }.map { $0 == wrong ? 12 : 6 }
  #expect(state.rollups.kept.map { $0.up + $0.down } == expected.map(UInt32.init))
  let day = uptime(state, "24h", at: 86_400)
  let counted = Double(expected.reduce(0, +))
  #expect(day?.ratio == (counted - 12) / counted)
  #expect(day?.horizon == .seconds(86_400))
}

@Test func `A clock that was ahead at first does not make a target younger`() {
  var state = TargetState(target: .sample(), limits: HistoryLimits(results: 2))
  state.record(.sample(at: 90_000), nextRunAt: nil)
  for second in stride(from: 0, to: 7200, by: 600) { state.record(.sample(at: second), nextRunAt: nil) }
  #expect(uptime(state, "24h", at: 7200)?.horizon == .seconds(7200))
}
