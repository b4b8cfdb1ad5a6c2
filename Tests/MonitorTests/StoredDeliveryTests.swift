import Base
import Model
import Monitor
import Testing

private let target = Target.sample { settings in
  settings.send = SendSettings(envelope: Envelope(from: "a@example.net", to: "b@example.net"))
  settings.delivery = DeliverySettings(mailbox: .maildir("/nonexistent"))
}

private let full: DeliverySnapshot = {
  var facts = DeliveryFacts()
  (facts.sent, facts.delivered, facts.late, facts.lost, facts.inFlight) = (9, 5, 2, 1, 2)
  facts.folders = [.inbox: 4, .junk: 1]
  var verdicts = AuthenticationVerdicts()
  (verdicts.spf, verdicts.dkim, verdicts.dmarc) = (.pass, .permerror, .none)
  facts.last = DeliveryFacts.Arrival(
    at: World.epoch, latency: .milliseconds(1234), folder: .junk, verdicts: verdicts)
  facts.losses = [
    "mx1": DeliveryFacts.Missing(sentAt: World.epoch, queueID: "4A"),
    "": .init(sentAt: World.epoch, queueID: nil),
  ]
  var route = DeliveryFacts.Route()
  (route.sent, route.delivered, route.lost, route.lastLatency) = (5, 3, 1, .seconds(2))
  facts.routes = ["mx1": route, "mx2": DeliveryFacts.Route()]
  var latency = Histogram()
  for time in [4, 80, 1_200, 90_000] { latency.observe(.milliseconds(time)) }
  return DeliverySnapshot(
    facts: facts, latency: latency,
    journeys: [
      DeliveryJourney(
        token: "sw1-a", sentAt: World.epoch, queueID: "4A", route: "mx1", isLate: true, isLost: true),
      DeliveryJourney(token: "sw1-b", sentAt: World.epoch + .seconds(1), queueID: nil, route: ""),
      DeliveryJourney(token: "sw1-c", sentAt: World.epoch, queueID: "4C", route: "mx2", isLate: true),
    ])
}()

private func delivery(_ board: Board) throws -> DeliverySnapshot { try #require(board.delivery(of: "a")) }

@Test func `Messages under way and all that is known of others outlive a restart`() throws {
  let folder = try HistoryFolder()
  var board = try folder.board([target])
  #expect(board.delivery(of: "a") == nil)
  board.delivered("a", DeliverySnapshot(facts: DeliveryFacts(), latency: Histogram()))
  board.delivered("a", full)
  board = Board()
  board = try folder.board([target], at: 10)
  let found = try delivery(board)
  #expect(found.facts == full.facts && found.latency == full.latency && found.journeys == full.journeys)
}

@Test func `A look into the mailbox that finds nothing new writes nothing`() throws {
  let folder = try HistoryFolder()
  let board = try folder.board([target])
  board.delivered("a", full)
  let before = try folder.bytes("notes")
  var later = full
  later.facts.lookedAt = World.epoch + .seconds(99)
  later.facts.mailboxError = "it hangs"
  board.delivered("a", later)
  #expect(try folder.bytes("notes") == before)
  later.facts.delivered += 1
  board.delivered("a", later)
  #expect(try folder.bytes("notes") != before)
}

@Test func `What is known of messages waits for a target that comes back, and results go on beside it`()
  throws
{
  let folder = try HistoryFolder()
  var board = try folder.board([target, .sample("b")])
  board.delivered("a", full)
  board.play(target, 0..<40)
  board.replace(targets: [.sample("b")])
  board.replace(targets: [target, .sample("b")])
  #expect(try delivery(board).journeys == full.journeys)
  board = Board()
  board = try folder.board([target], at: 100)
  #expect(try delivery(board).journeys == full.journeys)
  #expect(board.shown("a")?.counters.runs == 40)
}
