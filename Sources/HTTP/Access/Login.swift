import CGnuTLS

/// A user with a password, as a request has them (RFC 7617).
struct Login: Sendable, Equatable {
  let user: String
  let password: String

  /// The login of a request; nil where it has none that can be read.
  init?(_ request: Request) {
    guard let field = request.headers["Authorization"] else { return nil }
    let parts = field.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "basic",
      let text = Self.decoded(String(parts[1].filter { $0 != " " })), let colon = text.firstIndex(of: ":")
    else { return nil }
    user = String(text[..<colon])
    password = String(text[text.index(after: colon)...])
  }

  private static func decoded(_ base64: String) -> String? {
    var encoded = Array(base64.utf8)
    return unsafe encoded.withUnsafeMutableBufferPointer { buffer in
      var (input, output) = unsafe (
        gnutls_datum_t(data: buffer.baseAddress, size: UInt32(buffer.count)), gnutls_datum_t()
      )
      guard unsafe gnutls_base64_decode2(&input, &output) >= 0 else { return nil }
      defer { unsafe cgnutls_free(output.data) }
      let bytes = unsafe UnsafeBufferPointer(start: output.data, count: Int(output.size))
      // A C string ends at a zero byte: what came behind it would not be compared.
      guard unsafe !bytes.contains(0) else { return nil }
      return unsafe String(validating: bytes, as: UTF8.self)
    }
  }
}
