/// Text from the other side, made safe to show: what is not printable UTF-8 appears as `\xNN`.
package enum EscapedText {
  /// The bytes as text of at most `limit` UTF-8 bytes; longer text ends in `…`.
  ///
  /// Control characters, line separators and the marks that turn the direction of writing are escaped as well
  /// as bytes that are no UTF-8, so that no reply can forge a line of a log or a page.
  package static func of(_ bytes: ArraySlice<UInt8>, limit: Int = 2048) -> String {
    isPrintableASCII(bytes) && bytes.count <= limit
      ? String(decoding: bytes, as: UTF8.self) : escaping(bytes, limit: limit)
  }

  /// The bytes as text of at most `limit` UTF-8 bytes; longer text ends in `…`.
  package static func of(_ bytes: some Sequence<UInt8>, limit: Int = 2048) -> String {
    of(Array(bytes)[...], limit: limit)
  }

  /// Appends the same text to `text`, in UTF-8.
  package static func write(_ bytes: ArraySlice<UInt8>, limit: Int = 2048, to text: inout [UInt8]) {
    if isPrintableASCII(bytes) && bytes.count <= limit {
      text += bytes
    } else {
      text += escaping(bytes, limit: limit).utf8
    }
  }

  /// What nearly every line of a server is, looked at without a call for each byte.
  private static func isPrintableASCII(_ bytes: ArraySlice<UInt8>) -> Bool {
    for byte in bytes where byte < 0x20 || byte > 0x7E { return false }
    return true
  }

  private static func escaping(_ bytes: ArraySlice<UInt8>, limit: Int) -> String {
    var text = ""
    var length = 0
    var parser = Unicode.UTF8.ForwardParser()
    var input = bytes.makeIterator()
    var rest = bytes
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
