import COpenSSL
import Model

/// Verifies a chain (RFC 5280 section 6) and the name in it (RFC 6125), and goes on after each fault, so that
/// all of them are known.
enum ChainVerification {
  /// What came of it.
  struct Outcome {
    /// Every fault once, the one that counts first; none where the chain is good.
    var faults: [CertificateFault]
    /// While this holds, time alone changes nothing; nil where it does not hold now.
    var validity: ClosedRange<Timestamp>?
  }

  /// Verifies `leaf` with the certificates that came along. `level` is the library's security level;
  /// `mayEndBelowRoot` trusts each certificate of `trust` by itself.
  static func run(
    leaf: OpaquePointer, chain: OpaquePointer?, trust: TrustStore, name: String, at now: Timestamp,
    level: Int32, mayEndBelowRoot: Bool = false
  ) -> Outcome {
    ErrorQueue.clear()
    defer { ErrorQueue.clear() }
    guard let context = unsafe X509_STORE_CTX_new() else { fatalError("fails only without memory") }
    defer { unsafe X509_STORE_CTX_free(context) }
    guard unsafe X509_STORE_CTX_init(context, trust.store, leaf, chain) == 1 else {
      return Outcome(faults: [fault(X509_V_ERR_UNSPECIFIED, 0)], validity: nil)
    }
    unsafe X509_STORE_CTX_set_default(context, "ssl_server")
    let parameters = unsafe X509_STORE_CTX_get0_param(context)
    unsafe X509_VERIFY_PARAM_set_time(parameters, time_t(now.microseconds / 1_000_000))
    unsafe X509_VERIFY_PARAM_set_auth_level(parameters, level)
    if mayEndBelowRoot { unsafe X509_VERIFY_PARAM_set_flags(parameters, UInt(X509_V_FLAG_PARTIAL_CHAIN)) }
    var collected: [CertificateFault] = []
    if unsafe !expect(PeerName(name), in: parameters) {
      collected.append(fault(X509_V_ERR_HOSTNAME_MISMATCH, 0))
    }
    let status = unsafe withUnsafeMutablePointer(to: &collected) { collected in
      unsafe X509_STORE_CTX_set_ex_data(context, 0, collected)
      unsafe X509_STORE_CTX_set_verify_cb(context, collectFault)
      return unsafe X509_verify_cert(context)
    }
    if status != 1, collected.isEmpty {
      let error = unsafe X509_STORE_CTX_get_error(context)
      collected.append(fault(error == X509_V_OK ? X509_V_ERR_UNSPECIFIED : error, 0))
    }
    let isAlone = unsafe copenssl_x509s_count(chain) <= 1
    return unsafe Outcome(
      faults: ranked(collected, isAlone: isAlone),
      validity: CertificateReading.validity(handles(X509_STORE_CTX_get0_chain(context)) + handles(chain)))
  }

  /// The certificates of a stack, which keeps them.
  static func handles(_ stack: OpaquePointer?) -> [OpaquePointer] {
    let count = unsafe max(0, copenssl_x509s_count(stack))
    return unsafe (0..<count).compactMap { unsafe copenssl_x509s_at(stack, $0) }
  }

  /// A fault with the library's words.
  static func fault(_ code: Int32, _ depth: Int32) -> CertificateFault {
    let text = unsafe String(cString: X509_verify_cert_error_string(Int(code)))
    return CertificateFault(code: Int(code), depth: Int(depth), text: text)
  }

  /// Says which name the certificate has to have; false where it is none, which would match every certificate.
  private static func expect(_ peer: PeerName, in parameters: OpaquePointer?) -> Bool {
    guard !peer.text.isEmpty else { return false }
    if peer.isAddress { return unsafe X509_VERIFY_PARAM_set1_ip_asc(parameters, peer.text) == 1 }
    unsafe X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
    return unsafe X509_VERIFY_PARAM_set1_host(parameters, peer.text, peer.text.utf8.count) == 1
  }

  /// Each fault once, the one that counts first; those that count the same stay in the library's order.
  static func ranked(_ faults: [CertificateFault], isAlone: Bool) -> [CertificateFault] {
    var seen: Set<CertificateFault> = []
    let distinct = faults.filter { seen.insert($0).inserted }
    let order = distinct.map { rank($0, isAlone: isAlone) }
    return distinct.indices.sorted { (order[$0], $0) < (order[$1], $1) }.map { distinct[$0] }
  }

  /// Less counts more. `isAlone` says that the server sent no certificate but its own.
  private static func rank(_ fault: CertificateFault, isAlone: Bool) -> Int {
    switch Int32(fault.code) {
    case X509_V_ERR_CERT_HAS_EXPIRED: 0
    case X509_V_ERR_CERT_REVOKED: 1
    case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_EMAIL_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: 2
    case X509_V_ERR_DANE_NO_MATCH: 3
    case X509_V_ERR_CERT_NOT_YET_VALID: 4
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: 5
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      isAlone && fault.depth == 0 ? 6 : 7
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
      X509_V_ERR_CERT_UNTRUSTED, X509_V_ERR_INVALID_CA, X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
      7
    case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: 8
    default: 9
    }
  }
}

/// Hears of every step of a verification; keeps the faults, and lets it go on.
private func collectFault(_ passed: Int32, _ context: OpaquePointer?) -> Int32 {
  if passed == 0, let collected = unsafe X509_STORE_CTX_get_ex_data(context, 0) {
    let fault = unsafe ChainVerification.fault(
      X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context))
    unsafe collected.assumingMemoryBound(to: [CertificateFault].self).pointee.append(fault)
  }
  return 1
}
