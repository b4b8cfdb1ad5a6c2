import Model

// Cures for logins.
extension Inquiry {
  func loginRemedy(_ verdict: Verdict) -> String {
    switch verdict.reason {
    case .authNotOffered:
      if !seen.isInTLS {
        return offersStarttls
          ? "Set `tls.mode: starttls`: most servers offer a login only inside TLS."
          : "Use \(setting(port: 587, .starttls)), or \(setting(port: 465, .implicit)): servers offer "
            + "logins there."
      }
      return seen.target.port == 25
        ? "Log in on \(setting(port: 587, .starttls)): port 25 is for mail between servers. Or remove `auth`."
        : "Switch logins on at the server (its SASL back end may be down), or remove `auth` from this target."
    case .authNeedsTls:
      if seen.isInTLS {
        return "Look at the server's log: the login came inside TLS. Check `tls.mode` and `port`."
      }
      if offersStarttls { return "Set `tls.mode: starttls`: the server offers it." }
      let isOurOwnRule = !verdict.evidence.contains { $0.kind == .reply }
      return "Use \(setting(port: 587, .starttls)), or \(setting(port: 465, .implicit))."
        + (isOurOwnRule ? " Only on a trusted path set `auth.allow_plaintext: true`." : "")
    case .authMechanism:
      return
        "Set `auth.mechanism` to one that the server offers, or `auto`; if it offers only what the monitor "
        + "does not know (NTLM, GSSAPI), have PLAIN or LOGIN inside TLS switched on."
    case .authRejected where seen.mechanism == .external:
      return
        "Check `tls.cert_file`, and `auth.username` against the name in the certificate: the server knows its "
        + "users by it."
    case .authRejected:
      let odd = oddPassword.map { "\($0.capitalizedFirst): write it anew. " } ?? ""
      return odd
        + "Check `auth.username` and `auth.password_file` (SMTP_USER, SMTP_PASSWORD). The monitor pauses "
        + "logins after two refusals so as not to lock the account."
    case .authAppPassword:
      return
        "Create an app password (or authorization code) in the account's security settings and put it into "
        + "`auth.password_file` (SMTP_PASSWORD)."
    case .authDisabled:
      return
        "Have the administrator switch SMTP AUTH on for this mailbox, or use OAuth: `auth.mechanism: "
        + "XOAUTH2` with `auth.token_file`."
    case .authToken:
      if case .grant? = seen.target.settings.auth?.proof { return grantRemedy }
      return
        "Renew the access token in `auth.token_file`: it has expired, or lacks the scope for SMTP, or "
        + "belongs to another user than `auth.username`."
    case .authTemporary:
      return
        "Look at the server's login back end (Dovecot, LDAP, database): it says that the trouble is "
        + "temporary. `interval` may need to be longer meanwhile."
    case .authServerUnverified:
      return
        "Do not send this password again before you know who answers: check `host`, `tls.server_name` and "
        + "`tls.insecure_skip_verify`, then `auth.password_file`."
    default:
      return seen.target.settings.auth == nil
        ? "Set `auth.username` and `auth.password_file` (SMTP_USER, SMTP_PASSWORD), or use a port where the "
          + "server takes mail from the monitor without a login."
        : "The login did not take hold: check `auth`, and that the server offers AUTH on this `port`."
    }
  }
}

extension String {
  /// For the start of a sentence.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
