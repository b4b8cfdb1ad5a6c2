/// The names that a web configuration may use, section by section.
enum WebKeys {
  static let top = ["tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"]
  static let tls = [
    "cert", "key", "client_ca", "cert_file", "key_file", "client_ca_file", "client_auth_type",
    "client_allowed_sans", "min_version", "max_version", "cipher_suites", "prefer_server_cipher_suites",
    "curve_preferences",
  ]
  static let http = ["http2", "headers"]
  static let headers = [
    "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "X-XSS-Protection",
    "Content-Security-Policy",
  ]
  static let rateLimit = ["interval", "burst"]

  /// The section that a name belongs to, for a person who put it elsewhere; nil for an unknown name.
  static func home(of name: String) -> String? {
    let homes = [
      ("tls_server_config", tls), ("http_server_config", http), ("headers", headers),
      ("rate_limit", rateLimit),
    ]
    return homes.first { $0.1.contains(name) }?.0
  }
}
