/// The names that a configuration may use, section by section.
enum Keys {
  static let top = [
    "modules", "targets", "target_files", "target_urls", "history", "probe", "limits", "network_check",
    "metrics",
  ]
  static let module = [
    "timeout", "timeouts", "diagnosis", "checks", "tls", "ehlo", "ip", "rollup", "source_address",
    "proxy_protocol", "protocol", "retries", "retry_backoff", "auth", "envelope",
    "send", "delivery", "expect", "slow_after", "cert_expiry_warning", "policy",
  ]
  /// A target's own; it may have any of a module's besides.
  static let target = ["name", "host", "port", "module", "interval", "group", "labels"]
  static let timeouts = ["dns", "connect", "tls", "banner", "reply", "message"]
  static let tls = [
    "mode", "min_version", "max_version", "ca_file", "ca_dir", "crl_file", "ciphers", "server_name",
    "cert_file", "key_file",
    "insecure_skip_verify", "ocsp",
  ]
  static let auth =
    ["username"] + Mapping.passwords + ["mechanism", "token_file", "oauth2", "allow_plaintext"]
  static let oauth2 = [
    "token_url", "grant", "client_id", "client_secret_file", "client_secret_env", "client_auth",
    "refresh_token_file", "scopes", "ca_file",
  ]
  static let envelope = ["from", "to"]
  static let send = ["from", "to", "every", "max_per_day", "subject", "chunking"]
  static let delivery = [
    "imap", "maildir", "lmtp_listen", "late_after", "lost_after", "poll_interval", "key_file",
  ]
  static let imap =
    ["host", "port", "username"] + Mapping.proofs + ["tls", "ca_file", "folders"]
  static let expect = ["banner", "capabilities", "reject"]
  static let targetURL = ["name", "url", "interval", "timeout", "ca_file", "auth"]
  static let urlProofs = Mapping.passwords + ["token_file"]
  static let urlAuth = ["username"] + urlProofs
  static let policy = ["dane", "mta_sts", "tls_rpt", "domain", "resolver", "ca_file"]
  static let history = ["results", "transcripts"]
  static let probe = ["allow"]
  static let limits = ["in_flight", "per_address"]
  static let metrics = ["collect"]

  /// The section that a name belongs to, for a person who put it elsewhere; nil for an unknown name.
  static func home(of name: String) -> String? {
    let homes = [
      ("tls", tls), ("auth", auth), ("auth.oauth2", oauth2.filter { $0 != "ca_file" }),
      ("timeouts", timeouts), ("expect", expect), ("send", send),
      ("policy", policy),
      ("history", history), ("probe", probe), ("limits", limits), ("metrics", metrics), ("modules", module),
      ("targets", target),
    ]
    return homes.first { $0.1.contains(name) }?.0
  }
}
