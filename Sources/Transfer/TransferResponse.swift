package import Model

/// What came back. Its description shows no content.
package struct TransferResponse: Sendable, CustomStringConvertible {
  /// HTTP's status code; 0 with IMAP.
  package var status: Int
  /// HTTP's header of the last response, in its order.
  package var headers: [(name: String, value: String)]
  /// With IMAP, every line that the server said, with literals in between, as it came.
  package var lines: [UInt8]
  package var body: [UInt8]
  /// When the server's certificate expires, where the request wanted it noted.
  package var certificateExpiry: Timestamp?

  /// The first header field of this name, whatever its case.
  package func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  package var description: String { "status \(status), \(body.count) bytes" }
}

/// A response's header, read line by line (RFC 9112 section 5).
struct ResponseHeader {
  private(set) var fields: [(name: String, value: String)] = []

  /// Takes a line. A status line begins a new header: interim responses come before the one that counts.
  mutating func take(_ line: [UInt8]) {
    let text = String(decoding: line, as: UTF8.self)
    guard !text.hasPrefix("HTTP/") else { return fields = [] }
    guard let colon = text.firstIndex(of: ":") else { return }
    let value = text[text.index(after: colon)...]
    fields.append((String(text[..<colon]).trimmed, String(value).trimmed))
  }
}

extension String {
  /// Without blanks and line ends at both ends.
  var trimmed: String {
    let blank: (Character) -> Bool = { $0.isWhitespace }
    return String(drop(while: blank).reversed().drop(while: blank).reversed())
  }
}
