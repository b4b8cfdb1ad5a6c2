/// A URL of the web as a setting.
enum WebURL {
  /// The URL as it was written; throws where it is none, or has a user in it. `cure` says where that belongs.
  static func check(_ text: String, cure: String) throws(Complaint) -> String {
    guard text.hasPrefix("https://") || text.hasPrefix("http://"),
      text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), text.split(separator: "/").count >= 2
    else {
      throw Complaint("must be a URL of http or https", cure: "write https://HOST/PATH")
    }
    // Before the path, a sign of a user; it may stand after a password, so that the text is not shown.
    guard text.split(separator: "/")[1].contains("@") == false else {
      throw Complaint("has a user in it", cure: cure)
    }
    return text
  }

  /// What it says goes over a network unencrypted: anybody on the way can read it, and say something else.
  static func isInClear(_ url: String) -> Bool {
    guard url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst("http://".count).prefix { !"/?#".contains($0) }
    let host = authority.hasPrefix("[") ? authority.prefix { $0 != "]" } : authority.prefix { $0 != ":" }
    return host != "localhost" && !isLoopback(host) && host != "[::1"
  }

  /// Four numbers of which the first is 127: a name may begin like that too.
  private static func isLoopback(_ host: Substring) -> Bool {
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
  }
}
