import HTTP
import Model
import Monitor
import Testing
import Web

/// A history whose first target has lost a message.
private func history() -> FakeHistory {
  var history = FakeHistory([.losing, .working])
  history.monitor.deliveries["losing"] = .sample
  return history
}

private func page(_ path: String, _ history: FakeHistory = history()) throws -> String {
  try ask(path, history).text
}

@Test func `a lost message is said plainly on the page of all targets and on its own`() throws {
  for path in ["/", "/targets/losing"] {
    let text = try page(path)
    #expect(text.contains("Test message accepted, but it did not arrive"), "on \(path)")
    #expect(
      text.contains("queue id 4XYZ") && text.contains("<code>4XYZ</code> in the mail log"), "on \(path)")
    #expect(!text.contains("<strong>Ok</strong>") && !text.contains("<h2>Ok</h2>"), "on \(path)")
  }
  #expect(try page("/targets/losing").contains("accepted queue id 4XYZ, sent at 2026-11-23 08:53:20 UTC"))
}

@Test(arguments: [
  (Duration.seconds(240), "in 4 min"), (.zero, "with the next probe"), (.seconds(-5), "with the next probe"),
])
func `when the next test message is due is said`(wait: Duration, words: String) throws {
  var history = history()
  #expect(try !page("/targets/losing", history).contains("Next test message"))
  history.monitor.nextMessages["losing"] = FakeHistory.now + wait
  #expect(try page("/targets/losing", history).contains("<dt>Next test message</dt><dd>\(words)</dd>"))
  let json = try page("/api/v1/targets/losing", history)
  #expect(json.contains(#""next_message_at":"\#((FakeHistory.now + wait).rfc3339)""#))
}

@Test func `the messages of several servers have a row each`() throws {
  var history = history()
  history.monitor.deliveries["losing"]?.facts.losses = [
    "mx2.example.org": DeliveryFacts.Missing(sentAt: FakeHistory.now, queueID: nil)
  ]
  var route = DeliveryFacts.Route()
  (route.sent, route.delivered, route.lastLatency) = (7, 6, .seconds(3))
  history.monitor.deliveries["losing"]?.facts.routes = ["mx1.example.org": route, "mx2.example.org": .init()]
  let text = try page("/targets/losing", history)
  #expect(text.contains("<code>mx1.example.org</code></th><td class=\"number\">7</td>"))
  #expect(text.contains("accepted by mx2.example.org, without a queue id, sent at"))
  let json = try page("/api/v1/targets/losing", history)
  #expect(json.contains(#""server":"mx2.example.org"}"#))
  #expect(
    json.contains(
      #"{"server":"mx1.example.org","sent":7,"delivered":6,"lost":0,"last_latency_seconds":3.0}"#))
}
