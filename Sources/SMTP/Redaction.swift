package import Model

/// Takes secrets out of what a server says: some repeat the line that they did not like.
package struct Redaction: Sendable {
  /// What must not be shown, longest first.
  private var forms: [[UInt8]] = []

  /// Nothing to hide.
  package init() {}

  /// Hides a password or token: as it is, in base64, as in a URL.
  package init(_ secret: Secret) {
    hide(secret.bytes)
    hide(Base64.encode(secret.bytes))
    hide(Self.percentEncoded(secret.bytes))
  }

  /// Hides these bytes. Fewer than four are no secret, and would be found everywhere.
  mutating func hide(_ bytes: [UInt8]) {
    guard bytes.count >= 4, !forms.contains(bytes) else { return }
    forms.append(bytes)
    forms.sort { $0.count > $1.count }
  }

  /// The reply with `<secret>` in place of each.
  package func redacted(_ reply: Reply) -> Reply {
    guard !forms.isEmpty else { return reply }
    var reply = reply
    for index in reply.lines.indices { reply.lines[index] = redacted(reply.lines[index]) }
    return reply
  }

  /// Servers that repeat a long line cut it: so much of a beginning is hidden like the whole.
  private static let tellingPrefix = 12

  /// The bytes with `<secret>` in place of each.
  package func redacted(_ bytes: [UInt8]) -> [UInt8] {
    guard !forms.isEmpty else { return bytes }
    var shown: [UInt8] = []
    var rest = bytes[...]
    while let first = rest.first {
      if let length = forms.lazy.compactMap({ Self.secretLength(of: $0, in: rest) }).first {
        shown += "<secret>".utf8
        rest = rest.dropFirst(length)
      } else {
        shown.append(first)
        rest = rest.dropFirst()
      }
    }
    return shown
  }

  /// How much of a form the text begins with; nil where that tells nothing.
  private static func secretLength(of form: [UInt8], in text: ArraySlice<UInt8>) -> Int? {
    guard form.first == text.first else { return nil }
    let length = zip(form, text).prefix { $0 == $1 }.count
    return length >= min(form.count, tellingPrefix) ? length : nil
  }

  private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return bytes.flatMap { byte in
      byte.isASCIIAlphanumeric || "-._~".utf8.contains(byte)
        ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
}
