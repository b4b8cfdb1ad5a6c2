/// Text from the other side, made safe to show: what is not printable UTF-8 appears as `\xNN`.
package enum EscapedText {
  /// The bytes as text of at most `limit` UTF-8 bytes; longer text ends in `…`.
  ///
  /// Control characters, line separators and the marks that turn the direction of writing are escaped as well
  /// as bytes that are no UTF-8, so that no reply can forge a line of a log or a page.
  package static func of(_ bytes: some Collection<UInt8>, limit: Int = 2048) -> String {
    if bytes.count <= limit, bytes.allSatisfy({ 0x20 <= $0 && $0 < 0x7F }) {
      return String(decoding: bytes, as: UTF8.self)
    }
    var text = ""
    var length = 0
    var parser = Unicode.UTF8.ForwardParser()
    var input = bytes.makeIterator()
    var rest = bytes[...]
    while true {
      let piece: String
      switch parser.parseScalar(from: &input) {
      case .emptyInput: return text
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        piece = isPlain(scalar) ? String(scalar) : escaped(rest.prefix(encoded.count))
        rest = rest.dropFirst(encoded.count)
      case .error(let length):
        piece = escaped(rest.prefix(length))
        rest = rest.dropFirst(length)
      }
      length += piece.utf8.count
      guard length <= limit else { return text + "…" }
      text += piece
    }
  }

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
    default: true
    }
  }

  private static func escaped(_ bytes: some Sequence<UInt8>) -> String {
    bytes.reduce(into: "") { text, byte in
      let digits = String(byte, radix: 16, uppercase: true)
      text += digits.utf8.count == 1 ? "\\x0" + digits : "\\x" + digits
    }
  }
}
