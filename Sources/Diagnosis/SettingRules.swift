import Model
import SMTP

// Faults that the prober itself establishes: settings, extensions that are missing, expectations.
extension Inquiry {
  /// The configuration cannot be used.
  func unusable(_ reason: Reason, _ sentence: String) -> Verdict {
    Verdict(.config, reason, text(sentence))
  }

  /// The monitor's own trouble.
  func ownTrouble(_ words: String) -> Verdict {
    Verdict(
      .internal, .localError,
      "The monitor itself failed while it probed \(endpoint): \(clause(words)).",
      evidence: [Evidence(.note, text(words))])
  }

  /// STARTTLS is required and not on the list. A firewall's masks over greeting and keyword prove who took
  /// it.
  func starttlsNotOffered() -> Verdict {
    let offered = text(seen.clearCapabilities.joined(separator: ", "))
    var evidence = [
      Evidence(
        .note, offered.isEmpty ? "EHLO offers nothing (or only HELO worked)" : "EHLO offers: \(offered)")
    ]
    if isGreetingMasked, let greeting = seen.greeting { evidence.append(self.evidence(greeting)) }
    if let keyword = maskedKeyword {
      evidence.append(Evidence(.note, "masked keyword: \(text(keyword, limit: 40))"))
    }
    if isGreetingMasked, let keyword = maskedKeyword {
      return Verdict(
        .starttls, .starttlsStripped,
        "A firewall in front of \(endpoint) masks STARTTLS: the greeting reads \"***\" and a keyword "
          + "\"\(text(keyword, limit: 40))\".",
        evidence: evidence)
    }
    return Verdict(
      .starttls, .starttlsNotOffered, "\(endpoint) does not offer STARTTLS, and this target requires it.",
      evidence: evidence)
  }

  /// Bytes in clear behind the reply to STARTTLS: carried over, they would pass for part of the TLS session.
  func plaintextAcrossTLS(_ bytes: [UInt8]) -> Verdict {
    Verdict(
      .starttls, .starttlsInjection,
      "\(endpoint) sent more clear text behind its reply to STARTTLS (\(quote(bytes, limit: 60))): "
        + "somebody on the way could slip in replies.",
      evidence: [evidence(raw: bytes)])
  }

  /// A command in clear behind STARTTLS, answered inside TLS: what somebody on the way slips in counts as the
  /// client's (CVE-2011-0411).
  func commandAcrossTLS(_ reply: Reply) -> Verdict {
    Verdict(
      .starttls, .starttlsInjection,
      "\(endpoint) takes commands that were sent in clear for part of the TLS session: somebody on the way can "
        + "slip some in (CVE-2011-0411).",
      evidence: [evidence(reply)])
  }

  /// No AUTH on the list that counts.
  func authNotOffered() -> Verdict {
    let list = seen.isInTLS ? seen.securedCapabilities : seen.clearCapabilities
    let offered = text(list.joined(separator: ", "))
    var evidence = [Evidence(.note, "EHLO offers: \(offered.isEmpty ? "nothing" : offered)")]
    if seen.isInTLS, seen.clearCapabilities.contains(where: { $0.uppercased().hasPrefix("AUTH") }) {
      evidence.append(Evidence(.note, "AUTH was offered in clear, before TLS, and is not any more"))
    }
    return Verdict(
      .auth, .authNotOffered,
      "\(endpoint) offers no login (AUTH) \(seen.isInTLS ? "inside TLS" : "in clear").", evidence: evidence)
  }

  /// A password is not sent in clear.
  func authWithoutTLS() -> Verdict {
    Verdict(
      .auth, .authNeedsTls,
      "A login at \(endpoint) is configured, but the conversation is not encrypted: the monitor kept the "
        + "password back.",
      evidence: [
        Evidence(.note, offersStarttls ? "the server offers STARTTLS" : "the server does not offer STARTTLS")
      ])
  }

  /// No mechanism in common.
  func noCommonMechanism(offered: [String], wanted: [String]) -> Verdict {
    let (theirs, ours) = (
      text(offered.joined(separator: ", "), limit: 120), text(wanted.joined(separator: ", "), limit: 120)
    )
    return Verdict(
      .auth, .authMechanism,
      "\(endpoint) and this target have no login mechanism in common: "
        + "the server offers \(theirs.isEmpty ? "none" : theirs), the monitor would use \(ours).",
      evidence: [Evidence(.note, "offered: \(theirs)"), Evidence(.note, "wanted: \(ours)")])
  }

  /// SCRAM proves both sides (RFC 5802); this server failed.
  func serverUnverified(_ words: String) -> Verdict {
    Verdict(
      .auth, .authServerUnverified,
      "\(endpoint) could not prove that it knows the password: \(clause(words)).",
      evidence: [Evidence(.note, text(words))])
  }

  /// The configuration expected something else.
  func unexpected(wanted: String, saw: String) -> Verdict {
    let (wanted, saw) = (text(wanted, limit: 120), text(saw, limit: 120))
    return Verdict(
      seen.stage, .expectationFailed,
      "\(endpoint) did not meet an expectation: wanted \(wanted), saw \(saw.isEmpty ? "nothing" : saw).",
      evidence: [Evidence(.note, "wanted: \(wanted)"), Evidence(.note, "saw: \(saw)")])
  }
}
