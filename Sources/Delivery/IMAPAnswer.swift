/// The untagged lines of an IMAP server's answer (RFC 9051 section 7), as far as they are asked for here.
struct IMAPAnswer {
  private let lines: [String]

  init(_ bytes: [UInt8]) {
    lines = bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The numbers of a search.
  var found: [UInt32] {
    lines.filter { $0.uppercased().hasPrefix("* SEARCH") }
      .flatMap { $0.split(separator: " ").dropFirst(2).compactMap { UInt32($0) } }
  }

  /// The folder's UIDVALIDITY.
  var uidValidity: UInt32? {
    lines.lazy.compactMap { line in
      line.firstMatch(of: /\[UIDVALIDITY (\d+)\]/).flatMap { UInt32($0.1) }
    }.first
  }

  /// The folders of a list that can be opened. One whose name comes as a literal is left out.
  var folders: [(name: String, isJunk: Bool)] {
    lines.compactMap { line in
      guard
        let match = line.firstMatch(of: /^\* LIST \(([^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (.+)$/.ignoresCase())
      else { return nil }
      let flags = match.1.lowercased().split(separator: " ")
      guard !flags.contains("\\noselect"), !flags.contains("\\nonexistent") else { return nil }
      var name = String(match.2)
      if name.hasPrefix("{") { return nil }
      if name.count >= 2, name.hasPrefix("\""), name.hasSuffix("\"") {
        name = name.dropFirst().dropLast().replacing(/\\(.)/) { $0.1 }.description
      }
      return (name, flags.contains("\\junk"))
    }
  }
}
