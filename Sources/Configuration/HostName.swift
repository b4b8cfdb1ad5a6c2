/// The rules for the name of a server. They catch what people paste; a resolver would say `not found` only.
package enum HostName {
  /// The host without its trailing dot; throws a complaint that names the offending character.
  package static func check(_ text: String) throws(Complaint) -> String {
    guard !text.isEmpty else { throw Complaint("is empty", cure: "name the mail server: mail.example.com") }
    if AddressLiteral.isIPv6(text) {
      guard text != "::" else {
        throw Complaint("'::' is no destination", cure: "for this machine write ::1")
      }
      return text
    }
    if text.contains("://") { throw scheme(of: text) }
    for letter in text.unicodeScalars {
      if let complaint = complaint(about: letter, in: text) { throw complaint }
    }
    let name = text.hasSuffix(".") ? String(text.dropLast()) : text
    guard !name.isEmpty else { throw Complaint("'.' is the root of the DNS, not a host") }
    if AddressLiteral.isIPv4(name) {
      guard name != "0.0.0.0" else {
        throw Complaint("'0.0.0.0' is no destination", cure: "for this machine write 127.0.0.1")
      }
      return name
    }
    try checkLabels(of: name)
    return name
  }

  private static func checkLabels(of name: String) throws(Complaint) {
    guard name.count <= 253 else {
      throw Complaint("has \(name.count) characters", cure: "253 are allowed")
    }
    let labels = name.split(separator: ".", omittingEmptySubsequences: false)
    for label in labels {
      guard !label.isEmpty else { throw Complaint("has a '.' with nothing before it", cure: "remove it") }
      guard label.count <= 63 else {
        throw Complaint(
          "has a part of \(label.count) characters, '\(label.prefix(12))…'", cure: "63 are allowed")
      }
      guard label.first != "-", label.last != "-" else {
        throw Complaint("has a '-' at the edge of the part '\(label)'", cure: "remove it")
      }
    }
    // inet_aton takes 127.1, 0 and 0x7f.1 for addresses; no top-level domain is a number.
    let last = labels[labels.count - 1]
    guard Int(last) == nil, !(last.lowercased().hasPrefix("0x") && last.dropFirst(2).allSatisfy(\.isHexDigit))
    else {
      throw Complaint(
        "'\(name)' ends in the number '\(last)' but is no complete address",
        cure: "write all four numbers of an address: 192.0.2.1")
    }
  }

  private static func complaint(about letter: Unicode.Scalar, in text: String) -> Complaint? {
    let isEdge = text.unicodeScalars.first == letter || text.unicodeScalars.last == letter
    switch letter {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": return nil
    case " ":
      guard isEdge else { return Complaint("has a blank ' ' in it", cure: "remove it") }
      let end = text.hasPrefix(" ") ? "beginning" : "end"
      return Complaint("has a blank ' ' at its \(end)", cure: "remove it")
    case "\"", "'", "`", "\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}":
      return Complaint("has the quote \(letter) in it", cure: "remove the quotes")
    case ",", ";": return Complaint("has a '\(letter)' in it", cure: "give one host, and one target for each")
    case "[", "]":
      let inner = text.drop { $0 == "[" }.prefix { $0 != "]" }
      let shown = AddressLiteral.isIPv6(inner) ? String(inner) : "::1"
      return Complaint("has a '\(letter)' in it", cure: "write \(shown) without brackets")
    case ":":
      let port = text.split(separator: ":").last.flatMap { Int($0) }
      let cure = port.map { "write the port as a setting of its own: port: \($0)" } ?? "write the name alone"
      return Complaint("has a ':' in it", cure: cure)
    case "@":
      return Complaint("has an '@' in it", cure: "a user goes to auth.username, the host stands alone")
    case "$", "{", "}":
      return Complaint("has a '\(letter)' in it", cure: "write ${NAME}, and set NAME in the environment")
    case "/": return Complaint("has a '/' in it", cure: "write the name alone")
    case "*", "?":
      return Complaint("has a '\(letter)' in it", cure: "patterns are not expanded; name one host")
    default:
      if letter.value < 0x20 || letter.value == 0x7F {
        return Complaint("has the control character \(codePoint(letter)) in it", cure: "remove it")
      }
      if letter.isASCII { return Complaint("has a '\(letter)' in it", cure: "no host name has one") }
      return Complaint("has \(codePoint(letter)) in it", cure: "use the punycode form, xn--…")
    }
  }

  private static func scheme(of text: String) -> Complaint {
    let scheme = shown(String(text.prefix { $0 != ":" }))
    let cure =
      switch scheme {
      case "smtps": "write the name alone, with tls.mode: implicit"
      case "smtp": "write the name alone, with tls.mode: starttls"
      default: "write the name alone"
      }
    return Complaint("has the ':' of '\(scheme)://' in it", cure: cure)
  }

  private static func codePoint(_ letter: Unicode.Scalar) -> String {
    let hex = String(letter.value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
  }
}
