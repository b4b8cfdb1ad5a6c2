import Base
import Model
import Monitor
import Testing

/// A target that is probed every `interval` and sends every `every`.
private func sender(
  _ name: String = "a", probed interval: Duration = .seconds(30), every: Duration = .seconds(900),
  change: (inout ProbeSettings) -> Void = { _ in }
) -> Target {
  .sample(name, every: interval) { settings in
    settings.send = SendSettings(
      envelope: Envelope(from: "a@example.net", to: "b@example.net"), every: every)
    change(&settings)
  }
}

/// Takes every message.
private func takes(_: Target, _ context: AttemptContext) -> World.Answer {
  .init(messagesSent: context.sendsMessage ? 1 : 0)
}

extension World {
  fileprivate func sends(of name: String = "a") -> [Duration] {
    starts(of: name).filter(\.context.sendsMessage).map(\.at)
  }
}

extension World {
  /// Stops, so that another may have the store.
  fileprivate func end() {
    _ = shutdown(grace: .zero)
    loop.executor.drain()
  }
}

private func gaps(_ moments: [Duration]) -> [Duration] { zip(moments.dropFirst(), moments).map { $0 - $1 } }

@Test func `A message goes every so often, with a probe that is due anyway where the periods fit`() {
  let world = World(script: takes)
  world.run([sender()])
  world.advance(by: .seconds(3600))
  let sends = world.sends()
  #expect(sends.count == 4)
  #expect(gaps(sends).allSatisfy { $0 == .seconds(900) })
  #expect(world.target("a")?.counters.messagesSent == 4)
  // No probe was made for their sake.
  #expect((119...121).contains(world.starts.count))
}

@Test func `When the next message is due is shown, whatever becomes of the one before`() throws {
  let fate = Locked(false)
  let world = World { _, context in
    fate.withLock(\.self) && context.sendsMessage
      ? .failure(.connect, .connectTimeout) : .init(messagesSent: context.sendsMessage ? 1 : 0)
  }
  func untilNext() throws -> Duration {
    let snapshot = world.board.snapshot()
    return try #require(snapshot.monitor.nextMessages["a"]) - snapshot.takenAt
  }
  world.run([sender { $0.retries = 0 }, .sample("silent")])
  #expect(world.board.snapshot().monitor.nextMessages["silent"] == nil)
  let first = try untilNext()
  #expect(first > .zero && first <= .seconds(900))
  world.advance(by: first - .seconds(1))
  var left = try untilNext()
  #expect(world.sends().isEmpty && left == .seconds(1))
  world.advance(by: .seconds(2))
  left = try untilNext()
  #expect(world.sends().count == 1 && left == .seconds(899))
  fate.withLock { $0 = true }
  world.advance(by: .seconds(900))
  // It could not be sent, and is owed.
  left = try untilNext()
  #expect(world.sends().count == 2 && left <= .zero)
  world.replace([.sample("a")])
  #expect(world.board.snapshot().monitor.nextMessages.isEmpty)
}

@Test func `Messages that come oftener than probes have probes of their own, and are not later for it`() {
  let world = World(script: takes)
  world.run([sender(probed: .seconds(3600), every: .seconds(600))])
  world.advance(by: .seconds(7200))
  let sends = world.sends()
  #expect((11...12).contains(sends.count))
  #expect(gaps(sends).allSatisfy { $0 == .seconds(600) })
  let silent = world.starts.count { !$0.context.sendsMessage }
  // The first look, and one an hour.
  #expect(silent <= 3)
}

@Test func `Messages keep to the probes that are due with them though each probe is noticed late`() throws {
  let world = World(script: takes)
  world.run([sender()])
  for _ in 0..<130 {
    let snapshot = world.board.snapshot()
    let next = try #require(snapshot.targets.first?.nextRunAt) - snapshot.takenAt
    world.suspend(for: next + .milliseconds(3))
    world.advance(by: .milliseconds(200))
  }
  let sends = world.sends()
  #expect(sends.count >= 4 && gaps(sends).allSatisfy { $0 == .seconds(900) })
  #expect(world.starts.count == 130)
}

@Test func `Targets send at moments of their own`() {
  let world = World(script: takes)
  world.run((0..<60).map { sender("t\($0)", probed: .seconds(3600)) })
  world.advance(by: .seconds(900))
  let sends = world.starts.filter(\.context.sendsMessage).map(\.at).sorted()
  #expect(sends.count == 60)
  for moment in sends { #expect(sends.count { abs($0 / .seconds(1) - moment / .seconds(1)) < 30 } < 15) }
}

@Test func `A message that becomes due during a probe has the next one at once, and never one beside it`() {
  let world = World { target, context in
    .init(takes: .seconds(40), messagesSent: context.sendsMessage ? 1 : 0)
  }
  world.run([sender(probed: .seconds(60), every: .seconds(70)) { $0.timeout = .seconds(50) }])
  world.advance(by: .seconds(3600))
  let starts = world.starts.map(\.at)
  #expect(gaps(starts).allSatisfy { $0 >= .seconds(40) })
  let sends = world.sends()
  #expect(sends.count >= 25)
  #expect(gaps(sends).allSatisfy { $0 >= .seconds(70) })
}

@Test func `A probe that is near carries the message`() {
  let world = World(script: takes)
  // The two never fall together by themselves.
  world.run([sender(probed: .seconds(9), every: .seconds(100)) { $0.timeout = .seconds(9) }])
  world.advance(by: .seconds(900))
  #expect(gaps(world.starts.map(\.at)).allSatisfy { $0 == .seconds(9) })
  #expect(world.sends().count >= 8)
}

@Test func `A message that never came to MAIL is sent with the next attempt`() throws {
  let world = World { _, context in
    context.attempt == 1 && context.sendsMessage
      ? .failure(.connect, .connectTimeout) : .init(messagesSent: context.sendsMessage ? 1 : 0)
  }
  world.run([sender()])
  world.advance(by: .seconds(960))
  let first = try #require(world.starts.firstIndex { $0.context.sendsMessage })
  #expect(world.starts[first..<first + 2].map(\.context.sendsMessage) == [true, true])
  #expect(world.starts[first..<first + 2].map(\.context.attempt) == [1, 2])
  #expect(!world.starts[first + 2].context.sendsMessage)
}

@Test func `A message that a failing server could not take goes with the first probe that can send it`()
  throws
{
  let isBroken = Locked(true)
  let world = World { _, context in
    isBroken.withLock { $0 }
      ? .failure(.connect, .connectTimeout) : .init(messagesSent: context.sendsMessage ? 1 : 0)
  }
  world.run([sender { $0.retries = 0 }])
  world.advance(by: .seconds(1200))
  let before = world.sends().count
  #expect(before >= 10)
  isBroken.withLock { $0 = false }
  world.advance(by: .seconds(930))
  let after = world.sends().dropFirst(before)
  #expect(after.count == 2 && after.allSatisfy { $0 >= .seconds(1200) })
  #expect(gaps(Array(after)) == [.seconds(900)])
}

@Test func `A message that failed after MAIL waits for its next time`() {
  let world = World { _, context in
    context.sendsMessage ? .failure(.message, .replyTimeout) : .init()
  }
  world.run([sender()])
  world.advance(by: .seconds(1800))
  #expect(world.sends().count == 2)
}

@Test func `A target without send never sends`() {
  let world = World()
  world.run([.sample()])
  world.advance(by: .seconds(60))
  #expect(world.starts.allSatisfy { !$0.context.sendsMessage })
}

@Test func `Reloads bring no message forward, and another period counts from the last message`() throws {
  let world = World(script: takes)
  world.run([sender()])
  while world.sends().isEmpty { world.advance(by: .seconds(30)) }
  let first = try #require(world.sends().first)
  for _ in 0..<20 {
    world.advance(by: .seconds(10))
    world.replace([sender { $0.subjectOfSend = "\(world.starts.count)" }])
  }
  world.replace([sender(every: .seconds(600))])
  world.advance(by: .seconds(1200))
  let sends = world.sends()
  #expect(sends[1] - first >= .seconds(600) && sends[1] - first <= .seconds(630))
}

@Test func `Without a store, restarts in quick succession do not send a message each`() {
  var sent = 0
  for restart in 0..<40 {
    let world = World(startedAt: World.epoch + .seconds(45 * restart), script: takes)
    world.run([sender()])
    world.advance(by: .seconds(45))
    sent += world.sends().count
  }
  // Half an hour: one for each time that the target's own moment came.
  #expect(sent == 2)
}

@Test func `A store tells a restarted monitor when the last message went`() throws {
  let folder = try HistoryFolder()
  var moments: [Duration] = []
  for restart in 0..<12 {
    let offset = Duration.seconds(300 * restart)
    let store = try HistoryStore(
      directory: folder.path, limits: HistoryLimits(results: 16), now: World.epoch + offset)
    let world = World(store: store, startedAt: World.epoch + offset, script: takes)
    world.run([sender(probed: .seconds(37), every: .seconds(200))])
    world.advance(by: .seconds(300))
    moments += world.sends().map { offset + $0 }
    world.end()
  }
  #expect(moments.count >= 14)
  // The calendar, which alone outlives a process, counts microseconds.
  #expect(gaps(moments).filter { $0 < .seconds(200) - .microseconds(1) } == [])
}

@Test func `A message that fell due while the monitor was away goes with the first probe`() throws {
  let folder = try HistoryFolder()
  for (offset, expected) in [(0, 1), (3600, 2)] {
    let epoch = World.epoch + .seconds(offset)
    let store = try HistoryStore(directory: folder.path, limits: HistoryLimits(results: 16), now: epoch)
    let world = World(store: store, startedAt: epoch, script: takes)
    world.run([sender()])
    world.advance(by: .seconds(offset == 0 ? 900 : 31))
    #expect(world.sends().count == 1)
    #expect(world.target("a")?.counters.messagesSent == expected)
    world.end()
  }
}

// MARK: The limit

@Test func `No more messages go within a day than the limit, and those left out are counted and told`() throws
{
  let world = World(script: takes)
  world.run([sender(probed: .seconds(60), every: .seconds(60)) { $0.send?.maxPerDay = 100 }])
  world.advance(by: .seconds(86_400))
  #expect(world.sends().count == 100)
  let counters = try #require(world.target("a")?.counters)
  #expect(counters.messagesSent == 100)
  #expect((1338...1340).contains(counters.messagesLeftOut))
  let events = try #require(world.board.events(of: "a", limit: 10, before: nil)?.items)
  let told = events.filter { $0.kind == .delivery }
  #expect(told.count == 1 && told[0].to?.contains("send.max_per_day is 100") == true)
  world.advance(by: .seconds(86_400))
  // A day later it goes on, and stops again.
  #expect((190...200).contains(world.sends().count))
}

@Test func `A message every 5 minutes is within the limit that nobody set`() {
  let world = World(script: takes)
  world.run([sender(probed: .seconds(60), every: .seconds(300))])
  world.advance(by: .seconds(2 * 86_400))
  #expect(world.target("a")?.counters.messagesLeftOut == 0)
  #expect((575...576).contains(world.sends().count))
}

@Test func `Each server of a target counts, and only as many of them send as the limit has room for`() throws
{
  let world = World { _, context in .init(messagesSent: min(3, context.messages), members: 3) }
  world.run([sender { $0.send?.maxPerDay = 10 }])
  world.advance(by: .seconds(7200))
  let allowed = world.starts.filter(\.context.sendsMessage).map(\.context.messages)
  #expect(allowed == [10, 7, 4, 1])
  let counters = try #require(world.target("a")?.counters)
  #expect(counters.messagesSent == 10)
  // Two servers of the fourth time, and whole times after it.
  #expect(counters.messagesLeftOut == 2 + 4)
}

@Test func `The limit holds over restarts where there is a store`() throws {
  let folder = try HistoryFolder()
  var sent = 0
  for restart in 0..<10 {
    let offset = Duration.seconds(600 * restart)
    let store = try HistoryStore(
      directory: folder.path, limits: HistoryLimits(results: 16), now: World.epoch + offset)
    let world = World(store: store, startedAt: World.epoch + offset, script: takes)
    world.run([sender(probed: .seconds(30), every: .seconds(30)) { $0.send?.maxPerDay = 50 }])
    world.advance(by: .seconds(600))
    sent += world.sends().count
    world.end()
  }
  #expect(sent == 50)
}

@Test func `What a message may have cost counts although its last reply never came`() {
  let world = World { _, context in
    context.sendsMessage ? .failure(.message, .replyTimeout) : .init()
  }
  world.run([sender(probed: .seconds(30), every: .seconds(30)) { $0.send?.maxPerDay = 5 }])
  world.advance(by: .seconds(3600))
  #expect(world.sends().count == 5)
}

@Test func `A ledger counts a day to the hour, whatever the calendar does`() {
  var ledger = MessageLedger()
  for hour in 0..<48 {
    let time = World.epoch + .seconds(3600 * hour)
    ledger.begin(at: time)
    ledger.end(with: 2, isSettled: true, at: time)
  }
  #expect(ledger.count(inDayBefore: World.epoch + .seconds(3600 * 47)) == 50)
  #expect(ledger.count(inDayBefore: World.epoch + .seconds(3600 * 80)) == 0)
  // Set back by ten hours: what was sent is not forgotten.
  #expect(ledger.count(inDayBefore: World.epoch + .seconds(3600 * 37)) >= 50)
  // One that never came so far is owed still.
  ledger.begin(at: World.epoch + .seconds(3600 * 60))
  ledger.end(with: 0, isSettled: false, at: World.epoch + .seconds(3600 * 60))
  #expect(ledger.lastAt == World.epoch + .seconds(3600 * 47))
}

extension ProbeSettings {
  fileprivate var subjectOfSend: String {
    get { send?.subject ?? "" }
    set { send?.subject = newValue }
  }
}
