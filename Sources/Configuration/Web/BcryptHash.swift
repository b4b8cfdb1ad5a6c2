/// Hashes of bcrypt, such as `$2y$10$…`, as htpasswd -B writes them.
enum BcryptHash {
  private static let length = 60
  private static let alphabet = Set(
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)

  /// The cost, the logarithm of the rounds, of a hash that passwords can be compared with. The hash is never shown.
  static func cost(of text: String) throws(Complaint) -> Int {
    let bytes = Array(text.utf8)
    let complaint = Complaint(
      "is no bcrypt hash", cure: "write what 'htpasswd -nBC 10 USER' prints behind the colon")
    guard bytes.count == length, text.hasPrefix("$2"), "aby".utf8.contains(bytes[2]),
      bytes[3] == UInt8(ascii: "$"), bytes[6] == UInt8(ascii: "$"),
      let cost = Int(String(decoding: bytes[4..<6], as: UTF8.self)), (4...31).contains(cost),
      bytes[7...].allSatisfy(alphabet.contains)
    else { throw complaint }
    return cost
  }

  /// The text with "…" wherever a hash, or the beginning of one, stands in it.
  static func masked(in text: String) -> String {
    guard text.contains("$2") else { return text }
    return text.replacing(#/\$2[aby]\$[.\/A-Za-z0-9$]*/#, with: "…")
  }
}
