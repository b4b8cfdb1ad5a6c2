import Base
import CMicroHTTPD

/// One request and its answer on a connection.
@safe final class Exchange: @unchecked Sendable {
  // Unchecked: all but `stage` belongs to the server's thread, and the connection outlives its suspension,
  // which ends only through `stage`.
  private let connection: OpaquePointer
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
    case resumed(Response)
    case answered
  }

  /// A request whose headers have arrived.
  init(connection: OpaquePointer, desk: Desk, method: String, path: String) {
    unsafe self.connection = connection
    self.desk = desk
    self.method = method
    self.path = path
  }

  /// Reads the headers. Answered at once is only what need not be read to its end, since the library closes a
  /// connection that is answered this early.
  func begin() -> MHD_Result {
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    unsafe cmhd_visit_headers(connection, takeHeader, context)
    unsafe cmhd_visit_query(connection, takeQueryItem, context)
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
    let ready: Response? = stage.withLock { stage in
      guard case .resumed(let response) = stage else { return nil }
      return response
    }
    if let ready { return send(ready) }
    guard bodySize <= HTTPServer.bodyLimit else { return send(.tooLarge) }
    guard
      let request = Request(method: method, rawPath: path, rawQuery: query, headers: headers, body: body)
    else { return send(.badEncoding) }

    switch desk.responder(request) {
    case .now(let response): return send(response)
    case .later(let begin):
      stage.withLock { $0 = .suspended }
      unsafe MHD_suspend_connection(connection)
      guard desk.admit(self) else {
        resume(with: .stopping)
        return .YES
      }
      begin { [self] response in resume(with: response) }
      return .YES
    }
  }

  /// Hands over the answer to a suspended request, from any thread; only the first counts.
  func resume(with response: Response) {
    let isFirst = stage.withLock { stage in
      guard case .suspended = stage else { return false }
      stage = .resumed(response)
      unsafe MHD_resume_connection(connection)
      return true
    }
    if isFirst { desk.dismiss(self) }
  }

  private func send(_ response: Response) -> MHD_Result {
    stage.withLock { $0 = .answered }
    let response = response.encoded(accepting: headers["Accept-Encoding"])
    var body = response.body
    let count = body.count
    let handle = unsafe body.withUnsafeMutableBytes { bytes in
      unsafe MHD_create_response_from_buffer(count, bytes.baseAddress, .RESPMEM_MUST_COPY)
    }
    guard let handle = unsafe handle else { return .NO }
    defer { unsafe MHD_destroy_response(handle) }
    for field in response.headers.fields { unsafe MHD_add_response_header(handle, field.name, field.value) }
    return unsafe MHD_queue_response(connection, UInt32(response.status), handle)
  }
}

extension Response {
  fileprivate static let tooLarge = Response.text(
    "The body of a request may have at most \(HTTPServer.bodyLimit) bytes.", status: 413)
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
