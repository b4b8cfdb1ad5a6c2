/// What was seen and what to do about it: for people, wherever a warning is shown.
extension Warning {
  /// What was seen, as a sentence.
  package var message: String {
    switch self {
    case .certCnOnly: "The certificate names the host in its common name only."
    case .quitUnclean: "The server closed the connection without an answer to QUIT, or with another than 221."
    case .slowAaaa:
      "The answer to the question for IPv6 addresses (AAAA) came much later than the one for IPv4, or never."
    case .bareLf: "The server ends lines with a bare line feed."
    case .starttlsAfterTls: "The server offers STARTTLS again inside TLS."
    case .daneBroken: "The TLSA records do not vouch for the certificate."
    case .mtaStsBroken: "The domain's MTA-STS policy does not hold."
    case .tlsRptBroken: "The domain does not say where reports about trouble with TLS go."
    case .ocspBroken:
      "The OCSP staple is missing though the certificate demands one, proves nothing or speaks against it."
    case .messageLost: "The last test message whose fate is known was accepted and did not arrive."
    case .mailboxUnreadable: "The mailbox where test messages arrive cannot be looked into."
    case .refreshTokenUnsaved:
      "The token endpoint replaced the refresh token, and its file cannot take the new one."
    }
  }

  /// What to change, in one or two sentences.
  package var remedy: String {
    switch self {
    case .certCnOnly:
      "Have the certificate issued with the host as a subject alternative name: stricter clients refuse this one."
    case .quitUnclean:
      "Mail passes all the same. Where it comes with every probe, look for a proxy, load balancer or filter that cuts "
        + "connections short: clients of some libraries take it for a failure after the message was accepted."
    case .slowAaaa:
      "Find the DNS server in `/etc/resolv.conf` that leaves questions for AAAA unanswered, and repair or replace it: "
        + "every new connection of this host waits for it. `ip: 4` asks for IPv4 alone."
    case .bareLf:
      "Let the server, or the filter before it, end lines with CR LF (RFC 5321 section 2.3.8): stricter clients refuse "
        + "these."
    case .starttlsAfterTls:
      "Let the server leave STARTTLS out of its EHLO reply inside TLS (RFC 3207 section 4.2): a client that takes the "
        + "offer fails."
    case .daneBroken:
      "Publish TLSA records that match the certificate in use and take away those that do not: senders that heed DANE "
        + "hold their mail back until then."
    case .mtaStsBroken:
      "Correct the TXT record at `_mta-sts.DOMAIN` or the policy at "
        + "`https://mta-sts.DOMAIN/.well-known/mta-sts.txt`, and change the record's id with it."
    case .tlsRptBroken:
      "Publish one TXT record at `_smtp._tls.DOMAIN`, such as `v=TLSRPTv1; rua=mailto:tls@DOMAIN`."
    case .ocspBroken:
      "Let the server fetch a fresh staple from its certificate's responder (or staple at all), and replace the "
        + "certificate if it was revoked."
    case .messageLost:
      "Follow the message through the server's log by its queue ID, then look into the mailbox's spam folder, filters "
        + "and quarantine."
    case .refreshTokenUnsaved:
      "Let the monitor write to `refresh_token_file` and its folder: no link, no read-only mount. Until then the new token "
        + "is in memory only, and a restart would ask with the old one, which may be refused."
    case .mailboxUnreadable: "Check the mailbox of `delivery`: its address, login, folder and certificate."
    }
  }
}
