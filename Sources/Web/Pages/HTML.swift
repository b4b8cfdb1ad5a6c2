/// Markup. What is interpolated into it is escaped by its type: texts always, markup never.
///
///     let name = "<b>"
///     let html: HTML = "<td>\(name)</td>"      // <td>&lt;b&gt;</td>
package struct HTML: Sendable, ExpressibleByStringInterpolation {
  package private(set) var text: String

  package init(stringLiteral value: String) { text = value }

  package init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// The pieces of a markup in the making.
  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
      text.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }

    package mutating func appendLiteral(_ literal: String) { text += literal }

    /// A text, escaped for content and quoted attributes.
    package mutating func appendInterpolation(_ text: some StringProtocol) {
      if text.utf8.allSatisfy(HTML.isPlain) { return self.text += text }
      for scalar in text.unicodeScalars { self.text += HTML.escape(scalar) }
    }

    package mutating func appendInterpolation(_ number: Int) { text += String(number) }

    /// Markup, as it is.
    package mutating func appendInterpolation(_ html: HTML) { text += html.text }

    /// Markup, one piece after the other.
    package mutating func appendInterpolation(_ pieces: [HTML]) {
      for piece in pieces { text += piece.text }
    }

    /// Markup, or nothing.
    package mutating func appendInterpolation(_ html: HTML?) { text += html?.text ?? "" }
  }

  /// Whether a byte is a character that is written as it is: most texts have no other, and are copied whole.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): false
    case 0x20..<0x7f: true
    default: false
    }
  }

  /// Characters that mean something in markup become references. Those that are not seen but change what is
  /// seen (controls, overrides of the writing direction) become U+FFFD: servers write what they like.
  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    case "\"": "&quot;"
    case "'": "&#39;"
    case "\n", "\t": String(scalar)
    case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}", "\u{200e}"..."\u{200f}", "\u{202a}"..."\u{202e}",
      "\u{2066}"..."\u{2069}":
      "\u{fffd}"
    default: String(scalar)
    }
  }
}
