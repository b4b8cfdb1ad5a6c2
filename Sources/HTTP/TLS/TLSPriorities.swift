/// Versions, ciphers and groups in GnuTLS's words.
struct TLSPriorities {
  private let settings: TLSServerSettings

  init(_ settings: TLSServerSettings) { self.settings = settings }

  /// The priority string.
  var text: String {
    var words = ["NORMAL", "-VERS-ALL"]
    words += versions.map { "+VERS-\($0)" }
    if !settings.groups.isEmpty {
      words.append("-GROUP-ALL")
      words += settings.groups.map { "+GROUP-\(Self.name(of: $0))" }
    }
    if !settings.ciphers.isEmpty {
      let suites = settings.ciphers.compactMap(Suite.init)
      // TLS 1.3 has ciphers of its own, which no list of suites changes.
      let newest = settings.maxVersion == .tls13 ? ["AES-128-GCM", "AES-256-GCM", "CHACHA20-POLY1305"] : []
      words += ["-KX-ALL", "-CIPHER-ALL", "-MAC-ALL"]
      words += Self.once(suites.map(\.exchange) + (newest.isEmpty ? [] : ["ECDHE-RSA", "ECDHE-ECDSA"]))
      words += Self.once(suites.map(\.cipher) + newest)
      words += Self.once(suites.map(\.mac) + (newest.isEmpty ? [] : ["AEAD"]))
    }
    if settings.prefersServerOrder || !settings.ciphers.isEmpty { words.append("%SERVER_PRECEDENCE") }
    return words.joined(separator: ":")
  }

  /// What TLS 1.2 and before may come to, as key exchange and cipher in the library's words; empty: anything. The
  /// priority string names the two apart, so that it allows suites that nobody listed.
  var allowedSuites: Set<String> {
    Set(settings.ciphers.compactMap { Suite($0).map { "\($0.exchange) \($0.cipher)" } })
  }

  private var versions: [String] {
    let names: [(TLSServerSettings.Version, String)] = [
      (.tls13, "TLS1.3"), (.tls12, "TLS1.2"), (.tls11, "TLS1.1"), (.tls10, "TLS1.0"),
    ]
    return names.filter { settings.minVersion <= $0.0 && $0.0 <= settings.maxVersion }.map(\.1)
  }

  private static func name(of group: TLSServerSettings.Group) -> String {
    switch group {
    case .p256: "SECP256R1"
    case .p384: "SECP384R1"
    case .p521: "SECP521R1"
    case .x25519: "X25519"
    }
  }

  private static func once(_ words: [String]) -> [String] {
    var seen: Set<String> = []
    return words.filter { seen.insert($0).inserted }.map { "+\($0)" }
  }
}

/// A suite of TLS 1.2 or before.
private struct Suite {
  /// Such as `ECDHE-RSA`.
  let exchange: String
  /// Such as `AES-128-GCM`.
  let cipher: String
  let mac: String

  /// Reads an IANA name such as `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256`; nil for those of TLS 1.3.
  init?(_ text: String) {
    guard text.hasPrefix("TLS_"), let with = text.firstRange(of: "_WITH_") else { return nil }
    exchange = Self.dashed(text[text.index(text.startIndex, offsetBy: 4)..<with.lowerBound])
    let rest = text[with.upperBound...]
    guard let last = rest.lastIndex(of: "_") else { return nil }
    cipher = rest.contains("POLY1305") ? "CHACHA20-POLY1305" : Self.dashed(rest[..<last])
    mac = rest.hasSuffix("_CBC_SHA") ? "SHA1" : "AEAD"
  }

  private static func dashed(_ text: Substring) -> String { String(text.replacing("_", with: "-")) }
}
