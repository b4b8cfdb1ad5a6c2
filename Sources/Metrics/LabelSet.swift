/// The labels of a series, encoded once and written often: `target="plunk",stage="auth"`.
package struct LabelSet: Sendable, Equatable {
  /// The labels as they stand between the braces; empty for none.
  private(set) var bytes: [UInt8] = []

  /// No labels.
  package static let none = LabelSet()

  /// No labels yet.
  package init() {}

  /// One label.
  package init(_ name: String, _ value: String) { append(name, value) }

  /// Adds a label. Names are the program's own, or were checked with `isValidName`.
  package mutating func append(_ name: String, _ value: String) { bytes.appendLabel(name, value) }

  /// The same labels and one more.
  package func adding(_ name: String, _ value: String) -> LabelSet {
    var labels = self
    labels.append(name, value)
    return labels
  }

  /// Whether a name can be used without quotes in every version of the format: `[a-zA-Z_][a-zA-Z0-9_]*`.
  package static func isValidName(_ name: String) -> Bool {
    guard let first = name.utf8.first, !isDigit(first) else { return false }
    return name.utf8.allSatisfy { isDigit($0) || isLetter($0) || $0 == UInt8(ascii: "_") }
  }

  private static func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }
}

extension [UInt8] {
  /// Appends a label, with a comma before it where one is due.
  mutating func appendLabel(_ name: String, _ value: String) {
    if let last, last != UInt8(ascii: "{") { append(UInt8(ascii: ",")) }
    append(contentsOf: name.utf8)
    append(UInt8(ascii: "="))
    append(UInt8(ascii: "\""))
    appendEscaped(value, quotes: true)
    append(UInt8(ascii: "\""))
  }

  /// Appends text with `\`, line feeds and, where `quotes` says so, `"` escaped.
  mutating func appendEscaped(_ text: String, quotes: Bool) {
    // Hardly any text has such a character, and a whole one is copied at once.
    let isSpecial = text.utf8.contains {
      $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\"")
    }
    guard isSpecial else { return append(contentsOf: text.utf8) }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\\"): append(contentsOf: [byte, byte])
      case UInt8(ascii: "\n"): append(contentsOf: "\\n".utf8)
      case UInt8(ascii: "\"") where quotes: append(contentsOf: "\\\"".utf8)
      default: append(byte)
      }
    }
  }
}
