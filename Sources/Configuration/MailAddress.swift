/// The rules for addresses in MAIL and RCPT (RFC 5321 §4.1.2).
package enum MailAddress {
  /// An address as it goes between `<` and `>`. A sender may be empty, or `<>`, for the null sender; a
  /// recipient may be `postmaster` alone.
  package static func check(_ text: String, isSender: Bool) throws(Complaint) -> String {
    if isSender && (text.isEmpty || text == "<>") { return "" }
    if !isSender && text.lowercased() == "postmaster" { return text }
    guard !text.isEmpty else { throw Complaint("is empty", cure: "write an address: probe@example.net") }
    for letter in text.unicodeScalars {
      switch letter {
      case "<", ">":
        throw Complaint("has a '\(letter)' in it", cure: "write the address alone: probe@example.net")
      case ",", ";": throw Complaint("has a '\(letter)' in it", cure: "write one address")
      case _ where letter.value <= 0x20 || letter.value == 0x7F:
        throw Complaint("has a blank or control character in it", cure: "write the address alone")
      case _ where (0x80..<0xA0).contains(letter.value) || !letter.isASCII && letter.properties.isWhitespace:
        throw Complaint("has a blank or control character in it", cure: "write the address alone")
      default: break
      }
    }
    guard let at = text.lastIndex(of: "@") else { throw Complaint("has no '@'", cure: "write USER@DOMAIN") }
    let local = text[..<at]
    guard !local.isEmpty, local.utf8.count <= 64 else {
      throw Complaint("must have 1 to 64 characters before the '@'")
    }
    let isQuoted = local.count > 1 && local.hasPrefix("\"") && local.hasSuffix("\"")
    guard isQuoted || !local.contains(where: { "@\"()[]\\:".contains($0) }) else {
      throw Complaint("has a character before the '@' that needs quotes")
    }
    let domain = String(text[text.index(after: at)...])
    if EHLOName.isLiteral(domain) { return text }
    // Only servers that offer SMTPUTF8 take it, and only they know what it is.
    if !domain.utf8.allSatisfy({ $0 < 0x80 }) { return text }
    do {
      _ = try HostName.check(domain)
    } catch {
      throw Complaint("has a domain that \(error.message)", cure: error.cure)
    }
    return text
  }
}

/// The rules for the name in EHLO (RFC 5321 §4.1.1.1): a domain, or an address in brackets.
package enum EHLOName {
  /// The name as it is sent.
  package static func check(_ text: String) throws(Complaint) -> String {
    if isLiteral(text) { return text }
    if text.isEmpty { throw Complaint("is empty", cure: "leave it out to use this host's own name") }
    if AddressLiteral.isIPv4(text) { throw Complaint("is an address", cure: "write [\(text)]") }
    if AddressLiteral.isIPv6(text) { throw Complaint("is an address", cure: "write [IPv6:\(text)]") }
    if text.contains("_") {
      throw Complaint("has a '_' in it", cure: "many servers refuse it; use a name of the DNS")
    }
    return try HostName.check(text)
  }

  /// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (RFC 5321 §4.1.3).
  static func isLiteral(_ text: String) -> Bool {
    guard text.hasPrefix("["), text.hasSuffix("]") else { return false }
    let inner = text.dropFirst().dropLast()
    return inner.lowercased().hasPrefix("ipv6:")
      ? AddressLiteral.isIPv6(inner.dropFirst(5)) : AddressLiteral.isIPv4(inner)
  }
}
