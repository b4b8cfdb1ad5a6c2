package import Model
import TLS

/// Names test messages such that nobody else can make a name that is taken for one: the moment, sixteen random
/// bytes, and a signature over both (HMAC-SHA-256, half of it).
package struct DeliveryTokens: Sendable {
  private let key: [UInt8]

  /// Tokens signed with a key.
  package init(key: Secret) { self.key = key.bytes }

  /// Tokens as a target wants them: signed with its key, or with one that ends with the process.
  package init(for settings: DeliverySettings) { self.init(key: settings.key ?? Self.processKey) }

  private static let processKey = Secret(CryptographicLibrary.randomBytes(32))

  /// A new token.
  package func make(at time: Timestamp) -> String {
    let moment = String(UInt64(max(0, time.microseconds / 1_000_000)), radix: 16)
    let body = "sw1-\(moment)-\(Self.hex(CryptographicLibrary.randomBytes(16)))"
    return "\(body)-\(signature(of: body))"
  }

  /// Whether a token was made here.
  package func isOurs(_ token: String) -> Bool {
    guard token.utf8.count <= 128, token.hasPrefix("sw1-"), let dash = token.lastIndex(of: "-") else {
      return false
    }
    let given = Array(token[token.index(after: dash)...].utf8)
    let due = Array(signature(of: String(token[..<dash])).utf8)
    // Every byte is looked at, so that the time tells nothing.
    return given.count == due.count && zip(given, due).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
  }

  private func signature(of body: String) -> String {
    Self.hex(Array(HashFunction.sha256.hmac(key: key, message: Array("smtpwatch \(body)".utf8)).prefix(16)))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
