import Model

// From the faults of a chain to one reason. Several faults often come together: the one that tells most
// counts, the rest are evidence.
extension Inquiry {
  /// The verdict on a certificate that does not pass.
  func distrusted(_ faults: [CertificateFault]) -> Verdict {
    let certificate = seen.tls?.certificate
    let ranked = faults.map { ($0, certificateReason($0)) }
    guard let (fault, found) = ranked.min(by: { Self.rank($0.1) < Self.rank($1.1) }) else {
      return Verdict(.tls, .certUnusable, "The certificate of \(endpoint) does not pass verification.")
    }
    let product = Self.untrustedReasons.contains(found) ? interceptor : nil
    let reason = product == nil ? found : .tlsIntercepted
    var verdict = Verdict(
      stage(of: reason), reason, sentence(reason, fault, product),
      evidence: [Evidence(.certificate, certificate.map(describe) ?? "no certificate was kept")])
    verdict.evidence += faults.map {
      Evidence(.openssl, "verify \($0.code) at depth \($0.depth): \(text($0.text, limit: 120))")
    }
    if isStaple(fault) { blameStaple(&verdict) }
    considerClock(&verdict)
    considerHijack(&verdict)
    return verdict
  }

  /// The reason of one fault, by OpenSSL's X509_V_ERR numbers.
  func certificateReason(_ fault: CertificateFault) -> Reason {
    switch fault.code {
    case 10: .certExpired
    case 9: .certNotYetValid
    case 18: .certSelfSigned
    case 20, 21: isLeafAlone(fault) ? .certChainIncomplete : .certUntrusted
    case 2, 19, 24, 27, 33, 85, 86: .certUntrusted
    case 62, 63, 64: .certNameMismatch
    case 23: .certRevoked
    case 3, 8, 11, 12, 15, 16, 35, 36, 44, 54: .configTlsMaterial
    case 66, 67, 68: .tlsWeakPeer
    case 65: .daneMismatch
    case 1, 17, 50, 69, 70: .localError
    default: .certUnusable
    }
  }

  private static let untrustedReasons: Set<Reason> = [.certSelfSigned, .certChainIncomplete, .certUntrusted]

  /// The smallest counts.
  private static func rank(_ reason: Reason) -> Int {
    let order: [Reason] = [
      .certExpired, .certRevoked, .certNameMismatch, .daneMismatch, .certNotYetValid, .certSelfSigned,
      .certChainIncomplete, .certUntrusted, .tlsWeakPeer, .certUnusable, .configTlsMaterial, .localError,
    ]
    return order.firstIndex(of: reason) ?? order.count
  }

  /// The server sent its own certificate only, and that says where its issuer's is to be had.
  private func isLeafAlone(_ fault: CertificateFault) -> Bool {
    guard fault.depth == 0, let certificate = seen.tls?.certificate else { return false }
    return certificate.chainLength == 1 && !certificate.isSelfIssued && certificate.namesIssuerLocation
  }

  private func stage(of reason: Reason) -> Stage {
    switch reason {
    case .daneMismatch: .policy
    case .configTlsMaterial: .config
    case .localError: .internal
    default: .tls
    }
  }

  private func sentence(_ reason: Reason, _ fault: CertificateFault, _ product: String?) -> String {
    let certificate = seen.tls?.certificate
    let words = text(fault.text, limit: 120)
    switch reason {
    case .certExpired:
      let end = fault.depth == 0 ? certificate?.notAfter : certificate?.chainNotAfter
      let ago = end.map { " \((seen.now - $0).spokenAtLength) ago (\($0.rfc3339.prefix(10)))" } ?? ""
      return fault.depth == 0
        ? "The certificate of \(endpoint) expired\(ago)."
        : "A certificate that \(endpoint) sends with its own (depth \(fault.depth)) expired\(ago)."
    case .certNotYetValid:
      let begin = certificate.map {
        ": it begins in \(($0.notBefore - seen.now).spokenAtLength) (\($0.notBefore.rfc3339.prefix(10)))"
      }
      return "The certificate of \(endpoint) is not valid yet\(fault.depth == 0 ? begin ?? "" : "")."
    case .certSelfSigned:
      return "\(endpoint) presents a self-signed certificate: nobody this system trusts vouches for it."
    case .certUntrusted:
      let issuer = certificate.map { " (issuer \"\(text($0.issuer, limit: 120))\")" } ?? ""
      return
        "The certificate of \(endpoint) is issued by an authority that this monitor does not trust\(issuer)."
    case .certChainIncomplete:
      let issuer = certificate.map { " by \"\(text($0.issuer, limit: 120))\"" } ?? ""
      return "\(endpoint) sends its own certificate only; the intermediate certificate\(issuer) is missing."
    case .certNameMismatch:
      return
        "The certificate of \(endpoint) is for \(certificateNames), not for "
        + "\(text(seen.serverName, limit: 100))."
    case .certRevoked: return "The certificate of \(endpoint) is revoked."
    case .tlsWeakPeer: return "The certificate of \(endpoint) is too weak for this system's policy: \(words)."
    case .daneMismatch: return "The certificate of \(endpoint) does not match the TLSA record in DNS."
    case .configTlsMaterial:
      return "The revocation list for the certificate of \(endpoint) cannot be used: \(words)."
    case .localError: return "The monitor could not verify the certificate of \(endpoint): \(words)."
    case .tlsIntercepted:
      return
        "TLS with \(endpoint) is likely broken open on the way: the certificate comes from "
        + "\(product ?? "a proxy")."
    default: return "The certificate of \(endpoint) cannot be used: \(words)."
    }
  }

  /// The names of the certificate, the first few of many.
  private var certificateNames: String {
    guard let names = seen.tls?.certificate?.names, !names.isEmpty else { return "no name at all" }
    let shown = names.prefix(4).map { text($0, limit: 80) }.joined(separator: ", ")
    return names.count > 4 ? shown + " and \(names.count - 4) more" : shown
  }

  private func describe(_ certificate: CertificateFacts) -> String {
    let names = certificate.names.prefix(6).joined(separator: ", ")
    return text(
      "subject \(certificate.subject); issuer \(certificate.issuer); names \(names); "
        + "\(certificate.notBefore.rfc3339.prefix(10)) to \(certificate.notAfter.rfc3339.prefix(10)); "
        + "\(certificate.chainLength) sent")
  }

  /// The product whose name the issuer bears: antivirus and corporate proxies that sign anew.
  private var interceptor: String? {
    guard let issuer = seen.tls?.certificate?.issuer else { return nil }
    let lowered = Array(issuer.utf8).map(\.lowered)
    return Self.interceptors.first { lowered.firstRange(of: Array($0.mark.utf8)) != nil }?.product
  }

  private static let interceptors: [(mark: String, product: String)] = [
    ("avast", "Avast Mail Shield"), ("avg web/mail", "AVG Mail Shield"), ("kaspersky", "Kaspersky"),
    ("eset ssl filter", "ESET"), ("bitdefender", "Bitdefender"), ("zscaler", "Zscaler"),
    ("fortinet", "Fortinet"), ("fortigate", "FortiGate"), ("sophos", "Sophos"),
    ("netskope", "Netskope"), ("mcafee web gateway", "McAfee Web Gateway"),
    ("cisco umbrella", "Cisco Umbrella"),
    ("palo alto", "Palo Alto Networks"), ("untangle", "Untangle"), ("watchguard", "WatchGuard"),
    ("blue coat", "Blue Coat"), ("barracuda networks", "Barracuda"), ("checkpoint", "Check Point"),
  ]
}
