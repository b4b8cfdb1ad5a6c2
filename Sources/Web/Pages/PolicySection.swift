import Model

/// What the domain publishes about the server, and whether the last probe saw it kept.
struct PolicySection {
  var policy: PolicyFacts
  var now: Timestamp

  /// The section.
  var html: HTML {
    """
    <h2>Policy</h2>
    <dl class="facts">
    \(policy.dane.map(facts))\(policy.mtaSTS.map(facts))\(policy.tlsRPT.map(facts))
    </dl>
    """
  }

  private func facts(_ dane: DANEFacts) -> HTML {
    let records = dane.records.map { record -> HTML in
      let words = !record.isUsable ? "not usable" : record.matches ? "matches" : "does not match"
      return "<li><code>\(record.text)</code> \(words)</li>"
    }
    return """
      \(fact("DANE", verdict(dane.status == .valid, dane.detail)))
      \(fact("DNSSEC", "\(dane.dnssec.rawValue)"))
      \(records.isEmpty ? nil : fact("TLSA records", "<ul class=\"plain\">\(records)</ul>"))
      \(fact("Next key", dane.isRolloverReady ? "a record is there" : "no record yet"))
      """
  }

  private func facts(_ policy: MTASTSFacts) -> HTML {
    """
    \(fact("MTA-STS of \(policy.domain)", verdict(policy.status == .valid, policy.detail)))
    \(policy.mode.map { fact("Mode", "\($0)") })
    \(policy.id.map { fact("Policy", "<code>id=\($0)</code>") })
    \(policy.mx.isEmpty ? nil : fact("Covers", "<code>\(policy.mx.joined(separator: ", "))</code>"))
    \(policy.maxAge.map { fact("Kept for", "\(Wording.span($0))") })
    \(policy.fetchedAt.map { fact("Fetched", "\(Wording.span(now - $0)) ago") })
    \(policy.certificateExpiry.map { fact("Policy host's certificate", "good until \(Wording.moment($0))") })
    """
  }

  private func facts(_ record: TLSRPTFacts) -> HTML {
    """
    \(fact("TLS reports of \(record.domain)", verdict(record.status == .valid, record.detail)))
    \(record.reportsTo.isEmpty ? nil : fact("Go to", "<code>\(record.reportsTo.joined(separator: ", "))</code>"))
    """
  }

  private func verdict(_ isValid: Bool, _ detail: String) -> HTML {
    isValid ? "holds" : "<strong>does not hold</strong>: \(detail)"
  }
}
