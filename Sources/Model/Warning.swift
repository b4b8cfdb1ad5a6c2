/// Something odd that a good probe saw: no reason of its own, one series of `smtp_probe_warning`.
package enum Warning: String, CaseIterable, Sendable {
  /// The certificate names the host in its common name only; stricter clients refuse that.
  case certCnOnly = "cert_cn_only"
  /// The server closed without answering QUIT.
  case quitUnclean = "quit_unclean"
  /// The answer for IPv6 addresses came much later than the one for IPv4.
  case slowAaaa = "slow_aaaa"
  /// The server ends lines with a bare line feed.
  case bareLf = "bare_lf"
  /// STARTTLS is offered again inside TLS.
  case starttlsAfterTls = "starttls_after_tls"
}
