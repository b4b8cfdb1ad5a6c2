/// An address of mail, `local-part@domain` (RFC 5321 section 4.1.2), checked so that it can go into a command
/// and a header as it is. Letters beyond ASCII (RFC 6531) are for servers that speak SMTPUTF8.
package struct Mailbox: Sendable, Equatable {
  package let text: String

  /// Any server can be told of it.
  package var isASCII: Bool { text.utf8.allSatisfy { $0 < 0x80 } }

  /// The address, without angle brackets, where the grammar allows it.
  package init(_ text: String) throws(AddressError) {
    guard !text.isEmpty else { throw .empty }
    guard text.utf8.count <= 254 else { throw .tooLong(maximum: 254) }
    guard let at = text.lastIndex(of: "@") else { throw .noAt }
    try Self.checkLocalPart(Array(text[..<at].utf8), of: text)
    try Domain.check(String(text[text.index(after: at)...]), allowsUnicode: true)
    self.text = text
  }

  private static func checkLocalPart(_ local: [UInt8], of text: String) throws(AddressError) {
    if let odd = text.unicodeScalars.first(where: { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }) {
      throw .character(odd)
    }
    guard !local.isEmpty else { throw .localPart }
    guard local.count <= 64 else { throw .tooLong(maximum: 64) }
    let quote = UInt8(ascii: "\"")
    if local.first == quote {
      guard local.count >= 2, local.last == quote, isQuoted(local.dropFirst().dropLast()) else {
        throw .localPart
      }
      return
    }
    for atom in local.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      guard !atom.isEmpty else { throw .localPart }
      if let odd = atom.first(where: { !isAtomText($0) }) { throw .character(Unicode.Scalar(odd)) }
    }
  }

  /// Every quote and backslash inside stands behind a backslash.
  private static func isQuoted(_ inside: ArraySlice<UInt8>) -> Bool {
    var isEscaped = false
    for byte in inside {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        return false
      }
    }
    return !isEscaped
  }

  private static func isAtomText(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte.isASCIIAlphanumeric || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
  }
}
