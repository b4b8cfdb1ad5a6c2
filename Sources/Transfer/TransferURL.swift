import CCurl

/// A URL taken apart as libcurl takes it apart.
struct TransferURL {
  let scheme: String
  /// Without brackets around an IPv6 address.
  let host: String
  let port: UInt16
  let hasCredentials: Bool
  /// For people: without credentials, query and fragment.
  let shown: String

  /// The whole of it, for the machine.
  let text: String

  /// Nil where it is no URL, not even seen from `base`.
  init?(_ text: String, from base: TransferURL? = nil) {
    guard !text.utf8.contains(0), let url = unsafe curl_url() else { return nil }
    defer { unsafe curl_url_cleanup(url) }
    for text in [base?.text, text].compactMap({ $0 }) {
      let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
      guard unsafe curl_url_set(url, CURLUPART_URL, text, flags) == CURLUE_OK else { return nil }
    }
    func part(_ part: CURLUPart, flags: UInt32 = 0) -> String? {
      var value: UnsafeMutablePointer<CChar>?
      guard unsafe curl_url_get(url, part, &value, flags) == CURLUE_OK, let value = unsafe value else {
        return nil
      }
      defer { unsafe curl_free(value) }
      return unsafe String(cString: value)
    }
    guard let whole = part(CURLUPART_URL), let scheme = part(CURLUPART_SCHEME),
      let host = part(CURLUPART_HOST), !host.isEmpty
    else { return nil }
    self.text = whole
    self.scheme = scheme.lowercased()
    self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
    port = part(CURLUPART_PORT, flags: UInt32(CURLU_DEFAULT_PORT)).flatMap { UInt16($0) } ?? 0
    hasCredentials = part(CURLUPART_USER) != nil || part(CURLUPART_PASSWORD) != nil
    let named = part(CURLUPART_PORT).map { ":\($0)" } ?? ""
    shown = readable("\(self.scheme)://\(host)\(named)\(part(CURLUPART_PATH) ?? "/")")
  }

  /// The part that decides who may see credentials (RFC 6454 section 4).
  var origin: String { "\(scheme)://\(host.lowercased()):\(port)" }
}

/// What strangers wrote, fit to be shown: printable, and not too long.
func readable(_ text: String) -> String {
  String(
    String.UnicodeScalarView(text.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(200)))
}
