package import Model

/// What counts of a message that was found: its token, and what the receiving server wrote about the sender.
package struct ReceivedMessage: Sendable, Equatable {
  package let token: String
  package let verdicts: AuthenticationVerdicts

  /// Beyond so many bytes no header of a test message goes on.
  package static let headerLimit = 65_536

  /// The message with these bytes; nil where it has no token. More than the header does no harm.
  package init?(_ bytes: [UInt8]) {
    var token: String?
    var (results, receivedSPF): ([AuthenticationResults], [AuthenticationResults]) = ([], [])
    for (name, value) in Self.fields(bytes) {
      switch name {
      case "x-smtpwatch-token": token = token ?? value
      case "authentication-results": results.append(AuthenticationResults(value))
      case "received-spf": receivedSPF.append(AuthenticationResults(receivedSPF: value))
      default: continue
      }
    }
    guard let token, !token.isEmpty else { return nil }
    self.token = token
    verdicts = AuthenticationVerdicts(results: results, receivedSPF: receivedSPF)
  }

  /// The header's fields, unfolded (RFC 5322 section 2.2.3), names in small letters.
  private static func fields(_ bytes: [UInt8]) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    for line in bytes.prefix(headerLimit).split(separator: 0x0A, omittingEmptySubsequences: false) {
      let line = line.last == 0x0D ? line.dropLast() : line
      guard let first = line.first else { break }
      let text = String(decoding: line, as: UTF8.self)
      if first == 0x20 || first == 0x09 {
        if !fields.isEmpty { fields[fields.count - 1].value += " " + text.trimmed }
      } else if let colon = text.firstIndex(of: ":") {
        fields.append((text[..<colon].lowercased().trimmed, text[text.index(after: colon)...].trimmed))
      }
    }
    return fields
  }
}

extension StringProtocol {
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
