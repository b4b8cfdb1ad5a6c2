import Base
import Delivery
import Model
import Testing

private let start = Timestamp(seconds: 1_790_000_000)

private func at(_ seconds: Int) -> Timestamp { start + .seconds(seconds) }

private func name(_ id: String?, _ second: Int, _ route: String = "") -> DeliveryTracker.Name {
  DeliveryTracker.Name(sentAt: at(second), queueID: id, route: route)
}

private func tracker() -> DeliveryTracker {
  DeliveryTracker(lateAfter: .seconds(60), lostAfter: .seconds(600))
}

@Test func `a message that arrives is delivered, with its latency, folder and verdicts`() {
  var tracker = tracker()
  #expect(tracker.sent("a", name("4A", 0)).isEmpty)
  #expect(tracker.facts.inFlight == 1)
  var verdicts = AuthenticationVerdicts()
  verdicts.spf = .pass
  #expect(tracker.arrived("a", .junk, verdicts, at: at(7)).isEmpty)
  #expect(tracker.facts.delivered == 1 && tracker.facts.inFlight == 0 && tracker.facts.late == 0)
  #expect(tracker.facts.last?.latency == .seconds(7) && tracker.facts.last?.verdicts.spf == .pass)
  #expect(tracker.facts.folders == [.junk: 1] && tracker.latency.count == 1)
}

@Test func `a message is late once, then lost once, each with its queue id`() {
  var tracker = tracker()
  _ = tracker.sent("a", name("4A", 0))
  #expect(tracker.advance(lookedAt: at(60)).isEmpty)
  #expect(tracker.advance(lookedAt: at(61)) == [.late(name("4A", 0))])
  #expect(tracker.advance(lookedAt: at(600)).isEmpty)
  #expect(tracker.advance(lookedAt: at(601)) == [.lost(name("4A", 0))])
  #expect(tracker.advance(lookedAt: at(9000)).isEmpty)
  #expect(tracker.facts.late == 1 && tracker.facts.lost == 1 && tracker.facts.inFlight == 0)
  #expect(tracker.facts.missing == DeliveryFacts.Missing(sentAt: at(0), queueID: "4A"))
}

@Test func `while the mailbox cannot be looked into nothing is lost`() {
  var tracker = tracker()
  _ = tracker.sent("a", name(nil, 0))
  tracker.looked(at: at(5000), error: "it hangs")
  #expect(tracker.facts.lost == 0 && tracker.facts.inFlight == 1 && tracker.facts.mailboxError == "it hangs")
  #expect(tracker.arrived("a", .inbox, AuthenticationVerdicts(), at: at(5001)).isEmpty)
  tracker.looked(at: at(5001), error: nil)
  #expect(tracker.facts.delivered == 1 && tracker.facts.late == 1 && tracker.facts.mailboxError == nil)
}

@Test func `a lost message that arrives after all is delivered, and no longer missing`() {
  var tracker = tracker()
  _ = tracker.sent("a", name("4A", 0))
  _ = tracker.advance(lookedAt: at(700))
  let news = tracker.arrived("a", .inbox, AuthenticationVerdicts(), at: at(800))
  #expect(news == [.foundAfterLoss(name("4A", 0), latency: .seconds(800))])
  #expect(tracker.facts.missing == nil && tracker.facts.delivered == 1 && tracker.facts.lost == 1)
  #expect(tracker.facts.inFlight == 0)
}

@Test func `a later message that arrives ends the trouble, an earlier one does not`() {
  var tracker = tracker()
  _ = tracker.sent("old", name(nil, 0))
  _ = tracker.sent("lost", name(nil, 1))
  _ = tracker.sent("new", name(nil, 900))
  _ = tracker.advance(lookedAt: at(1000))
  _ = tracker.arrived("old", .inbox, AuthenticationVerdicts(), at: at(1001))
  #expect(tracker.facts.missing != nil)
  _ = tracker.arrived("new", .inbox, AuthenticationVerdicts(), at: at(1002))
  #expect(tracker.facts.missing == nil)
}

@Test func `an arrival that is seen before its probe has ended counts when it ends`() {
  var tracker = tracker()
  _ = tracker.arrived("a", .inbox, AuthenticationVerdicts(), at: at(1))
  #expect(tracker.facts.delivered == 0)
  _ = tracker.sent("a", name(nil, 2))
  #expect(tracker.facts.delivered == 1 && tracker.facts.inFlight == 0 && tracker.facts.last?.latency == .zero)
}

@Test func `a copy of a message counts once, also one that comes later`() {
  var tracker = tracker()
  _ = tracker.sent("a", name(nil, 0))
  for second in 1...5 { _ = tracker.arrived("a", .inbox, AuthenticationVerdicts(), at: at(second)) }
  #expect(tracker.facts.delivered == 1 && tracker.facts.sent == 1)
}

@Test func `what arrives through one server does not end the trouble of another`() throws {
  var tracker = tracker()
  tracker.keep(routes: ["mx1", "mx2"])
  _ = tracker.sent("a", name("1A", 0, "mx1"))
  _ = tracker.sent("b", name("2A", 0, "mx2"))
  _ = tracker.arrived("a", .inbox, AuthenticationVerdicts(), at: at(3))
  #expect(tracker.advance(lookedAt: at(700)).last == .lost(name("2A", 0, "mx2")))
  _ = tracker.sent("c", name("1B", 900, "mx1"))
  _ = tracker.arrived("c", .inbox, AuthenticationVerdicts(), at: at(905))
  let loss = try #require(tracker.facts.latestLoss)
  #expect(loss.route == "mx2" && loss.loss.queueID == "2A")
  let ways = tracker.facts.routes
  #expect(ways["mx1"]?.delivered == 2 && ways["mx1"]?.lost == 0 && ways["mx1"]?.lastLatency == .seconds(5))
  #expect(ways["mx2"]?.sent == 1 && ways["mx2"]?.delivered == 0 && ways["mx2"]?.lost == 1)
  #expect(tracker.facts.sent == 3 && tracker.facts.delivered == 2 && tracker.facts.lost == 1)
  // The domain has another host in its place: nobody looks for what the old one lost.
  tracker.keep(routes: ["mx1", "mx3"])
  #expect(tracker.facts.latestLoss == nil && tracker.facts.routes["mx2"] == nil)
}

@Test func `what is under way outlives the process, and its time counts from when it was sent`() {
  var before = tracker()
  _ = before.sent("a", name("1A", 0))
  _ = before.sent("b", name("1B", 10))
  _ = before.sent("lost", name("1C", 0))
  _ = before.arrived("a", .inbox, AuthenticationVerdicts(), at: at(5))
  _ = before.advance(lookedAt: at(605))
  #expect(before.facts.lost == 1)
  var after = DeliveryTracker(lateAfter: .seconds(60), lostAfter: .seconds(600), past: before.past)
  #expect(after.facts.sent == 3 && after.facts.inFlight == 1 && after.latency.count == 1)
  #expect(after.awaits("b") && after.awaits("lost"))
  // Late and lost were told before.
  #expect(after.advance(lookedAt: at(606)).isEmpty)
  _ = after.arrived("b", .inbox, AuthenticationVerdicts(), at: at(607))
  #expect(after.facts.last?.latency == .seconds(597) && after.facts.inFlight == 0)
  // "b" was sent after the lost one, so that this is over.
  #expect(after.facts.missing == nil)
  let news = after.arrived("lost", .junk, AuthenticationVerdicts(), at: at(700))
  #expect(news == [.foundAfterLoss(name("1C", 0), latency: .seconds(700))])
}

@Test func `a message that nobody looked for while the monitor was away is lost at the first look`() {
  var before = tracker()
  _ = before.sent("a", name("1A", 0))
  var after = DeliveryTracker(lateAfter: .seconds(60), lostAfter: .seconds(600), past: before.past)
  #expect(after.advance(lookedAt: at(9000)) == [.late(name("1A", 0)), .lost(name("1A", 0))])
}

@Test func `the time that a listener was away does not count against messages`() {
  var before = tracker()
  _ = before.sent("a", name("1A", 0))
  var after = DeliveryTracker(
    lateAfter: .seconds(60), lostAfter: .seconds(600), past: before.past, absentUntil: at(9000))
  #expect(after.advance(lookedAt: at(9050)).isEmpty)
  #expect(after.advance(lookedAt: at(9601)) == [.late(name("1A", 0)), .lost(name("1A", 0))])
}

@Test func `of many losses only the last outlive the process`() {
  var before = tracker()
  for index in 0..<100 { _ = before.sent("t\(index)", name(nil, index)) }
  _ = before.advance(lookedAt: at(5000))
  _ = before.sent("new", name(nil, 5000))
  let journeys = before.past.journeys
  #expect(journeys.count == 17 && journeys.last?.token == "new" && journeys.first?.token == "t84")
}

@Test(arguments: [30_000, -30_000])
func `a calendar that somebody sets makes no message older or younger`(step: Int) {
  var tracker = tracker()
  _ = tracker.sent("a", name("4A", 0))
  _ = tracker.sent("b", name("4B", 1))
  tracker.calendarWasSet(by: .seconds(step))
  #expect(tracker.advance(lookedAt: at(step + 59)).isEmpty)
  _ = tracker.arrived("a", .inbox, AuthenticationVerdicts(), at: at(step + 59))
  #expect(tracker.facts.last?.latency == .seconds(59))
  #expect(tracker.advance(lookedAt: at(step + 602)).last == .lost(name("4B", step + 1)))
  // The loss is as old as the message, so that a later one that arrives makes up for it.
  tracker.calendarWasSet(by: .seconds(-step))
  _ = tracker.sent("c", name("4C", 700))
  _ = tracker.arrived("c", .inbox, AuthenticationVerdicts(), at: at(701))
  #expect(tracker.facts.missing == nil)
}
