import Base
import Delivery
import Model
import Testing

private let start = Timestamp(seconds: 1_790_000_000)

/// A watch over a target whose mailbox is never read, and a clock that stands.
private func watch(_ targets: [Target]) throws -> DeliveryWatch {
  let watch = DeliveryWatch(now: { start + .seconds(7200) }) { _, _, _ in }
  try watch.replace(targets: targets)
  return watch
}

private func target(_ name: String = "mail", maildir: String = "/nonexistent") -> Target {
  var settings = ProbeSettings()
  settings.send = SendSettings(envelope: Envelope(from: "a@x.test", to: "b@x.test"))
  settings.delivery = DeliverySettings(mailbox: .maildir(maildir))
  return Target(name: name, host: "mx:x.test", port: 25, settings: settings)
}

private func result(_ target: Target, host: String, token: String? = nil, reply: String = "") -> ProbeResult {
  var result = ProbeResult(target: target, startedAt: start)
  result.host = host
  result.address = "192.0.2.1"
  result.sentToken = token
  result.reply = ReplyFacts(code: 250, enhanced: "2.0.0", text: reply)
  result.messagesSent = token == nil ? 0 : 1
  return result
}

@Test func `every server's message is watched, each with the name that the server gave it`() throws {
  let target = target()
  let watch = try watch([target])
  var whole = result(target, host: target.host)
  whole.members = [
    result(target, host: "mx1.x.test", token: "sw1-a", reply: "2.0.0 Ok: queued as 4AAAA"),
    result(target, host: "mx2.x.test", token: "sw1-b", reply: "2.0.0 Ok: queued as 4BBBB"),
    result(target, host: "mx3.x.test"),
  ]
  #expect(watch.judged(whole).outcome == .up)
  let facts = try #require(watch.facts(of: "mail"))
  #expect(facts.sent == 2 && facts.inFlight == 2)
  #expect(facts.routes.keys.sorted() == ["mx1.x.test", "mx2.x.test"])
}

@Test func `a loss says plainly what happened, on which server, and where to look next`() throws {
  let target = target()
  let past = DeliveryTracker.Past(
    facts: {
      var facts = DeliveryFacts()
      facts.losses["mx2.x.test"] = DeliveryFacts.Missing(sentAt: start, queueID: "4BBBB")
      return facts
    }(), latency: Histogram(), journeys: [])
  let watch = DeliveryWatch(now: { start + .seconds(7200) }, past: { _ in past }) { _, _, _ in }
  try watch.replace(targets: [target])
  var whole = result(target, host: target.host)
  whole.members = [result(target, host: "mx1.x.test"), result(target, host: "mx2.x.test")]
  let judged = watch.judged(whole)
  #expect(judged.outcome == .degraded && judged.reason == .ok && judged.warnings.contains(.messageLost))
  #expect(
    judged.message
      == "The server mx2.x.test accepted the test message, and it did not arrive: queue id 4BBBB, sent at "
      + "\(start.rfc3339).")
  #expect(judged.remedy.hasPrefix("Look for `4BBBB` in the mail log of mx2.x.test: "))
  #expect(judged.members.map(\.outcome) == [.up, .degraded])
  // What is worse than a loss is told first.
  var broken = whole
  (broken.outcome, broken.stage, broken.reason, broken.message) = (.down, .auth, .authRejected, "No.")
  #expect(watch.judged(broken).message == "No." && watch.judged(broken).outcome == .down)
}

@Test func `a loss without a queue id says when to look in the log`() throws {
  let target = target()
  let past = DeliveryTracker.Past(
    facts: {
      var facts = DeliveryFacts()
      facts.losses[""] = DeliveryFacts.Missing(sentAt: start, queueID: nil)
      return facts
    }(), latency: Histogram(), journeys: [])
  let watch = DeliveryWatch(now: { start + .seconds(7200) }, past: { _ in past }) { _, _, _ in }
  try watch.replace(targets: [target])
  let judged = watch.judged(result(target, host: "mail.x.test"))
  #expect(judged.message.hasPrefix("The server accepted the test message, and it did not arrive: sent at "))
  #expect(judged.remedy.hasPrefix("mail.x.test named no queue id: look in its mail log for what came in at "))
}
