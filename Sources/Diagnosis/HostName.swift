/// Host names as rules compare them.
enum HostName {
  /// The last two labels, in lower case; three where the last two are a public suffix such as `co.uk`.
  static func domain(of name: String) -> String {
    let labels = name.lowercased().split(separator: ".")
    let isLongSuffix =
      labels.count >= 3 && labels[labels.count - 1].utf8.count == 2
      && labels[labels.count - 2].utf8.count <= 3
    return labels.suffix(isLongSuffix ? 3 : 2).joined(separator: ".")
  }

  /// The name is `suffix` or ends in it after a dot.
  static func matches(_ name: String, suffix: String) -> Bool {
    let name = name.lowercased()
    return name == suffix || name.hasSuffix("." + suffix)
  }

  /// The name is an address.
  static func isAddress(_ name: String) -> Bool {
    name.utf8.contains(UInt8(ascii: ":"))
      || (!name.isEmpty && name.utf8.allSatisfy { $0.isDigit || $0 == UInt8(ascii: ".") })
  }

  /// An address of this machine or of a private network (RFC 1918, RFC 4193, RFC 3927).
  static func isNearby(_ address: String) -> Bool {
    let near = ["127.", "10.", "192.168.", "169.254.", "::1", "fe80:", "fc", "fd"]
    if near.contains(where: address.hasPrefix) { return true }
    let parts = address.split(separator: ".")
    guard parts.count == 4, parts[0] == "172", let second = Int(parts[1]) else { return false }
    return (16...31).contains(second)
  }
}
