/// Addresses in text form.
enum AddressLiteral {
  /// Four whole numbers up to 255 with dots between, none with a leading zero. RFC 6943 §3.1.1
  /// tells of the other forms.
  static func isIPv4(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        !part.isEmpty && part.count <= 3 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
          && (part.count == 1 || part.first != "0") && UInt8(part) != nil
      }
  }

  /// Eight groups of hex digits, one run of zeros as `::`, the last two groups also as IPv4 (RFC 4291 §2.2),
  /// and a zone (RFC 4007 §11).
  static func isIPv6(_ text: some StringProtocol) -> Bool {
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    if parts.count == 2 && parts[1].isEmpty { return false }
    let address = String(parts[0])
    guard let gap = address.firstRange(of: "::") else { return groups(address) == 8 }
    guard let before = groups(address[..<gap.lowerBound], isBeforeGap: true),
      let after = groups(address[gap.upperBound...])
    else { return false }
    return before + after <= 7
  }

  /// How many groups of 16 bits a run has; nil where one is malformed.
  private static func groups(_ run: some StringProtocol, isBeforeGap: Bool = false) -> Int? {
    guard !run.isEmpty else { return 0 }
    let parts = run.split(separator: ":", omittingEmptySubsequences: false)
    var count = 0
    for (index, part) in parts.enumerated() {
      if index == parts.count - 1, !isBeforeGap, isIPv4(part) {
        count += 2
      } else if (1...4).contains(part.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }) {
        count += 1
      } else {
        return nil
      }
    }
    return count
  }
}
