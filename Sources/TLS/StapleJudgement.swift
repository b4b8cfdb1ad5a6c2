import COpenSSL
package import Model

/// Holds the OCSP staple of a session against its certificate.
package enum StapleJudgement {
  /// Clocks may differ by so much.
  private static let leeway: Duration = .seconds(300)

  /// What it comes to that a server sent no staple with its own certificate, `leaf`.
  static func absence(leaf: OpaquePointer) -> StapleFacts {
    let isDemanded = unsafe copenssl_demands_staple(leaf) != 0
    return StapleFacts(
      status: .none, isDemanded: isDemanded,
      detail: isDemanded
        ? "no staple was sent, though the certificate demands one (must-staple)" : "no staple was sent")
  }

  /// What a staple says, whatever the time. `chain` is what the server sent, `leaf` its own certificate.
  static func statement(
    _ bytes: UnsafeRawBufferPointer, leaf: OpaquePointer, chain: OpaquePointer?, trust: TrustStore
  ) -> StapleFacts {
    let isDemanded = unsafe copenssl_demands_staple(leaf) != 0
    do throws(StapleFault) {
      var facts = try unsafe read(bytes, leaf: leaf, chain: chain, trust: trust)
      facts.isDemanded = isDemanded
      return facts
    } catch {
      return StapleFacts(status: .invalid, isDemanded: isDemanded, detail: error.words)
    }
  }

  /// The same at a moment, for a chain that no session holds.
  package static func facts(
    of staple: [UInt8], chain: [Certificate], trust: TrustStore, at now: Timestamp
  ) -> StapleFacts {
    guard let leaf = chain.first, let stack = unsafe copenssl_x509s_new() else {
      return StapleFacts(status: .none, isDemanded: false, detail: "there is no certificate")
    }
    defer { unsafe copenssl_x509s_free(stack) }
    for certificate in chain { unsafe copenssl_x509s_push(stack, certificate.x509) }
    return unsafe staple.withUnsafeBytes { bytes in
      dated(unsafe statement(bytes, leaf: leaf.x509, chain: stack, trust: trust), at: now)
    }
  }

  /// The fault of a certificate whose staple has to vouch for it, and does not.
  static func fault(_ facts: StapleFacts) -> CertificateFault? {
    switch facts.status {
    case .good: nil
    case .revoked: ChainVerification.fault(X509_V_ERR_CERT_REVOKED, 0)
    case .unknown: ChainVerification.fault(X509_V_ERR_OCSP_CERT_UNKNOWN, 0)
    case .none: ChainVerification.fault(X509_V_ERR_OCSP_VERIFY_NEEDED, 0)
    case .invalid: ChainVerification.fault(X509_V_ERR_OCSP_VERIFY_FAILED, 0)
    }
  }

  private static func read(
    _ bytes: UnsafeRawBufferPointer, leaf: OpaquePointer, chain: OpaquePointer?, trust: TrustStore
  ) throws(StapleFault) -> StapleFacts {
    let response = try unsafe OCSPResponse(bytes)
    guard let issuer = unsafe issuer(of: leaf, in: chain, trust: trust) else {
      throw StapleFault("the issuer of the certificate is not known")
    }
    defer { unsafe X509_free(issuer) }
    guard let known = unsafe copenssl_x509s_new() else { fatalError("fails only without memory") }
    defer { unsafe copenssl_x509s_free(known) }
    unsafe (ChainVerification.handles(chain) + [issuer]).forEach { unsafe copenssl_x509s_push(known, $0) }
    try unsafe response.verify(known: known, trust: trust)
    return try unsafe response.statement(on: leaf, of: issuer)
  }

  /// Whoever issued a certificate, sent along or trusted: a reference for the caller.
  private static func issuer(of leaf: OpaquePointer, in chain: OpaquePointer?, trust: TrustStore)
    -> OpaquePointer?
  {
    defer { ErrorQueue.clear() }
    let sent = unsafe ChainVerification.handles(chain).dropFirst().first {
      unsafe X509_check_issued($0, leaf) == X509_V_OK
    }
    if let sent = unsafe sent {
      unsafe X509_up_ref(sent)
      return unsafe sent
    }
    guard let context = unsafe X509_STORE_CTX_new() else { fatalError("fails only without memory") }
    defer { unsafe X509_STORE_CTX_free(context) }
    var issuer: OpaquePointer?
    guard unsafe X509_STORE_CTX_init(context, trust.store, leaf, nil) == 1,
      unsafe X509_STORE_CTX_get1_issuer(&issuer, context, leaf) == 1
    else { return nil }
    return unsafe issuer
  }

  /// Looks at the dates. A certificate that was withdrawn stays so when the word of it grows old.
  static func dated(_ said: StapleFacts, at now: Timestamp) -> StapleFacts {
    var facts = said
    switch facts.status {
    case .revoked:
      let reason = facts.revocationReason.map { " (\($0))" } ?? ""
      let since = facts.revokedAt.map { " since \($0.rfc3339.prefix(10))" } ?? ""
      facts.detail = "the certificate is revoked\(since)\(reason)"
    case .unknown: facts.detail = "the responder does not know the certificate"
    case .good, .none, .invalid: break
    }
    if let begin = facts.thisUpdate, begin - now > leeway {
      facts.status = .invalid
      facts.detail = "it begins in the future (\(begin.rfc3339)); check the clocks"
    } else if let end = facts.nextUpdate, now - end > leeway, facts.status != .revoked {
      (facts.status, facts.detail) = (.invalid, "it is out of date since \(end.rfc3339)")
    }
    return facts
  }
}
