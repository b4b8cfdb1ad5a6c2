package import Model

/// Takes secrets out of whatever a server sends back: some repeat the line that they did not like. A secret goes
/// raw, URL-encoded, and in base64 at any alignment: alone, or within the messages of PLAIN, LOGIN and the OAuth
/// mechanisms.
package struct Redaction: Sendable {
  /// What stands where a secret was.
  package static let placeholder = "<secret>"

  /// A secret in one of its encodings.
  private struct Form: Sendable {
    var bytes: [UInt8]
    /// The whole run of base64 around a find goes: its edges hold bits of the secret.
    var isBase64: Bool
  }

  private var forms: [Form] = []
  /// Which bytes a form begins with: most bytes of a reply need no further look.
  private var firstBytes = SIMD4<UInt64>.zero

  /// Nothing to hide.
  package init() {}

  /// Hides a password or token. One of fewer than four bytes cannot be told from ordinary text.
  package init(_ secret: Secret) {
    guard secret.bytes.count >= 4 else { return }
    hide(secret.bytes, isBase64: false)
    for digits in ["0123456789ABCDEF", "0123456789abcdef"] {
      hide(Self.percentEncoded(secret.bytes, digits: Array(digits.utf8)), isBase64: false)
    }
    for offset in 0..<3 {
      // The characters that hold bits of the secret alone, wherever it stands in a message.
      let encoded = Base64.encode([UInt8](repeating: 0, count: offset) + secret.bytes)
      let core = Array(encoded[((offset * 8 + 5) / 6)..<((offset + secret.bytes.count) * 8 / 6)])
      hide(core, isBase64: true)
      hide(core.map(Self.urlSafe), isBase64: true)
    }
  }

  /// Hides a line of a login in base64.
  mutating func hide(base64 line: [UInt8]) { hide(line, isBase64: true) }

  /// Fewer than four bytes are no secret, and would be found everywhere.
  private mutating func hide(_ bytes: [UInt8], isBase64: Bool) {
    guard bytes.count >= 4, !forms.contains(where: { $0.bytes == bytes }) else { return }
    forms.append(Form(bytes: bytes, isBase64: isBase64))
    firstBytes[Int(bytes[0] >> 6)] |= 1 << UInt64(bytes[0] & 63)
  }

  /// The reply with `<secret>` in place of each.
  package func redacted(_ reply: Reply) -> Reply {
    guard !forms.isEmpty else { return reply }
    var reply = reply
    // No secret has a line feed in it, so that all lines may be looked at in one.
    reply.bytes = redacted(reply.bytes)
    return reply
  }

  /// The text with `<secret>` in place of each.
  package func redacted(_ text: String) -> String {
    forms.isEmpty ? text : String(decoding: redacted(Array(text.utf8)), as: UTF8.self)
  }

  /// Servers that repeat a long line cut it: so much of a beginning is hidden like the whole.
  private static let tellingPrefix = 12

  /// The bytes with `<secret>` in place of each.
  package func redacted(_ bytes: [UInt8]) -> [UInt8] {
    guard hides(bytes) else { return bytes }
    var shown: [UInt8] = []
    shown.reserveCapacity(bytes.count)
    var rest = bytes[...]
    while let first = rest.first {
      if isFirst(first), let (length, form) = find(at: rest) {
        rest = rest.dropFirst(length)
        if form.isBase64 {
          rest = rest.drop(while: Self.isBase64)
          while let last = shown.last, Self.isBase64(last) { shown.removeLast() }
        }
        shown += Self.placeholder.utf8
      } else {
        shown.append(first)
        rest = rest.dropFirst()
      }
    }
    return shown
  }

  /// There is something to hide in the bytes.
  private func hides(_ bytes: [UInt8]) -> Bool {
    guard !forms.isEmpty else { return false }
    for index in bytes.indices where isFirst(bytes[index]) {
      if find(at: bytes[index...]) != nil { return true }
    }
    return false
  }

  private func isFirst(_ byte: UInt8) -> Bool {
    firstBytes[Int(byte >> 6)] & 1 << UInt64(byte & 63) != 0
  }

  /// The form that most of the text begins with, and how much of it; nil where that tells nothing.
  private func find(at text: ArraySlice<UInt8>) -> (length: Int, form: Form)? {
    var best: (length: Int, form: Form)?
    for form in forms where form.bytes.first == text.first {
      var length = 0
      while length < min(form.bytes.count, text.count), form.bytes[length] == text[text.startIndex + length] {
        length += 1
      }
      guard length >= min(form.bytes.count, Self.tellingPrefix), length > best?.length ?? 0 else { continue }
      best = (length, form)
    }
    return best
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    byte.isASCIIAlphanumeric || "+/=-_".utf8.contains(byte)
  }

  /// The digit of RFC 4648 section 5.
  private static func urlSafe(_ digit: UInt8) -> UInt8 {
    switch digit {
    case UInt8(ascii: "+"): UInt8(ascii: "-")
    case UInt8(ascii: "/"): UInt8(ascii: "_")
    default: digit
    }
  }

  private static func percentEncoded(_ bytes: [UInt8], digits: [UInt8]) -> [UInt8] {
    bytes.flatMap { byte in
      byte.isASCIIAlphanumeric || "-._~".utf8.contains(byte)
        ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
}
