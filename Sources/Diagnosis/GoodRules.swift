package import Model

/// What a finished probe came to, as far as its goodness is in question.
package struct GoodProbe: Sendable {
  package var target: Target
  package var duration: Duration
  package var certificate: CertificateFacts?
  /// The verdict on the first attempt, where it took more than one.
  package var recovered: Verdict?
  /// The reply that greylisted the recipient.
  package var greylisted: Verdict?
  package var now: Timestamp

  /// A finished probe; the rest is filled in where it is known.
  package init(target: Target, duration: Duration, now: Timestamp) {
    self.target = target
    self.duration = duration
    self.now = now
  }
}

/// Judges a probe that worked: `ok`, or the one thing a person should know. Greylisting comes first, then a
/// recovery, an expiring certificate, slowness.
package func verdict(for probe: GoodProbe) -> Verdict {
  // Only what is not plainly good needs words.
  var endpoint: String { probe.target.endpoint() }
  if var verdict = probe.greylisted {
    verdict.remedy = GoodRemedy.text(for: .greylisted)
    return verdict
  }
  if let first = probe.recovered {
    return good(
      .recoveredOnRetry,
      "\(endpoint) worked on the second attempt; the first failed at \(first.stage.slug): \(first.message)",
      evidence: [Evidence(.note, "first attempt: \(first.stage.slug) \(first.reason.slug)")] + first.evidence)
  }
  if let certificate = probe.certificate {
    let expiring = certificate.links.filter { link in
      link.notAfter - probe.now < link.warning(atMost: probe.target.settings.certExpiryWarning)
    }
    if let first = expiring.min(by: { $0.notAfter < $1.notAfter }) {
      let left = first.notAfter - probe.now
      let which = first.notAfter < certificate.notAfter ? "A certificate in the chain" : "The certificate"
      let end = first.notAfter.rfc3339.prefix(10)
      let when = left < .zero ? "ended \(left.spokenAtLength) ago" : "ends in \(left.spokenAtLength)"
      return good(
        .certExpiring, "\(which) of \(endpoint) \(when) (\(end)).",
        evidence: [Evidence(.certificate, "not after \(first.notAfter.rfc3339)")])
    }
  }
  if let limit = probe.target.settings.slowAfter, probe.duration > limit {
    return good(
      .slow, "\(endpoint) works but took \(probe.duration.spoken), longer than \(limit.spoken).",
      evidence: [Evidence(.note, "slow_after=\(limit.spoken)")])
  }
  return good(.ok, "")
}

/// The stage of a good verdict says nothing: a good probe has none.
private func good(_ reason: Reason, _ message: String, evidence: [Evidence] = []) -> Verdict {
  Verdict(
    stage: .quit, reason: reason, message: message, remedy: GoodRemedy.text(for: reason), evidence: evidence)
}

/// What to do about a probe that worked.
enum GoodRemedy {
  static func text(for reason: Reason) -> String {
    switch reason {
    case .slow:
      "Look at the phases for the one that takes long: `dns` and `banner` point to lookups, `auth` to the "
        + "login back end. `slow_after` sets the limit."
    case .certExpiring:
      "Renew the certificate and reload the mail server. `cert_expiry_warning` sets how early this is said."
    case .recoveredOnRetry:
      "Nothing if it is rare; if it comes often, look at the first attempt's failure. `retries` sets how "
        + "often the monitor tries."
    case .greylisted:
      "Nothing: the server works. For a plain result have the monitor's address exempted from greylisting, "
        + "and keep `envelope.from` and `envelope.to` as they are."
    default: ""
    }
  }
}
