/// The URL under which people and other programs reach the pages, such as `https://mail.example.net/watch/` where a
/// proxy stands in front.
struct ExternalURL: Sendable, Equatable {
  /// Scheme, host and port, without a slash behind.
  let origin: String
  /// With a slash in front and none behind; empty where there is none.
  let path: String

  /// Reads a URL; nil for what is none of http or https, or has more than an origin and a path.
  init?(_ text: String) {
    guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else {
      return nil
    }
    let rest = text.dropFirst(scheme.count)
    let isOdd = { (letter: Character) in
      !letter.isASCII || letter <= " " || "\"'<>\\^`{|}?#@".contains(letter)
    }
    guard !rest.contains(where: isOdd) else { return nil }
    let authority = rest.prefix { $0 != "/" }
    guard Self.isAuthority(authority) else { return nil }
    origin = scheme + authority
    let segments = rest.dropFirst(authority.count).split(separator: "/")
    path = segments.isEmpty ? "" : "/" + segments.joined(separator: "/")
  }

  private static func isAuthority(_ text: Substring) -> Bool {
    var host = text
    if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
      guard UInt16(text[text.index(after: colon)...]) != nil else { return false }
      host = text[..<colon]
    }
    if host.first == "[" { return host.last == "]" && host.count > 3 }
    return !host.isEmpty && !host.contains { ":[]".contains($0) }
  }
}
