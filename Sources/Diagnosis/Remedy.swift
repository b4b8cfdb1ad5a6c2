import Model

// What to change, in the keys of the configuration. One or two sentences; a cure that depends on a guess says
// so.
extension Inquiry {
  /// The cure for a verdict that has none of its own.
  func remedy(for verdict: Verdict) -> String {
    switch verdict.reason {
    case .ok: ""
    case .configInvalid, .configModePortConflict, .configCredentials, .configTlsMaterial:
      settingRemedy(verdict)
    case .localError: ownRemedy(verdict)
    case .localNetworkDown:
      "Look after the monitor's own network: every host of `network_check` is out of reach, so nothing can "
        + "be said of any target."
    case .dnsNotFound, .dnsNoAddress, .dnsFailure: nameRemedy(verdict)
    case .connectRefused, .connectTimeout, .connectUnreachable: connectRemedy(verdict)
    case .egressBlocked:
      "Outgoing port \(seen.target.port) is closed on the monitor's side: ask the network or cloud provider "
        + "to open it, or set `port` to one that gets through (587, 465 or 2525, where the server has them)."
    case .wrongPort: "Set `port` to the one that answers (SMTP_PORT in the environment)."
    case .ipFamilyBroken:
      "Repair the route of the family that fails, or set `ip: 4` (or `ip: 6`) to probe the one that works."
    case .bannerTimeout, .bannerRejected, .portExpectsTls, .portSpeaksPlaintext, .notSmtp:
      greetingRemedy(verdict)
    case .blocklisted:
      "Ask the blocklist that the reply names to delist the monitor's address, or send through a relay on "
        + "587 with `auth`; if the server's own lookup is at fault (\"open resolver\"), its operator must "
        + "repair that."
    case .serverBusy, .rateLimited, .replyTimeout, .connClosed, .badReply, .commandRejected, .ehloRejected,
      .expectationFailed:
      conversationRemedy(verdict)
    case .starttlsNotOffered, .starttlsStripped, .starttlsRefused, .starttlsInjection: starttlsRemedy(verdict)
    case .tlsVersion, .tlsRejected, .tlsWeakPeer, .tlsSni, .tlsClientCert, .tlsCorrupt, .tlsIntercepted:
      handshakeRemedy(verdict)
    case .certExpired, .certNotYetValid, .certSelfSigned, .certUntrusted, .certChainIncomplete,
      .certNameMismatch,
      .certRevoked, .certUnusable, .daneMismatch, .policyViolation:
      certificateRemedy(verdict)
    case .authNotOffered, .authNeedsTls, .authMechanism, .authRejected, .authAppPassword, .authDisabled,
      .authToken,
      .authTemporary, .authRequired, .authServerUnverified:
      loginRemedy(verdict)
    case .senderRejected, .recipientRejected, .messageRejected: messageRemedy(verdict)
    case .slow, .certExpiring, .recoveredOnRetry, .greylisted: GoodRemedy.text(for: verdict.reason)
    }
  }

  /// The server's reply holds these words (in lower case).
  func said(_ words: String, in verdict: Verdict) -> Bool {
    verdict.evidence.contains { $0.kind == .reply && $0.text.lowercased().contains(words) }
  }

  /// A port and a mode as settings.
  func setting(port: Int, _ mode: TLSMode) -> String {
    "`port: \(port)` with `tls.mode: \(mode.rawValue)` (SMTP_PORT=\(port))"
  }

  private func settingRemedy(_ verdict: Verdict) -> String {
    switch verdict.reason {
    case .configModePortConflict:
      "Port 465 expects TLS from the first byte (`tls.mode: implicit`); 587, 25 and 2525 begin in clear and "
        + "upgrade (`tls.mode: starttls`). Make `port` and `tls.mode` agree."
    case .configCredentials:
      "Write the secret anew into `auth.password_file` (without a line end or quotation marks) or into the "
        + "variable that `auth.password_env` names (SMTP_PASSWORD)."
    case .configTlsMaterial where seen.tls?.faults.isEmpty == false:
      "Renew the revocation list of `tls.crl_file`: it is out of date, or lacks this issuer."
    case .configTlsMaterial:
      "Check that `tls.ca_file`, `tls.cert_file` and `tls.key_file` exist, are readable PEM, and belong "
        + "together, and that `tls.crl_file` holds revocation lists in PEM."
    default: invalidRemedy
    }
  }

  /// What to do about a setting that turned out to be unusable only when it was used.
  private var invalidRemedy: String {
    switch seen.fault {
    case .name(.nowhere):
      "Take the name out of the hosts file or the blocking resolver of the monitor's host, or set `host` "
        + "(SMTP_SERVER) to the address that is meant."
    case .name:
      "Correct `host` (SMTP_SERVER): it is a bare name or address, without scheme, port, blanks or quotation marks."
    default:
      "Correct the setting that the message names: `host` is a bare name or address (no scheme, port or "
        + "quotation marks), `ehlo` is a full domain name (no underscore)."
    }
  }

  private func ownRemedy(_ verdict: Verdict) -> String {
    verdict.stage == .internal
      ? "Look at the monitor's own host: free descriptors (`ulimit -n`, `limits.in_flight`), memory, its "
        + "firewall and its log. The target is not to blame."
      : "This is likely a fault of the monitor, or of a proxy that speaks before the greeting: please "
        + "report it with the transcript. Until then `diagnosis: passive` and `retries: 0` keep it quieter."
  }

  private func nameRemedy(_ verdict: Verdict) -> String {
    switch verdict.reason {
    case .dnsNotFound:
      if let meant = Providers.nameMeant(by: seen.target.host) {
        return "Correct `host` (SMTP_SERVER): likely \(meant) was meant."
      }
      return "Correct `host` (SMTP_SERVER), or create the DNS record that is missing."
    case .dnsNoAddress where seen.target.mailDomain != nil:
      return "Probe a domain that takes mail, or take the null MX record away if this one should."
    case .dnsNoAddress:
      return seen.target.settings.addresses == .any || seen.target.settings.addresses == .each
        ? "Correct `host` (SMTP_SERVER) - a mail domain is not its mail server; `mx:DOMAIN` probes those - "
          + "or add an A or AAAA record."
        : "Set `ip: any`, or add the record of the family that `ip` asks for."
    default:
      return
        "Check the resolver of the monitor's host (/etc/resolv.conf; in a container its DNS setting), and "
        + "whether the zone of `host` is healthy. `timeouts.dns` bounds the wait."
    }
  }

  /// A check found nobody at a port.
  private func isDead(_ evidence: Evidence, port: Int) -> Bool {
    evidence.kind == .check
      && ["refuses connections", "does not answer"].contains {
        evidence.text == "port \(port) of the same address \($0)"
      }
  }

  private func connectRemedy(_ verdict: Verdict) -> String {
    let port = seen.target.port
    if let meant = MailPort.meant(by: port) {
      if verdict.evidence.contains(where: { isDead($0, port: meant) }) {
        return
          "\(port) is not a mail port - did you mean \(meant)? There nothing answers either: check `host` "
          + "(SMTP_SERVER), and that the mail server runs."
      }
      return "\(port) is not a mail port - did you mean \(meant)? Set "
        + setting(port: meant, MailPort.usualMode(of: meant) ?? mode) + "."
    }
    if let service = MailPort.service(of: port) {
      return "\(port) is usually \(service)'s port. Set \(setting(port: 587, .starttls)), or "
        + "\(setting(port: 465, .implicit))."
    }
    switch verdict.reason {
    case .connectRefused:
      return
        "Check `host` and `port`, that the mail server runs and listens on that address, and that no "
        + "firewall rejects the monitor. Usual are 587 (`tls.mode: starttls`) and 465 (`tls.mode: implicit`)."
    case .connectTimeout where port == 25:
      return "Likely outgoing port 25 is filtered: many clouds and access providers do. Submit on "
        + "\(setting(port: 587, .starttls)), or ask the provider to open 25."
    case .connectTimeout:
      return
        "Likely a firewall drops the packets, here or at the server, or the host is down: check `host` and "
        + "`port`, and whether the provider blocks outgoing \(port) (some block 25, 465 and 587; 2525 often "
        + "gets through)."
    default:
      return
        "A router or firewall refuses the way: check the routes of the monitor's host, and `ip` where only "
        + "one family of addresses has a route."
    }
  }
}
