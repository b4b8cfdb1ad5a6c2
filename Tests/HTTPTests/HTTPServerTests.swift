import Base
import Foundation
import Glibc
import HTTP
import Testing

private func server(
  _ address: String = "127.0.0.1:0", _ responder: @escaping HTTPServer.Responder = echo
) throws -> (server: HTTPServer, port: UInt16) {
  let server = try HTTPServer(addresses: [try #require(ListenAddress(address))], responder: responder)
  return (server, server.addresses[0].port)
}

/// Says what was understood.
@Sendable private func echo(_ request: Request) -> Reply {
  let query = request.query.map { "\($0.name)=\($0.value)" }
  return .now(
    .text(
      "\(request.method) \(request.path) \(query) \(request.headers["X-Word"] ?? "-") \(request.body.count)"))
}

@Test func `a request arrives decoded`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let answer = try PlainClient.ask(
    port, "/a%2Fb/./c/../d%20e?x=1&name=two+words%26more&flag", headers: ["x-wORD: hey"])
  #expect(answer.status == 200)
  #expect(answer.text == "GET [\"a/b\", \"d e\"] [\"x=1\", \"name=two words&more\", \"flag=\"] hey 0\n")
  #expect(answer.headers["content-type"] == "text/plain; charset=utf-8")
}

@Test func `HEAD is answered with the headers of GET alone`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let answer = try PlainClient.ask(port, "/x", method: "HEAD")
  #expect(answer.status == 200)
  #expect(answer.headers["content-length"] == "\("HEAD [\"x\"] [] - 0\n".utf8.count)")
  #expect(answer.body.isEmpty)
}

@Test(arguments: [65_536, 65_537, 1_000_003])
func `a body of any size arrives whole, and is announced to whoever asks for the head alone`(
  size: Int
) throws {
  let body = (0..<size).map { UInt8(truncatingIfNeeded: $0 % 251) }
  let (server, port) = try server { _ in .now(Response(contentType: "text/plain", body: body)) }
  defer { server.stop() }
  let answer = try PlainClient.ask(port, "/")
  #expect(answer.body == body)
  #expect(answer.headers["content-length"] == "\(size)")
  let head = try PlainClient.ask(port, "/", method: "HEAD")
  #expect(head.body.isEmpty)
  #expect(head.headers["content-length"] == "\(size)")
}

@Test func `a connection serves one request after the other`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let first = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
  let second = "GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
  let text = String(decoding: try PlainClient.exchange(port, first + second), as: UTF8.self)
  #expect(text.contains("GET [\"1\"]"))
  #expect(text.contains("GET [\"2\"]"))
}

@Test func `a body up to the limit arrives`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let body = String(repeating: "b", count: HTTPServer.bodyLimit)
  #expect(try PlainClient.ask(port, "/", method: "POST", body: body).text == "POST [] [] - 65536\n")
}

@Test func `a body over the limit is refused, announced or not`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let announced = try PlainClient.ask(port, "/", method: "POST", headers: ["Content-Length: 65537"])
  #expect(announced.status == 413)
  let chunk = String(repeating: "c", count: 40_000)
  let chunked = try PlainClient.answer(
    of: PlainClient.exchange(
      port,
      "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "9c40\r\n\(chunk)\r\n9c40\r\n\(chunk)\r\n0\r\n\r\n"))
  #expect(chunked.status == 413)
}

@Test(arguments: ["/%zz", "/%f", "/?a=%fe", "/%ff"])
func `broken percent-encoding is refused`(path: String) throws {
  let (server, port) = try server()
  defer { server.stop() }
  #expect(try PlainClient.ask(port, path).status == 400)
}

@Test func `headers without end are refused`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let long = String(repeating: "h", count: 60_000)
  #expect(try PlainClient.ask(port, "/", headers: ["X-Long: \(long)"]).status == 431)
}

@Test func `long answers are compressed for whoever asks`() throws {
  let text = String(repeating: "smtp_probe_success 1\n", count: 100)
  let (server, port) = try server { _ in .now(.text(text, headers: ["Vary": "Accept"])) }
  defer { server.stop() }
  let plain = try PlainClient.ask(port, "/")
  #expect(plain.headers["content-encoding"] == nil)
  #expect(plain.headers["vary"] == "Accept, Accept-Encoding")
  #expect(plain.text == text + "\n")
  let small = try PlainClient.ask(port, "/", headers: ["Accept-Encoding: gzip"])
  #expect(small.headers["content-encoding"] == "gzip")
  #expect(small.headers["vary"] == "Accept, Accept-Encoding")
  #expect(small.body.starts(with: [0x1f, 0x8b]))
  #expect(small.body.count < 200)
  let refused = try PlainClient.ask(port, "/", headers: ["Accept-Encoding: gzip;q=0, *"])
  #expect(refused.headers["content-encoding"] == nil)
}

@Test func `short answers are not compressed`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let answer = try PlainClient.ask(port, "/", headers: ["Accept-Encoding: gzip"])
  #expect(answer.headers["content-encoding"] == nil)
}

@Test func `many clients at once are all answered`() async throws {
  let (server, port) = try server()
  defer { server.stop() }
  let answers = try await withThrowingTaskGroup(of: String.self) { group in
    for number in 0..<40 { group.addTask { try PlainClient.ask(port, "/\(number)").text } }
    return try await group.reduce(into: Set()) { $0.insert($1) }
  }
  #expect(answers == Set((0..<40).map { "GET [\"\($0)\"] [] - 0\n" }))
}

@Test func `a client that never reads keeps nobody waiting`() throws {
  let big = [UInt8](repeating: 120, count: 16 << 20)
  let (server, port) = try server { request in
    .now(request.path == ["big"] ? Response(contentType: "text/plain", body: big) : .text("small"))
  }
  defer { server.stop() }
  let stuck = try PlainClient.connect(port)
  defer { close(stuck) }
  PlainClient.send(stuck, "GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
  #expect(try PlainClient.ask(port, "/small").text == "small\n")
}

@Test func `a port without host listens on both families`() throws {
  let (server, port) = try server(":0")
  defer { server.stop() }
  #expect(try PlainClient.ask(port, "/").status == 200)
  let descriptor = try PlainClient.connect(port, ipv6: true)
  defer { close(descriptor) }
  PlainClient.send(descriptor, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
  #expect(try PlainClient.answer(of: PlainClient.readAll(descriptor)).status == 200)
}

@Test func `several addresses are served at once`() throws {
  let addresses = [ListenAddress(host: "127.0.0.1", port: 0), ListenAddress(host: "::1", port: 0)]
  let server = try HTTPServer(addresses: addresses, responder: echo)
  defer { server.stop() }
  #expect(server.addresses.map(\.host) == ["127.0.0.1", "::1"])
  #expect(try PlainClient.ask(server.addresses[0].port, "/").status == 200)
  close(try PlainClient.connect(server.addresses[1].port, ipv6: true))
}

@Test func `a port in use is named with a cure`() throws {
  let (server, port) = try server()
  defer { server.stop() }
  let address = ListenAddress(host: "127.0.0.1", port: port)
  let error = #expect(throws: HTTPServerError.portInUse(address)) {
    try HTTPServer(addresses: [ListenAddress(host: "127.0.0.1", port: 0), address], responder: echo)
  }
  #expect(error?.description.contains("127.0.0.1:\(port)") == true)
  #expect(error?.description.contains("--web.listen-address") == true)
}

@Test func `an address of somebody else is refused`() throws {
  let address = ListenAddress(host: "192.0.2.1", port: 0)
  #expect(throws: HTTPServerError.notOurAddress(address)) {
    try HTTPServer(addresses: [address], responder: echo)
  }
}

@Test func `a stopped server has freed its port`() throws {
  let (first, port) = try server()
  first.stop()
  first.stop()
  let (second, _) = try server("127.0.0.1:\(port)")
  second.stop()
}

@Test func `an answer may come later, from any thread`() throws {
  let (server, port) = try server { _ in
    .later { answer in
      // A thread of its own: the shared ones are held by the clients of other tests.
      Thread.detachNewThread {
        answer(.text("later"))
        answer(.text("never"))
      }
    }
  }
  defer { server.stop() }
  #expect(try PlainClient.ask(port, "/").text == "later\n")
}

@Test func `an answer may come at once where it may come later`() throws {
  let (server, port) = try server { _ in .later { answer in answer(.text("at once")) } }
  defer { server.stop() }
  #expect(try PlainClient.ask(port, "/").text == "at once\n")
}

@Test func `a server stops while answers are still to come`() throws {
  let kept = Locked<[@Sendable (Response) -> Void]>([])
  let (server, port) = try server { request in
    request.path == ["now"] ? .now(.text("now")) : .later { answer in kept.withLock { $0.append(answer) } }
  }
  let waiting = try PlainClient.connect(port)
  defer { close(waiting) }
  PlainClient.send(waiting, "GET /later HTTP/1.1\r\nHost: a\r\n\r\n")
  #expect(try PlainClient.ask(port, "/now").text == "now\n")
  server.stop()
  for answer in kept.withLock({ $0 }) { answer(.text("too late")) }
}

@Test func `an answer that goes on reaches its client piece by piece, and ends`() throws {
  let ended = Happening()
  let stream = ResponseStream { ended.raise() }
  let running = try server { _ in
    .stream(stream, head: Response(contentType: "text/event-stream", headers: ["X-Name": "value"], body: []))
  }
  defer { running.server.stop() }
  let client = try PlainClient.connect(running.port)
  defer { close(client) }
  PlainClient.send(client, "GET / HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
  // Nothing is there to be read yet: the connection is suspended, and others are answered meanwhile.
  stream.send("one ".utf8)
  stream.send("two".utf8)
  stream.finish()
  let text = String(decoding: PlainClient.readAll(client), as: UTF8.self)
  #expect(text.contains("Content-Type: text/event-stream\r\n") && text.contains("X-Name: value\r\n"))
  #expect(text.contains("one ") && text.contains("two") && text.hasSuffix("0\r\n\r\n"))
  ended.wait()
  #expect(!stream.send("three".utf8))
}

@Test func `a server stops while answers go on`() throws {
  let ended = Happening()
  let stream = ResponseStream { ended.raise() }
  let running = try server { _ in .stream(stream, head: Response(contentType: "text/event-stream", body: []))
  }
  let client = try PlainClient.connect(running.port)
  defer { close(client) }
  PlainClient.send(client, "GET / HTTP/1.1\r\nHost: here\r\n\r\n")
  stream.send("begun".utf8)
  var part = [UInt8](repeating: 0, count: 16)
  #expect(recv(client, &part, part.count, 0) > 0)
  running.server.stop()
  ended.wait()
}

@Test func `a client that does not read an endless answer loses it`() throws {
  let stream = ResponseStream()
  let piece = [UInt8](repeating: 120, count: 100_000)
  #expect(stream.send(piece) && stream.send(piece))
  #expect(!stream.send(piece))
}
