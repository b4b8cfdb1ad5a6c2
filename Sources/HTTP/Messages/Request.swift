/// A request as a responder sees it: complete, decoded, and a plain value.
package struct Request: Sendable {
  /// In capitals as it came, such as `GET`. A HEAD request is answered like GET; the server omits the body.
  package var method: String
  /// The segments of the path, percent-decoded; empty ones and `.` are left out, `..` goes one up. A segment
  /// may hold a slash.
  package var path: [String]
  /// The items of the query in order, decoded.
  package var query: [(name: String, value: String)]
  package var headers: Headers
  /// At most `HTTPServer.bodyLimit` bytes.
  package var body: [UInt8]
  /// Who asks; nil where nobody knows, as behind a Unix socket.
  package var client: ClientAddress?
  /// Whether it came over TLS.
  package var isEncrypted = false

  /// A request; nil where the path or the query is not proper percent-encoding.
  package init?(
    method: String, rawPath: String, rawQuery: [(name: String, value: String)] = [], headers: Headers = [:],
    body: [UInt8] = []
  ) {
    guard let path = Self.segments(of: Self.withoutAuthority(rawPath)) else { return nil }
    self.method = method
    self.path = path
    query = []
    for (name, value) in rawQuery {
      guard let name = PercentEncoding.decode(name), let value = PercentEncoding.decode(value) else {
        return nil
      }
      query.append((name, value))
    }
    self.headers = headers
    self.body = body
  }

  /// The first item of the query with that name.
  package func query(_ name: String) -> String? { query.first { $0.name == name }?.value }

  /// Whether the method is GET or HEAD.
  package var isReading: Bool { method == "GET" || method == "HEAD" }

  /// The path of a target in absolute form, as clients send to proxies (RFC 9112 section 3.2.2).
  private static func withoutAuthority(_ target: String) -> Substring {
    guard !target.hasPrefix("/"), let scheme = target.firstRange(of: "://") else { return target[...] }
    let rest = target[scheme.upperBound...]
    return rest.firstIndex(of: "/").map { rest[$0...] } ?? ""
  }

  private static func segments(of path: Substring) -> [String]? {
    var segments: [String] = []
    for part in path.split(separator: "/") {
      guard let segment = PercentEncoding.decode(part) else { return nil }
      switch segment {
      case ".": break
      case "..": _ = segments.popLast()
      default: segments.append(segment)
      }
    }
    return segments
  }
}
