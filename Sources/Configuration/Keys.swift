/// The names that a configuration may use, section by section.
enum Keys {
  static let top = [
    "modules", "targets", "target_files", "history", "probe", "limits", "network_check",
  ]
  static let module = [
    "timeout", "timeouts", "diagnosis", "tls", "ehlo", "ip", "retries", "retry_backoff", "auth", "envelope",
    "send", "expect", "slow_after", "cert_expiry_warning",
  ]
  /// A target's own; it may have any of a module's besides.
  static let target = ["name", "host", "port", "module", "interval", "group", "labels"]
  static let timeouts = ["dns", "connect", "tls", "banner", "reply", "message"]
  static let tls = [
    "mode", "min_version", "max_version", "ca_file", "server_name", "cert_file", "key_file",
    "insecure_skip_verify",
  ]
  static let auth =
    ["username"] + Mapping.passwords + ["mechanism", "token_file", "allow_plaintext"]
  static let envelope = ["from", "to"]
  static let send = ["from", "to", "every", "subject"]
  static let expect = ["banner", "capabilities", "reject"]
  static let history = ["results", "transcripts"]
  static let probe = ["allow"]
  static let limits = ["in_flight", "per_address"]

  /// The section that a name belongs to, for a person who put it elsewhere; nil for an unknown name.
  static func home(of name: String) -> String? {
    let homes = [
      ("tls", tls), ("auth", auth), ("timeouts", timeouts), ("expect", expect), ("send", send),
      ("history", history), ("probe", probe), ("limits", limits), ("modules", module), ("targets", target),
    ]
    return homes.first { $0.1.contains(name) }?.0
  }
}
