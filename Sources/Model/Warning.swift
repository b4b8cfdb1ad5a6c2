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
  /// The TLSA records do not vouch for the certificate.
  case daneBroken = "dane_broken"
  /// The MTA-STS policy does not hold.
  case mtaStsBroken = "mta_sts_broken"
  /// Nobody can be told of trouble with TLS.
  case tlsRptBroken = "tls_rpt_broken"
  /// The OCSP staple speaks against the certificate or proves nothing, or is missing where the certificate demands one.
  case ocspBroken = "ocsp_broken"
  /// The last test message whose fate is known was accepted, and did not arrive.
  case messageLost = "message_lost"
  /// The mailbox where test messages arrive cannot be looked into.
  case mailboxUnreadable = "mailbox_unreadable"
  /// The token endpoint has replaced the refresh token, and its file cannot take the new one: a restart ends the logins.
  case refreshTokenUnsaved = "refresh_token_unsaved"
}
