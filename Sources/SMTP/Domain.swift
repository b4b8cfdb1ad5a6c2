/// What stands after EHLO and after the `@` of an address (RFC 5321 section 4.1.2).
enum Domain {
  /// Accepts domains of letters, digits and inner hyphens, and address literals; in an address letters beyond
  /// ASCII too (RFC 6531 section 3.3).
  static func check(_ text: String, allowsUnicode: Bool = false) throws(AddressError) {
    let bytes = Array(text.utf8)
    guard !bytes.isEmpty else { throw .empty }
    if let odd = text.unicodeScalars.first(where: {
      allowsUnicode && $0.value >= 0xA0 ? $0.properties.isWhitespace : !(0x21..<0x7F).contains($0.value)
    }) {
      throw .character(odd)
    }
    if bytes.first == UInt8(ascii: "[") {
      guard bytes.last == UInt8(ascii: "]"), AddressLiteral.isValid(bytes.dropFirst().dropLast()) else {
        throw .addressLiteral(text)
      }
      return
    }
    guard bytes.count <= 255 else { throw .tooLong(maximum: 255) }
    for label in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      guard !label.isEmpty else { throw .label("") }
      if let odd = label.first(where: { $0 < 0x80 && !$0.isASCIIAlphanumeric && $0 != UInt8(ascii: "-") }) {
        throw .character(Unicode.Scalar(odd))
      }
      let hyphen = UInt8(ascii: "-")
      guard label.count <= 63, label.first != hyphen, label.last != hyphen else {
        throw .label(String(decoding: label, as: UTF8.self))
      }
    }
  }
}

/// The inside of an address literal (RFC 5321 section 4.1.3).
enum AddressLiteral {
  static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
    let tag = Array("ipv6:".utf8)
    guard bytes.prefix(tag.count).map(\.lowercasedASCII) == tag else { return isIPv4(bytes) }
    return isIPv6(bytes.dropFirst(tag.count))
  }

  private static func isIPv4(_ bytes: ArraySlice<UInt8>) -> Bool {
    let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && part.allSatisfy(\.isASCIIDigit)
          && part.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
      }
  }

  /// Eight groups of hexadecimal digits, the last two perhaps as IPv4, a run of zeros perhaps as `::`.
  private static func isIPv6(_ bytes: ArraySlice<UInt8>) -> Bool {
    let colon = UInt8(ascii: ":")
    var groups = bytes.split(separator: colon, omittingEmptySubsequences: false)
    guard groups.count >= 3 else { return false }
    // A `::` at either end leaves two empty groups there; one alone is a stray colon.
    if groups[0].isEmpty {
      guard groups[1].isEmpty else { return false }
      groups.removeFirst()
    }
    if groups.count > 1, groups[groups.count - 1].isEmpty {
      guard groups[groups.count - 2].isEmpty else { return false }
      groups.removeLast()
    }
    var count = 0
    var gaps = 0
    for (index, group) in groups.enumerated() {
      if group.isEmpty {
        gaps += 1
      } else if index == groups.count - 1, group.contains(UInt8(ascii: ".")) {
        guard isIPv4(group) else { return false }
        count += 2
      } else {
        guard group.count <= 4, group.allSatisfy(isHexadecimal) else { return false }
        count += 1
      }
    }
    return gaps == 0 ? count == 8 : gaps == 1 && count <= 7
  }

  private static func isHexadecimal(_ byte: UInt8) -> Bool {
    byte.isASCIIDigit || (0x61...0x66).contains(byte.lowercasedASCII)
  }
}
