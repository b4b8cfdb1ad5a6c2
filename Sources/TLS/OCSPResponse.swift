import COpenSSL
import Model

/// Why a staple proves nothing, in words.
struct StapleFault: Error {
  var words: String
  init(_ words: String) { self.words = words }
}

/// A signed statement on the state of certificates (RFC 6960 section 4.2.1).
@safe struct OCSPResponse: ~Copyable {
  private let basic: OpaquePointer

  /// Reads a response in DER that somebody sent. Throws where it cannot be read, or is a refusal to answer.
  init(_ bytes: UnsafeRawBufferPointer) throws(StapleFault) {
    ErrorQueue.clear()
    defer { ErrorQueue.clear() }
    var next = unsafe bytes.bindMemory(to: UInt8.self).baseAddress
    let start = unsafe next
    guard let outer = unsafe d2i_OCSP_RESPONSE(nil, &next, bytes.count) else {
      throw StapleFault("it cannot be read (\(bytes.count) bytes)")
    }
    defer { unsafe OCSP_RESPONSE_free(outer) }
    guard let start = unsafe start, let next = unsafe next, unsafe next - start == bytes.count else {
      throw StapleFault("further bytes follow it")
    }
    let status = unsafe OCSP_response_status(outer)
    guard status == OCSP_RESPONSE_STATUS_SUCCESSFUL else {
      let words = unsafe String(cString: OCSP_response_status_str(Int(status)))
      throw StapleFault("it is the responder's refusal '\(words)'")
    }
    guard let basic = unsafe OCSP_response_get1_basic(outer) else {
      throw StapleFault("it is none of the kind that is known (id-pkix-ocsp-basic)")
    }
    unsafe self.basic = basic
  }

  deinit { unsafe OCSP_BASICRESP_free(basic) }

  /// Checks that it is signed by an authority that `trust` leads to, or by whom the issuer lets sign. The signer is
  /// in the response, or one of `known`.
  func verify(known: OpaquePointer?, trust: TrustStore) throws(StapleFault) {
    ErrorQueue.clear()
    guard unsafe OCSP_basic_verify(basic, known, trust.store, 0) == 1 else {
      throw StapleFault("its signature does not count (\(ErrorQueue.lastWords()))")
    }
  }

  /// What it says of a certificate; the status is that which is said, whatever the time.
  func statement(on leaf: OpaquePointer, of issuer: OpaquePointer) throws(StapleFault) -> StapleFacts {
    for at in 0..<(unsafe max(0, OCSP_resp_count(basic))) {
      guard let single = unsafe OCSP_resp_get0(basic, at) else { continue }
      if unsafe Self.is(single, about: leaf, of: issuer) { return try unsafe Self.facts(single) }
    }
    throw StapleFault("it is about another certificate")
  }

  /// Whether a statement is about a certificate: the hashes in it are those of the issuer's name and key.
  private static func `is`(_ single: OpaquePointer, about leaf: OpaquePointer, of issuer: OpaquePointer)
    -> Bool
  {
    defer { ErrorQueue.clear() }
    guard let said = unsafe OCSP_SINGLERESP_get0_id(single) else { return false }
    var name: OpaquePointer?
    guard unsafe OCSP_id_get0_info(nil, &name, nil, nil, said) == 1,
      let algorithm = unsafe EVP_get_digestbyname(OBJ_nid2sn(OBJ_obj2nid(name))),
      let own = unsafe OCSP_cert_to_id(algorithm, leaf, issuer)
    else { return false }
    defer { unsafe OCSP_CERTID_free(own) }
    return unsafe OCSP_id_cmp(own, said) == 0
  }

  private static func facts(_ single: OpaquePointer) throws(StapleFault) -> StapleFacts {
    var reason: Int32 = -1
    var revoked: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
    var this: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
    var next: UnsafeMutablePointer<ASN1_GENERALIZEDTIME>?
    let status = unsafe OCSP_single_get0_status(single, &reason, &revoked, &this, &next)
    var facts: StapleFacts
    switch status {
    case V_OCSP_CERTSTATUS_GOOD: facts = StapleFacts(status: .good)
    case V_OCSP_CERTSTATUS_REVOKED: facts = StapleFacts(status: .revoked)
    case V_OCSP_CERTSTATUS_UNKNOWN: facts = StapleFacts(status: .unknown)
    default: throw StapleFault("it says nothing that is known of the certificate")
    }
    facts.thisUpdate = unsafe this.flatMap { unsafe CertificateReading.moment($0) }
    facts.nextUpdate = unsafe next.flatMap { unsafe CertificateReading.moment($0) }
    guard facts.thisUpdate != nil, unsafe next == nil || facts.nextUpdate != nil else {
      throw StapleFault("its dates cannot be read")
    }
    if facts.status == .revoked {
      facts.revokedAt = unsafe revoked.flatMap { unsafe CertificateReading.moment($0) }
      if reason >= 0 { facts.revocationReason = unsafe String(cString: OCSP_crl_reason_str(Int(reason))) }
    }
    return facts
  }
}
