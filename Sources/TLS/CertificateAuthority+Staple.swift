import COpenSSL
package import Model

/// What an OCSP response to be minted says: that a certificate is good, freshly, unless told otherwise.
package struct StapleRecipe: Sendable {
  /// `good`, `revoked` or `unknown`.
  package var status = StapleFacts.Status.good
  /// Counted from the authority's present.
  package var thisUpdate: Duration = .seconds(-3600)
  /// nil: it does not say.
  package var nextUpdate: Duration? = .seconds(86_400)
  /// Signed by this authority instead of the one that the statement is of.
  package var signer: CertificateAuthority?

  /// A good one.
  package init() {}
}

extension CertificateAuthority {
  /// An OCSP response in DER (RFC 6960) on a certificate of this authority.
  package func staple(
    for certificate: Certificate, _ recipe: StapleRecipe = StapleRecipe()
  ) throws(TLSMaterialError) -> [UInt8] {
    ErrorQueue.clear()
    let signer = recipe.signer ?? self
    guard let basic = unsafe OCSP_BASICRESP_new() else { throw .minting(detail: ErrorQueue.lastWords()) }
    defer { unsafe OCSP_BASICRESP_free(basic) }
    try unsafe add(certificate, recipe, to: basic)
    guard
      unsafe OCSP_basic_sign(basic, signer.certificate.x509, signer.key.key, EVP_sha256(), nil, 0) == 1,
      let response = unsafe OCSP_response_create(OCSP_RESPONSE_STATUS_SUCCESSFUL, basic)
    else { throw .minting(detail: ErrorQueue.lastWords()) }
    defer { unsafe OCSP_RESPONSE_free(response) }
    let count = unsafe i2d_OCSP_RESPONSE(response, nil)
    guard count > 0 else { throw .minting(detail: ErrorQueue.lastWords()) }
    return unsafe [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      var start = buffer.baseAddress
      filled = unsafe Int(max(0, i2d_OCSP_RESPONSE(response, &start)))
    }
  }

  private func add(
    _ leaf: Certificate, _ recipe: StapleRecipe, to basic: OpaquePointer
  ) throws(TLSMaterialError) {
    let begin = unsafe ASN1_TIME_set(nil, time_t((now + recipe.thisUpdate).seconds))
    let end = unsafe recipe.nextUpdate.flatMap { unsafe ASN1_TIME_set(nil, time_t((now + $0).seconds)) }
    defer {
      unsafe ASN1_TIME_free(begin)
      unsafe ASN1_TIME_free(end)
    }
    guard let identifier = unsafe OCSP_cert_to_id(EVP_sha1(), leaf.x509, certificate.x509) else {
      throw .minting(detail: ErrorQueue.lastWords())
    }
    defer { unsafe OCSP_CERTID_free(identifier) }
    let (status, reason) =
      switch recipe.status {
      case .revoked: (V_OCSP_CERTSTATUS_REVOKED, OCSP_REVOKED_STATUS_KEYCOMPROMISE)
      case .unknown: (V_OCSP_CERTSTATUS_UNKNOWN, OCSP_REVOKED_STATUS_NOSTATUS)
      case .good, .none, .invalid: (V_OCSP_CERTSTATUS_GOOD, OCSP_REVOKED_STATUS_NOSTATUS)
      }
    guard unsafe OCSP_basic_add1_status(basic, identifier, status, reason, begin, begin, end) != nil else {
      throw .minting(detail: ErrorQueue.lastWords())
    }
  }
}
