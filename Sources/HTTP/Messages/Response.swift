/// An answer.
package struct Response: Sendable, Equatable {
  package var status: Int
  package var headers: Headers
  package var body: [UInt8]

  /// An answer with a body of some type.
  package init(status: Int = 200, contentType: String, headers: Headers = [:], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.headers["Content-Type"] = contentType
    self.body = body
  }

  /// Plain text; a line feed is added.
  package static func text(_ text: String, status: Int = 200, headers: Headers = [:]) -> Response {
    Response(
      status: status, contentType: "text/plain; charset=utf-8", headers: headers,
      body: Array("\(text)\n".utf8))
  }
}
