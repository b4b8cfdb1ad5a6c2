import Model

// A certificate that its OCSP staple does not vouch for, where one is required.
extension Inquiry {
  /// A fault of the staple, not of the chain. Revocation is known by lists too: then the staple says nothing of it.
  func isStaple(_ fault: CertificateFault) -> Bool {
    fault.isOfRevocation && (fault.code != 23 || seen.tls?.staple?.status == .revoked)
  }

  /// Says what is wrong with the staple, and what mends it.
  func blameStaple(_ verdict: inout Verdict) {
    guard let staple = seen.tls?.staple else { return }
    verdict.message = sentence(staple)
    verdict.remedy = remedy(staple)
    let words = [
      "OCSP staple: \(staple.status.rawValue)", staple.thisUpdate.map { "this update \($0.rfc3339)" },
      staple.nextUpdate.map { "next update \($0.rfc3339)" },
    ]
    verdict.evidence.append(Evidence(.certificate, words.compactMap(\.self).joined(separator: ", ")))
  }

  private func sentence(_ staple: StapleFacts) -> String {
    let detail = text(staple.detail, limit: 160)
    return switch staple.status {
    case .good: "The certificate of \(endpoint) cannot be used."
    case .revoked: "The certificate of \(endpoint) is revoked, says its OCSP staple: \(detail)."
    case .unknown: "The OCSP staple of \(endpoint) does not vouch for its certificate: \(detail)."
    case .invalid: "The OCSP staple of \(endpoint) proves nothing: \(detail)."
    case .none where staple.isDemanded:
      "\(endpoint) sends no OCSP staple, though its certificate says that it always does (must-staple)."
    case .none: "\(endpoint) sends no OCSP staple, and `tls.ocsp` requires one."
    }
  }

  private func remedy(_ staple: StapleFacts) -> String {
    switch staple.status {
    case .good, .revoked: "Replace the certificate that `host` presents: its issuer has withdrawn it."
    case .unknown:
      "Ask the certificate's authority: its responder does not know it. Where the certificate is minutes old, wait; "
        + "`tls.ocsp: report` makes a warning of it."
    case .invalid where isOutOfDate(staple):
      "Have the server fetch a fresh staple: what renews it (for Exim the file of `tls_ocsp_file`) has stopped, or cannot "
        + "reach the responder. `tls.ocsp: report` makes a warning of it."
    case .invalid:
      "Have the server fetch the staple anew, for the certificate that it presents now and from the responder that the "
        + "certificate names; `tls.ca_file` must hold the authority above both. `tls.ocsp: report` makes a warning of it."
    case .none where staple.isDemanded:
      "Switch OCSP stapling on at the server (Exim: `tls_ocsp_file`), or have the certificate issued without "
        + "must-staple: Postfix and Dovecot cannot staple. `tls.ocsp: report` makes a warning of it."
    case .none:
      "Switch OCSP stapling on at the server (Exim: `tls_ocsp_file`; Postfix and Dovecot cannot staple), or set "
        + "`tls.ocsp: report`."
    }
  }

  private func isOutOfDate(_ staple: StapleFacts) -> Bool { staple.nextUpdate.map { $0 < seen.now } ?? false }
}
