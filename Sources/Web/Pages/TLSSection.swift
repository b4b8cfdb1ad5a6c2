import Model

/// The TLS session of the last probe, and the last certificate seen.
struct TLSSection {
  var session: TLSFacts?
  var certificate: CertificateFacts?
  var now: Timestamp

  /// The section; nothing where there was no TLS.
  var html: HTML? {
    guard session != nil || certificate != nil else { return nil }
    return """
      <h2>TLS</h2>
      <dl class="facts">
      \(session.map(facts))\(certificate.map(facts))
      </dl>
      """
  }

  private func facts(_ session: TLSFacts) -> HTML {
    let faults = session.faults.map { fault -> HTML in "<li>\(fault.text) (at depth \(fault.depth))</li>" }
    return """
      \(fact("Version", "\(session.version)"))
      \(fact("Cipher", "<code>\(session.cipher)</code>"))
      \(session.group.map { fact("Key exchange", "<code>\($0)</code>") })
      \(fact("Certificate", session.verified ? "passed every check" : "<strong>failed</strong>"))
      \(faults.isEmpty ? nil : fact("Faults", "<ul class=\"plain\">\(faults)</ul>"))
      \(session.staple.map { fact("OCSP staple", words($0)) })
      """
  }

  private func words(_ staple: StapleFacts) -> HTML {
    let until = staple.nextUpdate.map { end -> HTML in ", until \(time(end))" }
    guard staple.status != .good else { return "good\(until)" }
    return staple.isBroken ? "<strong>\(staple.status.rawValue)</strong>: \(staple.detail)" : "none"
  }

  private func chain(_ links: [ChainLink]) -> HTML {
    let links = links.dropFirst().map { link -> HTML in
      "<li><code>\(link.subject)</code> until \(time(link.notAfter))</li>"
    }
    return "<ul class=\"plain\">\(links)</ul>"
  }

  private func facts(_ certificate: CertificateFacts) -> HTML {
    """
    \(fact("Good for", HTML.validity(of: certificate, at: now)))
    \(fact("Valid", "\(time(certificate.notBefore)) to \(time(certificate.notAfter))"))
    \(fact("Names", "<code>\(certificate.names.joined(separator: ", "))</code>"))
    \(fact("Subject", "<code>\(certificate.subject)</code>"))
    \(fact("Issuer", "<code>\(certificate.issuer)</code>"))
    \(certificate.key.map { fact("Key", "\($0.algorithm), \($0.bits) bits") })
    \(certificate.signatureAlgorithm.map { fact("Signed with", "<code>\($0)</code>") })
    \(certificate.chain.count > 1 ? fact("Sent along", chain(certificate.chain)) : nil)
    \(fact("Serial", "<code>\(certificate.serial)</code>"))
    \(fact("SHA-256", "<code>\(certificate.fingerprintSHA256)</code>"))
    """
  }
}
