import Model
import SMTP

/// The verdict in the light of what follow-up checks found. Where they decide nothing the symptom stays,
/// with what they found as evidence. A suggestion is made only where a check saw a greeting.
package func refine(_ symptom: Verdict, with findings: [Finding], observation: Observation) -> Verdict {
  guard !findings.isEmpty else { return symptom }
  // Of a target that works only an inspection is made.
  guard !symptom.outcome.isSuccess else { return inspected(symptom, with: findings, observation) }
  return Inquiry(observation).refined(symptom, with: findings)
}

/// The verdict on a target that works after its inspection; the good one, where nothing was found.
private func inspected(_ good: Verdict, with findings: [Finding], _ observation: Observation) -> Verdict {
  for case .commandCrossedTLS(let reply) in findings {
    let inquiry = Inquiry(observation)
    var verdict = inquiry.commandAcrossTLS(reply)
    verdict.evidence += findings.map { $0.evidence { inquiry.quote($0) } }
    return inquiry.completed(verdict)
  }
  return good
}

extension Inquiry {
  func refined(_ symptom: Verdict, with findings: [Finding]) -> Verdict {
    var verdict = symptom
    verdict.evidence.removeAll { $0.kind == .hint }
    verdict.evidence += findings.map { $0.evidence { quote($0) } }
    verdict.remedy = ""
    switch (symptom.stage, symptom.reason) {
    case (.dns, _): considerResolvers(&verdict, findings)
    case (.connect, _):
      considerAddresses(&verdict, findings)
      if verdict.reason == symptom.reason { considerSiblings(&verdict, findings) }
    case (.banner, _):
      considerTLS(&verdict, findings)
      considerService(&verdict, findings)
      considerProxy(&verdict, findings)
      if verdict.reason == symptom.reason { noteSiblings(&verdict, findings) }
    case (.starttls, .starttlsNotOffered): considerMask(&verdict, findings)
    case (.ehlo, .ehloRejected): considerNames(&verdict, findings)
    case (.tls, .portSpeaksPlaintext):
      considerUpgrade(&verdict, findings)
      noteSiblings(&verdict, findings)
    case (.tls, _):
      considerProxy(&verdict, findings)
      considerLadder(&verdict, findings)
      noteSiblings(&verdict, findings)
    default: break
    }
    verdict.outcome = verdict.reason.outcome
    return completed(verdict)
  }

  /// The port waits for TLS.
  private func considerTLS(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .implicitTLSGreeted(let facts, let greeting) in findings {
      if let greeting, Service.recognized(in: greeting) != .smtp || !greeting.isPositive {
        let refined = rejected(greeting, at: .banner)
        (verdict.stage, verdict.reason, verdict.message) = (refined.stage, refined.reason, refined.message)
        verdict.evidence += refined.evidence
        verdict.add(.implicitTlsHere)
        return
      }
      verdict.reason = .portExpectsTls
      verdict.hints.removeAll { $0 == .maybeBanned }
      verdict.message =
        "\(endpoint) expects TLS from the first byte: it sent no greeting in clear, answered a ClientHello "
        + (greeting.map { "and greeted inside TLS (\(quote($0)))." }
          ?? "(\(facts.version)), and then sent no greeting yet.")
      verdict.add(.implicitTlsHere)
      if greeting != nil { verdict.suggestion = Suggestion(port: seen.target.port, tlsMode: .implicit) }
      return
    }
  }

  /// Who says nothing by itself and answers a ClientHello in its own language is no mail server.
  private func considerService(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .clientHelloFailed(_, let heard) in findings {
      guard let service = Service.foreign(in: heard) else { continue }
      verdict.reason = .notSmtp
      verdict.hints = []
      verdict.message =
        "\(endpoint) is not a mail server: it said nothing by itself, and answered a ClientHello in "
        + "\(service.title) (\(quote(heard, limit: 60)))."
      verdict.evidence += [Evidence(.note, "service=\(service.rawValue)"), evidence(raw: heard)]
      return
    }
  }

  /// The port is the inside of a proxy.
  private func considerProxy(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .proxyHeaderGreeted(let greeting) in findings {
      verdict.message =
        "\(endpoint) greets (\(quote(greeting))) only after a PROXY header: it is made for the proxy in front of "
        + "it, not for mail clients."
      verdict.remedy =
        "Set `host` and `port` to the proxy's own, as mail clients use them, or `proxy_protocol: v2` to speak as the "
        + "proxy does; or switch the PROXY protocol off at this listener (Postfix: `smtpd_upstream_proxy_protocol`, `postscreen_upstream_proxy_protocol`)."
      verdict.add(.proxyProtocol)
    }
  }

  /// The port that TLS was spoken to upgrades when it is asked to.
  private func considerUpgrade(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .starttlsWorks in findings {
      verdict.suggestion = Suggestion(port: seen.target.port, tlsMode: .starttls)
      verdict.message += " Asked for STARTTLS, the same port came up with TLS."
      verdict.remedy = "Set `tls.mode: starttls`; the port is right."
    }
  }

  /// Another address of the host answers.
  private func considerAddresses(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .addressAnswered(let address, let family) in findings {
      let failed = Set(seen.attempts.filter { $0.failure != nil }.map(\.family))
      guard let broken = failed.first, failed.count == 1, broken != family else {
        verdict.message =
          "\(endpoint) has an address that does not accept connections, while another one (\(address)) does: "
          + "\(seen.attempts.map { "\($0.address): \(text($0.words, limit: 60))" }.joined(separator: "; "))."
        verdict.remedy =
          "Repair the host that does not answer, or take its address out of DNS; `ip: each` probes every "
          + "address of `host` on its own."
        return
      }
      verdict.reason = .ipFamilyBroken
      verdict.message =
        "\(name(of: broken)) to \(endpoint) fails (\(verdictWords(of: broken))), \(name(of: family)) works "
        + "(\(address))."
      return
    }
  }

  /// The same host answers on another port, or its silence says whose firewall it is.
  private func considerSiblings(_ verdict: inout Verdict, _ findings: [Finding]) {
    let filterable: Set<Int> = [25, 465, 587]
    let port = seen.target.port
    let silent = Set(
      findings.compactMap { finding -> Int? in
        if case .siblingSilent(let port) = finding { port } else { nil }
      })
    for case .siblingGreeted(let other, let mode, let greeting) in findings {
      guard greeting.isWelcome else { continue }
      verdict.suggestion = Suggestion(port: other, tlsMode: mode)
      verdict.add(sibling: other)
      let isFilter =
        verdict.reason == .connectTimeout && filterable.contains(port) && !filterable.contains(other)
        && !silent.intersection(filterable).isEmpty
      if isFilter {
        let ports = silent.intersection(filterable).union([port]).sorted().map(String.init).joined(
          separator: " and ")
        verdict.reason = .egressBlocked
        verdict.message =
          "Outgoing ports \(ports) seem filtered on the monitor's side: they do not answer at "
          + "\(text(seen.target.host, limit: 100)), while \(other) greets (\(quote(greeting)))."
      } else {
        let how = verdict.reason == .connectTimeout ? "does not answer" : "is closed"
        verdict.reason = .wrongPort
        verdict.message =
          "\(endpoint) \(how), but port \(other) on the same host speaks SMTP"
          + "\(mode == .implicit ? " inside TLS" : "") (\(quote(greeting)))."
      }
      verdict.remedy = "Set \(setting(port: other, mode))."
      return
    }
    if verdict.reason == .connectTimeout, let answering = findings.lazy.compactMap(answeringPort).first {
      verdict.message =
        "\(endpoint) does not answer, though the host itself does (port \(answering)): likely a firewall drops "
        + "what goes to port \(port), or the server there takes no more connections."
      // On port 25 a filter is so much likelier that the usual advice stands.
      guard port != 25 else { return }
      verdict.remedy =
        "Look whether the mail server hangs or is at its limit of connections, and whether a firewall or the "
        + "provider drops what goes to port \(port)."
    }
  }

  private func answeringPort(_ finding: Finding) -> Int? {
    switch finding {
    case .siblingRefused(let port), .siblingMute(let port): port
    default: nil
    }
  }

  /// A sibling that greets does not change what is wrong here, but it is a way out.
  private func noteSiblings(_ verdict: inout Verdict, _ findings: [Finding]) {
    if verdict.reason == .bannerTimeout,
      findings.contains(where: { if case .clientHelloFailed = $0 { true } else { false } })
    {
      verdict.message = verdict.message.dropLast() + ", nor did it answer in TLS."
      verdict.add(.listenerWedged)
    }
    for case .siblingGreeted(let other, let mode, let greeting) in findings
    where greeting.isWelcome {
      verdict.add(sibling: other)
      if verdict.suggestion == nil { verdict.suggestion = Suggestion(port: other, tlsMode: mode) }
      if verdict.remedy.isEmpty {
        verdict.remedy = remedy(for: verdict) + " Meanwhile \(setting(port: other, mode)) answers."
      }
    }
  }

  /// What is masked on one port cannot be on one that begins with TLS.
  private func considerMask(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .siblingGreeted(465, .implicit, let greeting) in findings where greeting.isWelcome {
      verdict.suggestion = Suggestion(port: 465, tlsMode: .implicit)
      verdict.add(.sibling465)
      guard isGreetingMasked || maskedKeyword != nil else { break }
      verdict.reason = .starttlsStripped
      verdict.message =
        "A firewall in front of \(endpoint) masks STARTTLS: the reply to EHLO is altered, while port 465 of "
        + "the same host greets inside TLS."
      return
    }
    noteSiblings(&verdict, findings)
  }

  /// Which knob of TLS makes the difference.
  private func considerLadder(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .ladder(let rung, .succeeded(let facts)) in findings {
      let isOld = ["TLSv1", "TLSv1.0", "TLSv1.1", "SSLv3"].contains(facts.version)
      switch rung {
      case .withoutServerName:
        verdict.reason = .tlsSni
        verdict.message =
          "\(endpoint) accepts the handshake only without a server name (SNI): it does not like "
          + "\"\(text(seen.serverName, limit: 100))\"."
        verdict.add(.sni)
      case .upToTLS12 where !isOld:
        verdict.reason = .tlsVersion
        if let least = seen.target.settings.tls.minVersion, least > .tls12 {
          verdict.message =
            "\(endpoint) speaks \(facts.version) at most, while this target asks for \(least.rawValue)."
          verdict.remedy = "Set `tls.min_version: TLS12`, or have the server speak TLS 1.3."
        } else {
          verdict.message =
            "\(endpoint) fails when TLS 1.3 is offered and works with at most TLS 1.2 (\(facts.version))."
          verdict.remedy =
            "Update the server or the middlebox that chokes on TLS 1.3; `tls.min_version` need not change."
        }
      default:
        verdict.add(.legacyTls)
        if isOld { verdict.reason = .tlsVersion }
        verdict.message =
          "\(endpoint) shakes hands only with outdated settings (\(facts.version), \(facts.cipher)): "
          + (isOld
            ? "it speaks no newer TLS version."
            : "its ciphers, keys or renegotiation are too weak for today's.")
      }
      return
    }
  }

  /// Each resolver's own words.
  private func considerResolvers(_ verdict: inout Verdict, _ findings: [Finding]) {
    let answers = findings.compactMap { finding -> (String, Finding.ResolverAnswer)? in
      if case .resolver(let address, let answer) = finding { (address, answer) } else { nil }
    }
    guard !answers.isEmpty, !answers.contains(where: { if case .addresses = $0.1 { true } else { false } })
    else { return }
    let host = text(seen.target.host, limit: 120)
    let isConfirmed = answers.contains {
      ($0.1 == .notFound && verdict.reason == .dnsNotFound)
        || ($0.1 == .noAddress && verdict.reason == .dnsNoAddress)
    }
    if isConfirmed { return }
    for case (let address, .refused(let words)) in answers {
      verdict.reason = .dnsFailure
      verdict.message = "Resolver \(address) did not say where \(host) is: \(clause(words))."
      return
    }
    if answers.contains(where: { $0.1 == .notFound }) {
      verdict.reason = .dnsNotFound
      verdict.message = "The name \(host) does not exist."
    } else if answers.contains(where: { $0.1 == .noAddress }) {
      verdict.reason = .dnsNoAddress
      verdict.message = "The name \(host) exists but has no address (neither A nor AAAA record)."
    } else if verdict.reason == .dnsFailure {
      verdict.message =
        "No resolver answered for \(host): asked were \(answers.map(\.0).joined(separator: ", "))."
    }
  }

  /// Another name in EHLO pleases.
  private func considerNames(_ verdict: inout Verdict, _ findings: [Finding]) {
    for case .nameAccepted(let name) in findings {
      verdict.remedy = "Set `ehlo: \(text(name, limit: 80))`, which the server accepts."
      return
    }
  }

  private func name(of family: AddressFamily) -> String { family == .ipv4 ? "IPv4" : "IPv6" }

  private func verdictWords(of family: AddressFamily) -> String {
    seen.attempts.first { $0.family == family && $0.failure != nil }
      .map { "\($0.address): \(text($0.words, limit: 80))" } ?? "no address connected"
  }
}

extension Verdict {
  /// Adds the hint for a port that answers.
  fileprivate mutating func add(sibling port: Int) {
    let hints: [Int: Hint] = [25: .sibling25, 465: .sibling465, 587: .sibling587, 2525: .sibling2525]
    if let hint = hints[port] { add(hint) }
  }
}
