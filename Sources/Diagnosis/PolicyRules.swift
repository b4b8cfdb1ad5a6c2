package import Model

/// A policy that has to hold, and does not: what a verdict says of it.
package struct PolicyBreach: Sendable, Equatable {
  package var reason: Reason
  package var message: String
  package var remedy: String
  package var evidence: [Evidence]
}

extension PolicyFacts {
  /// The first policy that a target requires and that does not hold, DANE before MTA-STS before reports.
  package func breach(for target: Target) -> PolicyBreach? {
    let (settings, endpoint) = (target.settings.policy, target.endpoint())
    if settings.dane == .require, let dane, dane.status != .valid { return dane.breach(endpoint) }
    if settings.mtaSTS == .require, let mtaSTS, mtaSTS.status != .valid { return mtaSTS.breach(endpoint) }
    if settings.tlsRPT == .require, let tlsRPT, tlsRPT.status != .valid { return tlsRPT.breach(endpoint) }
    return nil
  }

  /// What does not hold, whether or not it has to.
  package var warnings: Set<Warning> {
    var warnings: Set<Warning> = []
    if let dane, dane.status != .valid { warnings.insert(.daneBroken) }
    if let mtaSTS, mtaSTS.status != .valid { warnings.insert(.mtaStsBroken) }
    if let tlsRPT, tlsRPT.status != .valid { warnings.insert(.tlsRptBroken) }
    return warnings
  }
}

extension DANEFacts {
  fileprivate func breach(_ endpoint: String) -> PolicyBreach {
    PolicyBreach(
      reason: status.reason, message: "\(endpoint) fails DANE: \(Excerpt.cut(detail, to: 300)).",
      remedy: remedy,
      evidence: [Evidence(.dns, "\(name) TLSA: DNSSEC \(dnssec.rawValue)")]
        + records.prefix(8).map { record in
          let words = !record.isUsable ? "not usable" : record.matches ? "matches" : "does not match"
          return Evidence(.dns, "TLSA \(record.text): \(words)")
        })
  }

  private var remedy: String {
    switch status {
    case .valid: ""
    case .mismatch:
      "Publish the TLSA record of the certificate that `host` presents now, beside the old one until its time to "
        + "live is over; before the next key change publish the new record first."
    case .noRecords, .unusable:
      "Publish a TLSA record at \(name) such as `3 1 1` with the SHA-256 of the server's public key, or set "
        + "`policy.dane` to report."
    case .insecure:
      "Sign the zone; if it is signed, set `policy.resolver` to a validating resolver that the monitor can trust, "
        + "such as unbound on this host."
    case .unknown:
      "Look the record up at the same resolver (`policy.resolver`); an answer SERVFAIL often means signatures "
        + "that have expired."
    }
  }
}

extension DANEFacts.Status {
  fileprivate var reason: Reason {
    switch self {
    case .valid: .ok
    case .mismatch: .daneMismatch
    case .noRecords, .insecure, .unusable: .policyViolation
    case .unknown: .dnsFailure
    }
  }
}

extension MTASTSFacts {
  fileprivate func breach(_ endpoint: String) -> PolicyBreach {
    var evidence = [Evidence(.dns, "_mta-sts.\(domain) TXT: id \(id ?? "unknown")")]
    if let mode {
      let list = Excerpt.cut(mx.joined(separator: ", "), to: 200)
      evidence.append(Evidence(.check, "policy of \(domain): mode \(mode), mx \(list)"))
    }
    return PolicyBreach(
      reason: status == .unknown ? .dnsFailure : .policyViolation,
      message: "\(endpoint) fails the MTA-STS policy of \(domain): \(Excerpt.cut(detail, to: 300)).",
      remedy: remedy, evidence: evidence)
  }

  private var remedy: String {
    switch status {
    case .valid: ""
    case .noRecord, .badRecord:
      "Publish one TXT record at _mta-sts.\(domain): `v=STSv1; id=` with a new id at every change of the policy."
    case .unreachable:
      "Serve the policy at https://mta-sts.\(domain)/.well-known/mta-sts.txt with a certificate for that name and "
        + "without a redirect."
    case .badPolicy:
      "Correct the policy at https://mta-sts.\(domain)/.well-known/mta-sts.txt: version, mode, mx and max_age, a line "
        + "each."
    case .disabled: "Set the policy's mode to enforce or testing, or `policy.mta_sts` to report."
    case .hostNotCovered:
      "Add the host to the policy's mx, then change the record's id; or set `policy.domain`."
    case .serverUntrusted:
      "Give the server a certificate of a public authority for its name, and STARTTLS: senders that enforce the "
        + "policy deliver nothing."
    case .unknown: "Look up _mta-sts.\(domain) at the same resolver (`policy.resolver`)."
    }
  }
}

extension TLSRPTFacts {
  fileprivate func breach(_ endpoint: String) -> PolicyBreach {
    PolicyBreach(
      reason: status == .unknown ? .dnsFailure : .policyViolation,
      message: "\(domain) has no usable record for reports about TLS: \(Excerpt.cut(detail, to: 300)).",
      remedy: status == .unknown
        ? "Look up _smtp._tls.\(domain) at the same resolver (`policy.resolver`)."
        : "Publish one TXT record at _smtp._tls.\(domain): `v=TLSRPTv1; rua=mailto:` and an address.",
      evidence: [Evidence(.dns, "_smtp._tls.\(domain) TXT: \(status.rawValue)")])
  }
}
