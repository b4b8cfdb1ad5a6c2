/// When a conversation is encrypted. The raw values are those of the configuration.
package enum TLSMode: String, CaseIterable, Sendable {
  /// In clear first, then upgraded; required (RFC 3207).
  case starttls
  /// TLS from the first byte (RFC 8314).
  case implicit
  /// Upgraded where the server offers it.
  case opportunistic
  /// Never.
  case none
}

/// A version of TLS, in the configuration's spelling.
package enum TLSVersion: String, CaseIterable, Comparable, Sendable {
  case tls10 = "TLS10"
  case tls11 = "TLS11"
  case tls12 = "TLS12"
  case tls13 = "TLS13"

  package static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.rawValue < right.rawValue }
}
