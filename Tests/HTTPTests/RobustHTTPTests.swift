import Base
import Glibc
import Testing

@testable import HTTP

/// Answers with how many connections there are, and with a lot where it is asked for `/big`.
private final class Counter: Sendable {
  private let server = Locked<HTTPServer?>(nil)
  private static let big = [UInt8](repeating: 120, count: 16 << 20)

  let port: UInt16

  init(_ change: (inout HTTPLimits) -> Void = { _ in }) throws {
    var limits = HTTPLimits()
    limits.sweepInterval = .milliseconds(20)
    change(&limits)
    let counter = server
    let made = try HTTPServer(addresses: [ListenAddress(host: "127.0.0.1", port: 0)], limits: limits) {
      request in
      request.path == ["big"]
        ? .now(Response(contentType: "text/plain", body: Self.big))
        : .now(.text("\(counter.withLock { $0?.connectionCount } ?? 0)"))
    }
    port = made.addresses[0].port
    server.withLock { $0 = made }
  }

  func stop() { server.withLock { $0 }?.stop() }

  /// Asks until there is an answer. Where a limit is zero, or of few connections, a question may be cut off too.
  func ask() throws -> PlainClient.Answer {
    while true {
      do { return try PlainClient.ask(port, "/") } catch is PlainClient.NoAnswer {}
    }
  }

  /// Asks until the one connection of the question is the only one.
  func waitUntilAlone() throws { while try ask().text != "1\n" {} }
}

@Test(.timeLimit(.minutes(20)), arguments: ["", "GET / HT", "GET / HTTP/1.1\r\nHost: a\r\nX-Slow: "])
func `half a head is cut after its time`(head: String) throws {
  let counter = try Counter { $0.headerTime = .zero }
  defer { counter.stop() }
  let slow = try PlainClient.connect(counter.port)
  defer { close(slow) }
  PlainClient.send(slow, head)
  #expect(PlainClient.readAll(slow).isEmpty && PlainClient.isEnded(slow))
}

@Test(.timeLimit(.minutes(20))) func `half a body is cut after its time`() throws {
  let counter = try Counter { $0.bodyTime = .zero }
  defer { counter.stop() }
  let slow = try PlainClient.connect(counter.port)
  defer { close(slow) }
  PlainClient.send(slow, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
  #expect(PlainClient.readAll(slow).isEmpty && PlainClient.isEnded(slow))
}

@Test(.timeLimit(.minutes(20))) func `who never takes a big answer is cut after its time`() throws {
  let counter = try Counter { $0.answerTime = .zero }
  defer { counter.stop() }
  let stuck = try (0..<5).map { _ in try PlainClient.connect(counter.port) }
  defer { for descriptor in stuck { close(descriptor) } }
  for descriptor in stuck { PlainClient.send(descriptor, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n") }
  try counter.waitUntilAlone()
}

@Test(.timeLimit(.minutes(20))) func `a connection without a byte ends`() throws {
  let counter = try Counter { $0.idle = .seconds(1) }
  defer { counter.stop() }
  let idle = try PlainClient.connect(counter.port)
  defer { close(idle) }
  PlainClient.send(idle, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
  // The answer, and then the end.
  #expect(try PlainClient.answer(of: PlainClient.readAll(idle)).status == 200)
}

@Test(.timeLimit(.minutes(20)))
func `hundreds of idle connections keep nobody out, not even of the same address`() throws {
  let counter = try Counter { $0.connectionsPerClient = 20 }
  defer { counter.stop() }
  var idle: [Int32] = []
  defer { for descriptor in idle { close(descriptor) } }
  for _ in 0..<400 { idle.append(try PlainClient.connect(counter.port)) }
  // Until the last of them have been taken in, a new one may be among those that go.
  let answer = try counter.ask()
  #expect(Int(answer.text.dropLast()).map { $0 <= 20 + HTTPLimits.margin } == true)
}

@Test func `a pipeline is answered in its order, to the last request`() throws {
  let counter = try Counter()
  defer { counter.stop() }
  let requests = (0..<50).map {
    "GET /\($0)?\(String(repeating: "x", count: 200)) HTTP/1.1\r\nHost: a\r\n\r\n"
  }
  let last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  let text = String(decoding: try PlainClient.exchange(counter.port, requests.joined() + last), as: UTF8.self)
  #expect(text.ranges(of: "HTTP/1.1 200").count == 51)
}

/// What is no proper request: each is refused or dropped, and the next client is served.
@Test(
  .timeLimit(.minutes(20)),
  arguments: [
    "\r\n\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n", "GET\r\n\r\n", "GET /\r\n\r\n", "/ HTTP/1.1\r\n\r\n",
    "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/1.1\r\nno colon here\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999999\r\n\r\n",
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    String(repeating: "A", count: 200_000),
    "GET /" + String(repeating: "%2e%2e/", count: 9000) + " HTTP/1.1\r\n\r\n",
  ]) func `what is no request is refused or dropped`(text: String) throws
{
  let counter = try Counter { $0.headerTime = .zero }
  defer { counter.stop() }
  let answer = String(decoding: try PlainClient.exchange(counter.port, text), as: UTF8.self)
  // Without a version or a host the library may serve the page; it never fails in another way.
  #expect(
    answer.isEmpty || answer.hasPrefix("HTTP/1.1 4") || answer.hasPrefix("HTTP/1.1 5")
      || answer.contains("1\n"))
  #expect(try counter.ask().status == 200)
}

@Test func `a request that could be two is never taken for two`() throws {
  let counter = try Counter()
  defer { counter.stop() }
  // Both ways to say where the body ends (RFC 9112 section 6.1): a proxy may go by the other.
  let text =
    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
    + "0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  let answer = String(decoding: try PlainClient.exchange(counter.port, text), as: UTF8.self)
  #expect(answer.ranges(of: "HTTP/1.1 200").count <= 1)
}

@Test func `a target in absolute form is its path`() throws {
  let server = try HTTPServer(addresses: [ListenAddress(host: "127.0.0.1", port: 0)]) { request in
    .now(.text("\(request.path)"))
  }
  defer { server.stop() }
  let port = server.addresses[0].port
  #expect(try PlainClient.ask(port, "http://monitor.example/a/b").text == "[\"a\", \"b\"]\n")
  #expect(try PlainClient.ask(port, "http://monitor.example").text == "[]\n")
  #expect(try PlainClient.ask(port, "/../../etc/passwd").text == "[\"etc\", \"passwd\"]\n")
  #expect(try PlainClient.ask(port, "/%2e%2e/%2e%2e/etc").text == "[\"etc\"]\n")
}

@Test func `every answer tells browsers to be careful`() throws {
  let counter = try Counter()
  defer { counter.stop() }
  for path in ["/", "/%zz"] {
    let headers = try PlainClient.ask(counter.port, path).headers
    #expect(headers["x-content-type-options"] == "nosniff")
    #expect(headers["x-frame-options"] == "DENY")
    #expect(headers["referrer-policy"] == "no-referrer")
    #expect(headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
  }
}
