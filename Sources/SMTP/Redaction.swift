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

  /// The bytes with `<secret>` in place of each.
  package func redacted(_ bytes: [UInt8]) -> [UInt8] {
    guard forms.contains(where: { $0.count <= bytes.count }) else { return bytes }
    var shown: [UInt8] = []
    var rest = bytes[...]
    while let first = rest.first {
      if let form = forms.first(where: { rest.starts(with: $0) }) {
        shown += "<secret>".utf8
        rest = rest.dropFirst(form.count)
      } else {
        shown.append(first)
        rest = rest.dropFirst()
      }
    }
    return shown
  }

  private static func percentEncoded(_ bytes: [UInt8]) -> [UInt8] {
    let digits = Array("0123456789ABCDEF".utf8)
    return bytes.flatMap { byte in
      byte.isASCIIAlphanumeric || "-._~".utf8.contains(byte)
        ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
}
