/// The cipher suites that the exporter-toolkit's files may name: those of Go's crypto/tls that it calls secure, and
/// the older ones with RSA key exchange that it called so once.
enum CipherSuiteName {
  private static let all: Set<String> = {
    var names: Set<String> = [
      "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
      "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ]
    for exchange in ["ECDHE_ECDSA", "ECDHE_RSA", "RSA"] {
      for cipher in ["AES_128_CBC_SHA", "AES_256_CBC_SHA", "AES_128_GCM_SHA256", "AES_256_GCM_SHA384"] {
        names.insert("TLS_\(exchange)_WITH_\(cipher)")
      }
    }
    return names
  }()

  /// The name, if it is one of them.
  static func check(_ name: String) throws(Complaint) -> String {
    guard all.contains(name) else {
      let cure = all.sorted().nearest(to: name).map { "did you mean '\($0)'?" }
      throw Complaint(
        "has the unknown cipher suite '\(shown(name))'", cure: cure ?? "use a name of Go's crypto/tls")
    }
    return name
  }
}
