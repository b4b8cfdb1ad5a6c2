import Base
import CMicroHTTPD

/// One request and its answer on a connection.
///
/// Safe to send: all but `stage` belongs to the server's thread, and the connection outlives its suspension, which ends
/// only through `stage`.
@safe final class Exchange: @unchecked Sendable {
  private let connection: OpaquePointer
  private let source: OpenConnection?
  private let desk: Desk
  private let method: String
  private let path: String
  private var headers: Headers = [:]
  private var query: [(name: String, value: String)] = []
  private var body: [UInt8] = []
  private var bodySize = 0
  private let stage = Locked(Stage.reading)

  private enum Stage {
    case reading
    case suspended
    case resumed(Reply)
    case answered
    case streaming(ResponseStream)
  }

  /// A request whose headers have arrived.
  init(connection: OpaquePointer, desk: Desk, method: String, path: String) {
    unsafe self.connection = connection
    source = unsafe OpenConnection.of(connection)
    self.desk = desk
    self.method = method
    self.path = path
  }

  /// Reads the headers. Answered at once is only what need not be read to its end, since the library closes a
  /// connection that is answered this early.
  func begin() -> MHD_Result {
    note(.receiving)
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe cmhd_visit_headers(connection, takeHeader, context)
    unsafe cmhd_visit_query(connection, takeQueryItem, context)
    // Two ways to say where the body ends: somebody on the way may have gone by the other (RFC 9112 section 6.1).
    if headers["Transfer-Encoding"] != nil, headers["Content-Length"] != nil { return send(.ambiguous) }
    let announced = headers["Content-Length"].flatMap { Int($0) } ?? 0
    return announced > HTTPServer.bodyLimit ? send(.tooLarge) : .YES
  }

  fileprivate func add(header name: String, _ value: String) { headers.append(name, value) }

  fileprivate func add(queryItem name: String, _ value: String) { query.append((name, value)) }

  /// Takes a part of the body. What is too much is read and dropped, so that the client comes to see the
  /// answer, but not without end.
  func take(_ part: UnsafeRawBufferPointer) -> MHD_Result {
    bodySize += part.count
    if bodySize <= HTTPServer.bodyLimit { unsafe body.append(contentsOf: part) }
    return bodySize <= 16 * HTTPServer.bodyLimit ? .YES : .NO
  }

  /// Answers the request, or suspends the connection until there is an answer.
  func answer() -> MHD_Result {
    let ready: Reply? = stage.withLock { stage in
      guard case .resumed(let reply) = stage else { return nil }
      return reply
    }
    if let ready { return perform(ready) }
    guard bodySize <= HTTPServer.bodyLimit else { return send(.tooLarge) }
    guard
      var request = Request(method: method, rawPath: path, rawQuery: query, headers: headers, body: body)
    else { return send(.badEncoding) }
    request.client = source?.client
    request.isEncrypted = source?.credentials != nil
    note(.handling)
    return perform(desk.responder(request))
  }

  private func perform(_ reply: Reply) -> MHD_Result {
    switch reply {
    case .now(let response): return send(response)
    case .stream(let stream, let head): return send(stream, head)
    case .later(let begin): return suspend { answer in begin { answer(.now($0)) } }
    case .undecided(let begin): return suspend(until: begin)
    }
  }

  private func suspend(until begin: (@escaping @Sendable (Reply) -> Void) -> Void) -> MHD_Result {
    stage.withLock { $0 = .suspended }
    unsafe MHD_suspend_connection(connection)
    guard desk.admit(self) else {
      resume(with: .now(.stopping))
      return .YES
    }
    begin { [self] reply in resume(with: reply) }
    return .YES
  }

  private func note(_ phase: ConnectionTable.Phase) {
    if let source { desk.connections.note(source.id, phase) }
  }

  /// Hands over the reply to a suspended request, from any thread; only the first counts.
  func resume(with reply: Reply) {
    let isFirst = stage.withLock { stage in
      guard case .suspended = stage else { return false }
      stage = .resumed(reply)
      unsafe MHD_resume_connection(connection)
      return true
    }
    if isFirst { desk.dismiss(self) }
  }

  /// The request is over, however it ended.
  func end() {
    note(.waiting)
    let stream = stage.withLock { stage -> ResponseStream? in
      guard case .streaming(let stream) = stage else { return nil }
      stage = .answered
      return stream
    }
    guard let stream else { return }
    desk.dismiss(self)
    stream.end()
  }

  /// Ends an answer that goes on, or answers a suspended request: the server stops.
  func stop() {
    let stream = stage.withLock { stage -> ResponseStream? in
      guard case .streaming(let stream) = stage else { return nil }
      return stream
    }
    if let stream { stream.finish() } else { resume(with: .now(.stopping)) }
  }

  private func send(_ stream: ResponseStream, _ head: Response) -> MHD_Result {
    stage.withLock { $0 = .streaming(stream) }
    guard desk.admit(self) else {
      stage.withLock { $0 = .reading }
      stream.end()
      return send(.stopping)
    }
    guard let handle = unsafe stream.response(on: connection) else { return .NO }
    defer { unsafe MHD_destroy_response(handle) }
    var headers = head.headers
    headers.addMissing(.security)
    for field in headers.fields where !field.value.isEmpty {
      unsafe MHD_add_response_header(handle, field.name, field.value)
    }
    return unsafe MHD_queue_response(connection, UInt32(head.status), handle)
  }

  private func send(_ response: Response) -> MHD_Result {
    stage.withLock { $0 = .answered }
    note(.sending)
    var response = response.encoded(accepting: headers["Accept-Encoding"])
    response.headers.addMissing(.security)
    guard let handle = unsafe ResponseBody.response(of: response.body) else { return .NO }
    defer { unsafe MHD_destroy_response(handle) }
    // A field that is empty is one that somebody does not want to be sent.
    for field in response.headers.fields where !field.value.isEmpty {
      unsafe MHD_add_response_header(handle, field.name, field.value)
    }
    return unsafe MHD_queue_response(connection, UInt32(response.status), handle)
  }
}

extension Response {
  fileprivate static let tooLarge = Response.text(
    "The body of a request may have at most \(HTTPServer.bodyLimit) bytes.", status: 413)
  fileprivate static let ambiguous = Response.text(
    "A request has either Content-Length or Transfer-Encoding.", status: 400, headers: ["Connection": "close"]
  )
  fileprivate static let badEncoding = Response.text(
    "The path or the query is not percent-encoded UTF-8.", status: 400)
}

private func takeHeader(
  context: UnsafeMutableRawPointer?, kind: UInt32, name: UnsafePointer<CChar>?, value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let context = unsafe context, let name = unsafe name else { return .YES }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  unsafe exchange.add(header: String(cString: name), value.map { unsafe String(cString: $0) } ?? "")
  return .YES
}

private func takeQueryItem(
  context: UnsafeMutableRawPointer?, kind: UInt32, name: UnsafePointer<CChar>?, value: UnsafePointer<CChar>?
) -> MHD_Result {
  guard let context = unsafe context, let name = unsafe name else { return .YES }
  let exchange = unsafe Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
  unsafe exchange.add(queryItem: String(cString: name), value.map { unsafe String(cString: $0) } ?? "")
  return .YES
}
