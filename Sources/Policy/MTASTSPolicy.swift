/// The policy at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` (RFC 8461 section 3.2).
package struct MTASTSPolicy: Sendable, Equatable {
  /// What a sender does about a server that does not keep to it.
  package enum Mode: String, Sendable, CaseIterable {
    case enforce, testing, none
  }

  package var mode: Mode
  package var maxAge: Duration
  /// Names, or `*.` and a name, in lower case.
  package var mx: [String]

  /// What cannot be read, in words.
  package struct Fault: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String
  }

  /// A year, which is the most that counts.
  private static let longest = 31_557_600

  /// Reads a policy. Unknown fields are passed over; of a known one that stands twice the first counts, but for
  /// `mx`.
  package init(_ bytes: [UInt8]) throws(Fault) {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Fault(description: "the policy is not UTF-8")
    }
    var fields: [String: String] = [:]
    mx = []
    for line in text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" || $0 == "\r" }) {
      guard !trimmed(line).isEmpty else { continue }
      guard let colon = line.firstIndex(of: ":") else {
        throw Fault(description: "the line '\(shown(line))' is no 'name: value'")
      }
      let (name, value) = (trimmed(line[..<colon]), trimmed(line[line.index(after: colon)...]))
      if name == "mx" {
        mx.append(try Self.pattern(value))
      } else if fields[name] == nil {
        fields[name] = value
      }
    }
    guard let version = fields["version"] else { throw Fault(description: "the policy has no version") }
    guard version == "STSv1" else {
      throw Fault(description: "the version is '\(shown(version))', not STSv1")
    }
    guard let word = fields["mode"] else { throw Fault(description: "the policy has no mode") }
    guard let mode = Mode(rawValue: word) else {
      throw Fault(description: "the mode is '\(shown(word))', not enforce, testing or none")
    }
    guard let digits = fields["max_age"] else { throw Fault(description: "the policy has no max_age") }
    guard digits.utf8.count <= 10, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let seconds = Int(digits), seconds <= Self.longest
    else {
      throw Fault(description: "max_age is '\(shown(digits))', not a number of seconds up to \(Self.longest)")
    }
    guard mode == .none || !mx.isEmpty else { throw Fault(description: "the policy names no mx") }
    self.mode = mode
    maxAge = .seconds(seconds)
  }

  private static func pattern(_ value: String) throws(Fault) -> String {
    let name = value.hasPrefix("*.") ? value.dropFirst(2) : value[...]
    let isName = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == 0x2D || byte == 0x2E
        || byte == 0x5F
    }
    guard isName, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 253 else {
      throw Fault(description: "the mx '\(shown(value))' is no host name")
    }
    return value.lowercased()
  }

  /// Whether a host is one of the policy's. `*` stands for one label, the leftmost (RFC 8461 section 4.1).
  package func covers(_ host: String) -> Bool {
    let host = host.lowercased()
    return mx.contains { pattern in
      guard pattern.hasPrefix("*.") else { return pattern == host }
      guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return false }
      return host[dot...] == pattern.dropFirst()
    }
  }
}
