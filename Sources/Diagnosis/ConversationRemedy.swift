import Model

// Cures for what happens between the greeting and the end of a message.
extension Inquiry {
  func greetingRemedy(_ verdict: Verdict) -> String {
    let port = seen.target.port
    switch verdict.reason {
    case .portSpeaksPlaintext where mode != .implicit:
      return
        "Something in front of the server answers STARTTLS in its place: look at the proxy or its log, or "
        + "use \(setting(port: 465, .implicit)) where the server has it."
    case .portSpeaksPlaintext:
      return port == 465
        ? "Set `tls.mode: starttls` for this port, or have the server speak TLS from the first byte on 465."
        : "Set `tls.mode: starttls`, or use \(setting(port: 465, .implicit))."
    case .portExpectsTls: return "Set `tls.mode: implicit`: this port speaks TLS from the first byte."
    case .notSmtp:
      let usual = MailPort.service(of: port).map { "\(port) is usually \($0)'s port. " } ?? ""
      return usual
        + "Set `port` to a mail port: \(setting(port: 587, .starttls)), or \(setting(port: 465, .implicit))."
    case .bannerRejected:
      return
        "The server does not want this client: have its operator allow the monitor's address, give the "
        + "address a PTR record, or use 587 with `auth`."
    default:
      if seen.isInTLS {
        return
          "TLS works, the mail server behind it says nothing: look at its log and at the proxy that ends "
          + "TLS; `timeouts.banner` bounds the wait."
      }
      if port == 25 {
        return "Likely the server hangs, is overloaded or greets late by design (greet delay): look at its "
          + "log, and raise `timeouts.banner`."
      }
      return MailPort.usualMode(of: port) == .implicit
        ? "Port \(port) usually speaks TLS from the first byte: set `tls.mode: implicit`."
        : verdict.hints.contains(.listenerWedged)
          ? "Likely the server hangs, is overloaded, waits for a PROXY header or greets late by design: look at its "
            + "log, and raise `timeouts.banner` if it greets late."
          : "Likely the port expects TLS at once (`tls.mode: implicit`), waits for a PROXY header, or the "
            + "server hangs or greets slowly: look at its log, and raise `timeouts.banner` if it greets late "
            + "by design."
    }
  }

  func conversationRemedy(_ verdict: Verdict) -> String {
    switch verdict.reason {
    case .serverBusy where verdict.hints.contains(.storageFull):
      return "The server is out of disk space: its operator must free some. Longer `interval`s do not help."
    case .serverBusy where verdict.hints.contains(.idleTimeoutInClear):
      return
        "The server hung up while it waited: shorten the probe (`timeout`), or look at its command timeout. "
        + "That it says so in clear inside TLS is a flaw of its TLS library."
    case .serverBusy where verdict.hints.contains(.proxyProtocol):
      return "Likely the server waits for a PROXY header from the load balancer before it: switch that off "
        + "on this `port`, or probe the load balancer's."
    case .serverBusy where said("cannot find your", in: verdict):
      return "Give the monitor's address a PTR record whose name resolves back to it, and set `ehlo` to "
        + "that name."
    case .serverBusy where said("tls 1.0", in: verdict):
      return "The server wants a newer TLS version than this session had: raise `tls.min_version`."
    case .serverBusy:
      return
        "Wait: the server says that it is temporary. If it lasts, look at its log and load, and raise "
        + "`interval`."
    case .rateLimited where verdict.stage == .auth:
      return "Log in less often: raise `interval`, and leave `auth` to few targets; more attempts prolong "
        + "the limit."
    case .rateLimited where said("connect", in: verdict):
      return
        "Connect less: lower `limits.per_address`, raise `interval`, and count who else connects from the monitor's "
        + "address; or ask the operator to exempt it."
    case .rateLimited:
      return
        "Probe less often: raise `interval` (and `send.every`), or ask the "
        + "operator to exempt the monitor's address."
    case .replyTimeout: return silenceRemedy(verdict)
    case .connClosed: return closedRemedy(verdict)
    case .badReply where verdict.hints.contains(.implicitTlsHere):
      return
        "The bytes look like TLS: likely the port speaks it from the first byte. Set `tls.mode: implicit`."
    case .badReply:
      return
        "Look at what answers on `port`: a proxy, a broken server, or another service. RFC 5321 section 4.2 "
        + "is the grammar of replies."
    case .ehloRejected:
      return
        "Set `ehlo` to a full domain name of the monitor's host that resolves, best to the monitor's "
        + "address; an underscore, `localhost` or a bare host name will not do."
    case .expectationFailed:
      return "Either the server changed, or `expect` is out of date: compare the two."
    default:
      if verdict.stage == .auth, said("525 ", in: verdict) {
        return
          "Likely the account takes logins from listed addresses only: add the monitor's, then check `auth`."
      }
      return
        "Read the server's words in the evidence, and its log; where they concern the monitor's settings, "
        + "see `\(stageKey(verdict.stage))`."
    }
  }

  /// The settings that a stage's command is made of.
  private func stageKey(_ stage: Stage) -> String {
    switch stage {
    case .auth: "auth"
    case .mail: "envelope.from"
    case .rcpt: "envelope.to"
    case .data, .message: "send"
    case .ehlo: "ehlo"
    default: "port"
    }
  }

  private func silenceRemedy(_ verdict: Verdict) -> String {
    switch verdict.stage {
    case .tls where verdict.hints.contains(.pmtu):
      return
        "Likely large packets get lost on the way (path MTU): check VPNs and overlay networks; "
        + "`timeouts.tls` bounds the wait."
    case .tls where verdict.hints.contains(.sni):
      return "The server warned that it does not know the name: check `tls.server_name`."
    case .tls:
      return mode == .implicit
        ? "Likely the port does not speak TLS from the first byte (`tls.mode: starttls`), or the server "
          + "behind a load balancer is dead; `timeouts.tls` bounds the wait."
        : "The server agreed to STARTTLS and then hung: look at its log; `timeouts.tls` bounds the wait."
    case .data, .message:
      let suspects =
        switch seen.unsentBytes {
        case nil: "at content filters, and at the path MTU if only larger messages hang"
        case 0: "at the server's content filters and queue, for the network has done its part"
        default: "at the path MTU (VPNs, overlay networks), and at why the server stops reading"
        }
      return "Look for the message at `send.to`; then \(suspects). `timeouts.message` bounds the wait."
    case .auth:
      return
        "Look at the server's login back end; servers delay refusals, so allow `timeouts.reply` 10 s at "
        + "least."
    default:
      return
        "Look at the server's log and load; a slow lookup of the monitor's name is a common cause. "
        + "`timeouts.reply` bounds the wait."
    }
  }

  private func closedRemedy(_ verdict: Verdict) -> String {
    switch verdict.stage {
    case .banner where verdict.hints.contains(.maybeBanned):
      return
        "Likely the server bans the monitor's address (fail2ban, access list, a limit of connections): its log tells. "
        + "A longer `interval` helps against limits."
    case .banner
    where verdict.evidence.contains { $0.kind == .check && $0.text.hasPrefix("a ClientHello got no TLS") }:
      return
        "Likely the server refuses the monitor's address (access list, fail2ban, a limit of connections), or wants a "
        + "PROXY header: its log tells. Check `host` and `port`."
    case .banner where !seen.isInTLS && mode != .implicit:
      return
        "Likely the port expects TLS at once (`tls.mode: implicit`), the server refuses the monitor's "
        + "address (access list, fail2ban), or wants a PROXY header: its log tells."
    case .banner:
      return
        "TLS works, the mail server behind it hangs up: look at its log, or try "
        + "\(setting(port: 587, .starttls))."
    case .tls:
      return
        "Likely the server dislikes the TLS version or the name (`tls.min_version`, `tls.server_name`), "
        + "limits connections, or something on the way cuts TLS: its log tells."
    case .auth:
      return
        "Look at the server's login back end, and do not retry too soon: some servers hang up after failed "
        + "logins. `auth` is what the monitor said."
    case .data, .message:
      return "Look for the message at `send.to` before you send again; then at the server's log."
    default:
      return
        "Look at the server's log: a crash, a limit, or a ban of the monitor's address. A longer `interval` "
        + "helps against limits."
    }
  }

  func messageRemedy(_ verdict: Verdict) -> String {
    let hints = verdict.hints
    switch verdict.reason {
    case .senderRejected:
      return
        "Set `envelope.from` (or `send.from`) to an address that this login may use and whose domain "
        + "exists: best `auth.username`'s own."
    case .recipientRejected where hints.contains(.relayDenied):
      return
        "The server relays only for those it knows: set `auth`, let its operator allow the monitor's "
        + "address, or set `envelope.to` (or `send.to`) to a mailbox of its own. Behind a proxy it may see "
        + "the proxy's address only."
    case .recipientRejected where hints.contains(.mailboxFull):
      return "Empty the mailbox of `envelope.to` (or `send.to`), or name another."
    case .recipientRejected:
      return "Set `envelope.to` (or `send.to`) to a mailbox that exists on this server."
    case .messageRejected where hints.contains(.tooBig):
      return "The server's limit is below the test message: raise it there, or shorten `send.subject`."
    case .messageRejected where hints.contains(.mailboxFull):
      return "Empty the mailbox of `send.to`, or name another."
    default:
      return
        "Read the server's words: a content filter, or SPF, DKIM and DMARC of the domain of `send.from`. An "
        + "exemption for the monitor's test message is the usual cure."
    }
  }
}
