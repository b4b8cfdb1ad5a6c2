import Model

// Cures for STARTTLS, handshakes and certificates.
extension Inquiry {
  func starttlsRemedy(_ verdict: Verdict) -> String {
    switch verdict.reason {
    case .starttlsStripped:
      return "Switch off the firewall's SMTP inspection (Cisco: \"inspect esmtp\"), or use "
        + "\(setting(port: 465, .implicit)), which cannot be masked."
    case .starttlsRefused where said("454", in: verdict):
      return "The server's certificate, key or OCSP file likely cannot be loaded: its log tells. "
        + "Meanwhile \(setting(port: 465, .implicit)) may work."
    case .starttlsRefused:
      return "Look at the server's log, and at firewalls that inspect SMTP on the way; "
        + "\(setting(port: 465, .implicit)) may work meanwhile."
    case .starttlsInjection:
      return
        "Do not trust this path: have the server (or the proxy in front of it) repaired so that it drops "
        + "what follows STARTTLS, or use \(setting(port: 465, .implicit))."
    default:
      if seen.target.port == 465 || seen.target.port == 2465 {
        return "Port \(seen.target.port) usually speaks TLS from the first byte: set `tls.mode: implicit`."
      }
      if seen.clearCapabilities.isEmpty {
        return
          "The server, or a firewall before it, does not know EHLO, and so can offer nothing: have it speak ESMTP, "
          + "or set `tls.mode: none` for a local relay."
      }
      return
        "Give the server a certificate and switch STARTTLS on, or use \(setting(port: 465, .implicit)); for "
        + "a local relay without TLS set `tls.mode: none`."
    }
  }

  func handshakeRemedy(_ verdict: Verdict) -> String {
    switch verdict.reason {
    case .tlsVersion:
      return "Have the server speak TLS 1.2 or newer; as a stopgap `tls.min_version` (now "
        + "\(seen.target.settings.tls.minVersion?.rawValue ?? "the system's")) can be lowered as far as "
        + "this system's policy allows."
    case .tlsWeakPeer:
      return
        "Have the server's weak part replaced (RSA of 2048 bits, SHA-256, larger DH group, RFC 5746 "
        + "renegotiation). `tls.insecure_skip_verify` does not mend this."
    case .tlsSni:
      return HostName.isAddress(seen.serverName)
        ? "Set `tls.server_name` to the name that the server knows: an address cannot be sent as a name."
        : "Set `tls.server_name` to a name that the server knows, or have the server learn "
          + "\(text(seen.serverName, limit: 100))."
    case .tlsClientCert:
      return seen.target.settings.tls.certFile == nil
        ? "Set `tls.cert_file` and `tls.key_file` to a client certificate that the server accepts."
        : "Check `tls.cert_file`: not expired, for client use, and signed by an authority that the server "
          + "trusts."
    case .tlsCorrupt:
      return
        "Something mangles the stream: a middlebox, a proxy that mixes clear text into TLS, or a broken "
        + "server. Compare with a probe from another network, and check `port` and `tls.mode`."
    case .tlsIntercepted:
      return
        "Exempt the monitor from the product that re-signs mail traffic, or, if that is wanted, set "
        + "`tls.ca_file` to its root certificate."
    case .tlsRejected where verdict.evidence.contains { $0.text == "server fault" }:
      return "The fault is the server's own: look at its log (key, certificate, memory). Nothing in `tls` "
        + "here changes it."
    default:
      return
        "Look at the server's log: no common cipher, a missing server certificate and an internal error all "
        + "look like this from here. Check `tls.min_version` and `tls.server_name`."
    }
  }

  func certificateRemedy(_ verdict: Verdict) -> String {
    switch verdict.reason {
    case .certExpired:
      return verdict.hints.contains(.clockSkew)
        ? "Set the clock of the monitor's host first: it and the server's differ. Then, if need be, renew "
          + "the certificate that `host` presents."
        : "Renew the certificate; if the file was renewed already, reload the mail server, which still "
          + "presents the old one. `cert_expiry_warning` gives notice ahead of time."
    case .certNotYetValid where verdict.hints.contains(.clockSkew):
      return "Set the clock of the monitor's host: it and the server's differ (see the evidence). "
        + "`tls.insecure_skip_verify` is no cure."
    case .certNotYetValid:
      return
        "Check the clock of the monitor's host (and the server's): a fresh certificate is valid from its "
        + "issue on. `tls.insecure_skip_verify` is no cure."
    case .certSelfSigned:
      return
        "Set `tls.ca_file` to this certificate to trust it and no other, or install one from an authority; "
        + "do not switch verification off."
    case .certUntrusted:
      return
        "Set `tls.ca_file` to the issuing authority's certificate if it is your own; otherwise bring the "
        + "system's CA certificates up to date."
    case .certChainIncomplete:
      return
        "Configure the server with the full chain (fullchain.pem, not cert.pem); as a stopgap `tls.ca_file` "
        + "can name the intermediate certificate."
    case .certNameMismatch: return nameRemedyForCertificate(verdict)
    case .certRevoked: return "Replace the certificate that `host` presents: its issuer has withdrawn it."
    case .daneMismatch:
      return
        "Publish the TLSA record of the certificate that `host` presents now; before the next key change "
        + "publish the new record first."
    case .policyViolation:
      return
        "Make the server meet its domain's policy (MTA-STS, REQUIRETLS): the MX name, a valid certificate "
        + "and STARTTLS; check `host` and `tls.server_name`."
    default:
      return "Have the certificate issued anew for a server (purpose, constraints and signature must fit); "
        + "`tls.ca_file` must name a certificate authority."
    }
  }

  private func nameRemedyForCertificate(_ verdict: Verdict) -> String {
    if verdict.hints.contains(.hijacked) {
      return
        "Likely the hoster or network redirects mail ports to a server of its own (cPanel: \"SMTP "
        + "restrictions\"): have that lifted; or `host` is an alias, then set `tls.server_name` to a name "
        + "of the certificate."
    }
    let names = seen.tls?.certificate?.names ?? []
    let usable = names.first {
      !$0.hasPrefix("*") && HostName.domain(of: $0) == HostName.domain(of: seen.serverName)
    }
    let named = usable ?? names.first { !$0.hasPrefix("*") }
    let choice = named.map { " such as \(text($0, limit: 100))" } ?? ""
    return
      "Set `host` to a name of the certificate\(choice), or `tls.server_name` if the server must be reached "
      + "by another; or have the certificate issued for \(text(seen.serverName, limit: 100)) too."
  }
}
