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
      \(fact("Certificate", session.verified ? "passed every check" : "<strong>failed</strong>"))
      \(faults.isEmpty ? nil : fact("Faults", "<ul class=\"plain\">\(faults)</ul>"))
      """
  }

  private func facts(_ certificate: CertificateFacts) -> HTML {
    """
    \(fact("Good for", HTML.validity(of: certificate, at: now)))
    \(fact("Valid", "\(time(certificate.notBefore)) to \(time(certificate.notAfter))"))
    \(fact("Names", "<code>\(certificate.names.joined(separator: ", "))</code>"))
    \(fact("Subject", "<code>\(certificate.subject)</code>"))
    \(fact("Issuer", "<code>\(certificate.issuer)</code>"))
    \(fact("Serial", "<code>\(certificate.serial)</code>"))
    \(fact("SHA-256", "<code>\(certificate.fingerprintSHA256)</code>"))
    """
  }
}
