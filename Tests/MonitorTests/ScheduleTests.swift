import Model
import Monitor
import Testing

private let wall = Timestamp(seconds: 1_795_428_000)

private func schedule(
  _ targets: [(name: String, interval: Duration)], startedAt: Timestamp = wall
) -> Schedule {
  var schedule = Schedule(startedAt: startedAt)
  schedule.replace(with: targets, at: .zero)
  return schedule
}

/// Everything that comes due until then, each at its own moment.
private func dues(_ schedule: inout Schedule, until end: Duration) -> [Schedule.Due] {
  var found: [Schedule.Due] = []
  while let next = schedule.nextDue, next <= end, let due = schedule.popDue(at: next) { found.append(due) }
  return found
}

@Test func `An empty schedule has nothing due`() {
  var empty = schedule([])
  #expect(empty.nextDue == nil)
  let due = empty.popDue(at: .seconds(100))
  #expect(due == nil)
}

@Test(arguments: [Duration.milliseconds(700), .seconds(1), .seconds(10), .seconds(30), .seconds(300)])
func `The grid of a target is the same after a restart`(interval: Duration) throws {
  var before = schedule([("mail", interval)])
  var after = schedule([("mail", interval)], startedAt: wall + .milliseconds(123_457))
  let old = Set(dues(&before, until: .seconds(2000)).map { (wall + $0.planned).microseconds })
  // The extra look of a long interval is left out.
  let new = dues(&after, until: .seconds(1500)).dropFirst()
  #expect(new.count >= 4)
  for due in new { #expect(old.contains((wall + .milliseconds(123_457) + due.planned).microseconds)) }
}

@Test func `A fixed rate does not drift though every run is noticed late`() throws {
  var late = schedule([("mail", .seconds(10))])
  var last: Duration?
  for _ in 0..<5000 {
    let next = try #require(late.nextDue)
    let popped = late.popDue(at: next + .milliseconds(1700))
    let due = try #require(popped)
    #expect(!due.isMissed)
    if let last { #expect(due.planned - last == .seconds(10)) }
    last = due.planned
  }
}

@Test(arguments: [Duration.seconds(1), .seconds(10), .seconds(60), .seconds(3600)])
func `First looks come within 30 seconds and are spread`(interval: Duration) {
  let targets = (0..<1000).map { (name: "target-\($0)", interval: interval) }
  var full = schedule(targets)
  let window = min(interval, .seconds(30))
  var seen: Set<Int> = []
  var histogram = [Int](repeating: 0, count: 10)
  while seen.count < 1000, let next = full.nextDue, next <= window, let due = full.popDue(at: next) {
    guard seen.insert(due.index).inserted else { continue }
    histogram[min(9, Int(due.planned / window * 10))] += 1
  }
  #expect(seen.count == 1000)
  #expect(histogram.allSatisfy { (50...160).contains($0) }, "\(histogram)")
}

@Test func `Names that differ in one digit are spread too`() {
  let offsets = (0..<400).map { StableHash.of("demo-\($0)") % 30 }
  let histogram = (0..<30).map { second in offsets.count { $0 == second } }
  #expect(histogram.allSatisfy { $0 < 40 }, "\(histogram)")
}

@Test func `What was due while the process was stopped is left out, and no burst follows`() {
  let targets = (0..<300).map { (name: "target-\($0)", interval: Duration.seconds(30)) }
  var stopped = schedule(targets)
  _ = dues(&stopped, until: .seconds(45))
  let resumed = Duration.seconds(45 + 100)
  var missed = 0
  var ran = 0
  while let due = stopped.popDue(at: resumed) {
    missed += due.missed
    if !due.isMissed { ran += 1 }
  }
  // 100 s are 3.3 intervals. Only what is due since a few seconds may run.
  #expect((970...1030).contains(missed + ran))
  #expect(ran < 100)
  let later = dues(&stopped, until: resumed + .seconds(30))
  #expect(later.count == 300)
  #expect(later.count { $0.planned < resumed + .seconds(3) } < 60)
}

@Test func `A long interval that was missed is looked at within 30 seconds`() throws {
  var stopped = schedule([("mail", .seconds(3600))])
  let due = stopped.popDue(at: .seconds(10_000))
  #expect(due?.isMissed == true)
  #expect(try #require(stopped.nextDue) <= .seconds(10_030))
}

@Test func `A reload moves only what has a new interval`() {
  var reloaded = schedule([("a", .seconds(60)), ("b", .seconds(60)), ("gone", .seconds(60))])
  _ = dues(&reloaded, until: .seconds(90))
  let kept = reloaded.nextDue(of: 0)
  reloaded.replace(
    with: [("new", .seconds(60)), ("b", .seconds(5)), ("a", .seconds(60))], at: .seconds(91))
  #expect(reloaded.nextDue(of: 2) == kept)
  #expect(reloaded.nextDue(of: 1) <= .seconds(96))
  #expect(reloaded.nextDue(of: 0) <= .seconds(121))
  let later = dues(&reloaded, until: .seconds(200))
  #expect(Set(later.map(\.index)) == [0, 1, 2])
}

@Test func `Ten thousand targets are due in order and once an interval`() {
  var large = schedule((0..<10_000).map { (name: "t\($0)", interval: Duration.seconds(30)) })
  let all = dues(&large, until: .seconds(60))
  #expect(all.count == 20_000)
  #expect(zip(all, all.dropFirst()).allSatisfy { $0.planned <= $1.planned })
  #expect(Set(all.map(\.index)).count == 10_000)
}
