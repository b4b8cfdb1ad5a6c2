package import Model

/// Takes a target's secrets out of whatever a server sends back: raw, in base64 at any alignment (alone, or
/// within the messages of PLAIN, LOGIN and the OAuth mechanisms), and URL-encoded.
package struct Redactor: Sendable {
  /// What stands where a secret was.
  package static let placeholder = "<secret>"

  /// A secret in one of its encodings.
  private struct Trace {
    var bytes: [UInt8]
    /// The whole run of base64 around a find goes: its edges hold bits of the secret.
    var isBase64: Bool
  }

  private let traces: [Trace]

  /// A redactor of these secrets. One of fewer than four bytes cannot be told from ordinary text.
  package init(secrets: [Secret]) {
    traces = secrets.filter { $0.bytes.count >= 4 }.flatMap { Self.traces(of: $0.bytes) }
  }

  /// A redactor of a target's password, key or token.
  package init(target: Target) { self.init(secrets: target.settings.auth?.proof.secret.map { [$0] } ?? []) }

  /// The bytes without the secrets.
  package func redact(_ bytes: [UInt8]) -> [UInt8] {
    var text = bytes
    for trace in traces {
      var start = 0
      while let found = text.firstRange(of: trace.bytes, from: start) {
        let range = trace.isBase64 ? text.base64Run(around: found) : found
        text.replaceSubrange(range, with: Self.placeholder.utf8)
        start = range.lowerBound + Self.placeholder.utf8.count
      }
    }
    return text
  }

  /// The text without the secrets.
  package func redact(_ text: String) -> String {
    guard !traces.isEmpty else { return text }
    return String(decoding: redact(Array(text.utf8)), as: UTF8.self)
  }

  private static func traces(of secret: [UInt8]) -> [Trace] {
    var traces = [Trace(bytes: secret, isBase64: false)]
    for escaped in [percentEncoded(secret, uppercase: true), percentEncoded(secret, uppercase: false)]
    where escaped != secret {
      traces.append(Trace(bytes: escaped, isBase64: false))
    }
    for offset in 0..<3 {
      // The characters that hold bits of the secret alone, wherever the secret stands in a message.
      let encoded = base64([UInt8](repeating: 0, count: offset) + secret)
      let core = Array(encoded[((offset * 8 + 5) / 6)..<((offset + secret.count) * 8 / 6)])
      guard core.count >= 4 else { continue }
      traces.append(Trace(bytes: core, isBase64: true))
      let urlSafe = core.map {
        $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? 0x5F : $0
      }
      if urlSafe != core { traces.append(Trace(bytes: urlSafe, isBase64: true)) }
    }
    return traces
  }

  private static func percentEncoded(_ bytes: [UInt8], uppercase: Bool) -> [UInt8] {
    bytes.flatMap { byte -> [UInt8] in
      if byte.isLetterOrDigit || "-._~".utf8.contains(byte) { return [byte] }
      let digits = String(byte, radix: 16, uppercase: uppercase)
      return Array(("%" + (byte < 16 ? "0" : "") + digits).utf8)
    }
  }

  /// RFC 4648 section 4, with padding.
  static func base64(_ bytes: [UInt8]) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var encoded: [UInt8] = []
    encoded.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = (0..<3).map { start + $0 < bytes.count ? UInt32(bytes[start + $0]) : 0 }
      let bits = group[0] << 16 | group[1] << 8 | group[2]
      let present = min(3, bytes.count - start)
      for index in 0..<4 {
        let digit = alphabet[Int(bits >> (18 - 6 * UInt32(index)) & 63)]
        encoded.append(index <= present ? digit : UInt8(ascii: "="))
      }
    }
    return encoded
  }
}

extension [UInt8] {
  /// Where `needle` first stands at or after `start`.
  func firstRange(of needle: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard let first = needle.first, count - start >= needle.count else { return nil }
    for index in start...(count - needle.count) where self[index] == first {
      let end = index + needle.count
      if self[index..<end].elementsEqual(needle) { return index..<end }
    }
    return nil
  }

  /// The whole run of base64 characters around a range.
  fileprivate func base64Run(around range: Range<Int>) -> Range<Int> {
    func belongs(_ byte: UInt8) -> Bool { byte.isLetterOrDigit || "+/=-_".utf8.contains(byte) }
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower > 0, belongs(self[lower - 1]) { lower -= 1 }
    while upper < count, belongs(self[upper]) { upper += 1 }
    return lower..<upper
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isLetter: Bool { (0x41...0x5A).contains(self & 0xDF) }
  var isLetterOrDigit: Bool { isDigit || isLetter }
  /// The lower-case form of an ASCII letter.
  var lowered: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
