/// The form of the TXT records of MTA-STS and TLS reporting (RFC 8461 section 3.1, RFC 8460 section 3):
/// `v=VERSION; name=value; …`.
struct TagList {
  let fields: [(name: String, value: String)]

  /// Why a record is none.
  enum Fault: Error, Equatable {
    case none
    case several(Int)
    case malformed(String)
  }

  /// The fields behind the version, of the one record among `texts` that has this version.
  init(in texts: [[UInt8]], version: String) throws(Fault) {
    // A record of another version, or none of this kind, is not there.
    let ours = texts.map { String(decoding: $0, as: UTF8.self) }.filter { text in
      let first = text.split(separator: ";", maxSplits: 1).first.map { trimmed($0) } ?? ""
      return first == "v=\(version)"
    }
    guard let text = ours.first else { throw .none }
    guard ours.count == 1 else { throw .several(ours.count) }
    var fields: [(String, String)] = []
    for part in text.split(separator: ";", omittingEmptySubsequences: false).dropFirst() {
      let part = trimmed(part)
      guard !part.isEmpty else { continue }
      guard let equals = part.firstIndex(of: "=") else { throw .malformed("'\(shown(part))' has no =") }
      let (name, value) = (trimmed(part[..<equals]), trimmed(part[part.index(after: equals)...]))
      guard !name.isEmpty, !value.isEmpty else { throw .malformed("'\(shown(part))' is no name=value") }
      fields.append((name, value))
    }
    self.fields = fields
  }

  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// Without blanks at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
  return String(text.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
}

/// What strangers wrote, fit for a sentence: printable ASCII, and not too long.
func shown(_ text: some StringProtocol) -> String {
  let scalars = text.unicodeScalars.prefix(60).map { (0x20...0x7E).contains($0.value) ? $0 : "?" }
  return String(String.UnicodeScalarView(scalars))
}
