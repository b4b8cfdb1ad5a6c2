import HTTP
import Model
import Monitor
import Testing
import Web

private let change = Event(
  sequence: 7, at: FakeHistory.now, kind: .state, from: "up", to: "down", reason: .authRejected,
  duration: .seconds(90))

/// A feed, and the answers of its route as a server gives them.
private struct Listeners {
  let feed = EventFeed(startedAt: FakeHistory.now)

  func reply(lastID: String? = nil, method: String = "GET") throws -> Reply {
    var site = WebSite(history: FakeHistory(), program: .test)
    site.feed = feed
    let headers: Headers = lastID.map { ["Last-Event-ID": $0] } ?? [:]
    return site.router().answer(
      try #require(Request(method: method, rawPath: "/api/v1/events", headers: headers)))
  }

  func join(lastID: String? = nil) throws -> ResponseStream? {
    guard case .stream(let stream, let head) = try reply(lastID: lastID) else { return nil }
    #expect(
      head.headers["Cache-Control"] == "no-store" && head.headers["X-Content-Type-Options"] == "nosniff")
    return stream
  }
}

@Test func `an event reaches everyone who listens, with its target's name and state`() throws {
  let listeners = Listeners()
  let streams = try [listeners.join(), listeners.join()]
  listeners.feed.publish(change, of: .rejected)
  for stream in streams {
    let text = try #require(stream).waiting
    #expect(text.contains("\nevent: state\ndata: {\"target\":\"plunk\",\"at\":\""))
    #expect(text.contains("\"to\":\"down\"") && text.contains("\"state\":\"down\"}\n\n"))
  }
}

@Test func `a heartbeat is a comment`() throws {
  let listeners = Listeners()
  let stream = try #require(try listeners.join())
  listeners.feed.beat()
  #expect(stream.waiting.hasSuffix(": still here\n\n"))
}

@Test func `whoever comes back is told what was missed, and nothing twice`() throws {
  let listeners = Listeners()
  let first = try #require(try listeners.join())
  listeners.feed.publish(change, of: .rejected)
  listeners.feed.publish(change, of: .slow)
  let id = try #require(first.waiting.firstMatch(of: /id: (\S+)/)).1
  let again = try #require(try listeners.join(lastID: String(id)))
  #expect(again.waiting.contains("\"target\":\"relay\"") && !again.waiting.contains("\"target\":\"plunk\""))
  for other in ["another-1", "\(id)9999", "-", ""] {
    #expect(!(try #require(try listeners.join(lastID: other)).waiting.contains("data:")), "\(other)")
  }
}

@Test func `no more than so many may listen, and who has gone makes room`() throws {
  let listeners = Listeners()
  let streams = try (0..<EventFeed.capacity).map { _ in try #require(try listeners.join()) }
  guard case .now(let refusal) = try listeners.reply() else {
    Issue.record("one too many was let in")
    return
  }
  #expect(refusal.status == 503 && refusal.headers["Retry-After"] != nil)
  guard case .now(let head) = try listeners.reply(method: "HEAD") else {
    Issue.record("HEAD began a stream")
    return
  }
  #expect(head.status == 200)
  streams[0].end()
  #expect(listeners.feed.listenerCount == EventFeed.capacity - 1)
  #expect(try listeners.join() != nil)
}

@Test func `without a feed there is nothing to listen to`() throws {
  #expect(try ask("/api/v1/events").status == 404)
}
