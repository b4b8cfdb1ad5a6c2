import Model

/// What a server said, made fit for a person's eye: no control characters, no broken text, no more than
/// there is room for.
enum Excerpt {
  /// The most that a piece of evidence holds.
  static let evidenceLimit = 300
  /// The most of a greeting or of raw bytes.
  static let greetingLimit = 120
  /// The most that is quoted within a sentence.
  static let quoteLimit = 100

  /// Bytes as text: line ends become ` / `, bytes that are no UTF-8 become `\xNN`, controls go.
  static func text(_ bytes: [UInt8], limit: Int) -> String {
    // A character takes at most 4 bytes; what is far beyond the limit need not be looked at.
    let end = min(bytes.count, (limit + 1) * 4)
    var scalars = String.UnicodeScalarView()
    if let valid = String(validating: bytes[..<end], as: UTF8.self) {
      append(valid.unicodeScalars, to: &scalars)
    } else {
      var escaped = ""
      for byte in bytes[..<end] {
        if byte < 0x80 {
          escaped.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
          escaped += "\\x" + hexadecimal(byte)
        }
      }
      append(escaped.unicodeScalars, to: &scalars)
    }
    return cut(String(scalars), to: limit)
  }

  /// Text, cleaned in the same way.
  static func text(_ text: String, limit: Int) -> String { self.text(Array(text.utf8), limit: limit) }

  /// The first bytes as hexadecimal numbers.
  static func hex(_ bytes: [UInt8], limit: Int = 16) -> String {
    let shown = bytes.prefix(limit).map(hexadecimal).joined(separator: " ")
    return bytes.count > limit ? shown + " …" : shown
  }

  /// At most `limit` characters, with an ellipsis where some are missing.
  static func cut(_ text: String, to limit: Int) -> String {
    text.count <= limit ? text : text.prefix(limit - 1) + "…"
  }

  /// Bytes that read as text: none of the controls that no protocol of lines uses.
  static func isText(_ bytes: [UInt8]) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { ($0 >= 0x20 && $0 != 0x7F) || (0x09...0x0D).contains($0) }
  }

  private static func append(_ text: String.UnicodeScalarView, to scalars: inout String.UnicodeScalarView) {
    var pendingLineEnd = false
    for scalar in text {
      switch scalar {
      case "\r", "\n": pendingLineEnd = true
      case "\t": scalars.append(" ")
      default:
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned:
          continue
        default:
          if pendingLineEnd, !scalars.isEmpty { scalars.append(contentsOf: " / ".unicodeScalars) }
          pendingLineEnd = false
          scalars.append(scalar)
        }
      }
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }
}
