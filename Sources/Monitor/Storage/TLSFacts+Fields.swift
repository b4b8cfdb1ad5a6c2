import Model

// A TLS session and its certificate as fields.
extension TLSFacts: FieldGroup {
  static var blank: TLSFacts {
    TLSFacts(
      version: "", cipher: "", verified: false, faults: [], certificate: nil,
      clientCertificateRequested: false)
  }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &version)
    fields(2, &cipher)
    fields(3, &verified)
    fields(4, &faults)
    fields(5, &certificate)
    fields(6, &clientCertificateRequested)
    fields(7, &group)
    fields(8, &staple)
  }
}

extension StapleFacts: FieldGroup {
  static var blank: StapleFacts { StapleFacts(status: .none) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &status)
    fields(2, &thisUpdate)
    fields(3, &nextUpdate)
    fields(4, &revokedAt)
    fields(5, &revocationReason)
    fields(6, &isDemanded)
    fields(7, &detail)
  }
}

extension CertificateFault: FieldGroup {
  static var blank: CertificateFault { CertificateFault(code: 0, depth: 0, text: "") }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &code)
    fields(2, &depth)
    fields(3, &text)
  }
}

extension CertificateFacts: SharedFieldGroup {
  static func walk(_ known: CertificateFacts?, _ fields: inout some FieldWalk) -> CertificateFacts {
    let epoch = Timestamp(microseconds: 0)
    return CertificateFacts(
      subject: fields.take(1, known?.subject, else: ""), issuer: fields.take(2, known?.issuer, else: ""),
      issuerCommonName: fields.take(3, known?.issuerCommonName, else: ""),
      names: fields.take(4, known?.names),
      fingerprintSHA256: fields.take(5, known?.fingerprintSHA256, else: ""),
      serial: fields.take(6, known?.serial, else: ""),
      notBefore: fields.take(7, known?.notBefore, else: epoch),
      notAfter: fields.take(8, known?.notAfter, else: epoch),
      chainNotAfter: fields.take(9, known?.chainNotAfter, else: epoch),
      chainLength: fields.take(10, known?.chainLength, else: 0),
      isCommonNameOnly: fields.take(11, known?.isCommonNameOnly, else: false),
      isSelfIssued: fields.take(12, known?.isSelfIssued, else: false),
      namesIssuerLocation: fields.take(13, known?.namesIssuerLocation, else: false),
      key: fields.take(14, known?.key), signatureAlgorithm: fields.take(15, known?.signatureAlgorithm),
      chain: fields.take(16, known?.chain))
  }
}

extension KeyFacts: FieldGroup {
  static var blank: KeyFacts { KeyFacts(algorithm: "", bits: 0) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &algorithm)
    fields(2, &bits)
  }
}

extension ChainLink: FieldGroup {
  static var blank: ChainLink {
    ChainLink(subject: "", notBefore: Timestamp(microseconds: 0), notAfter: Timestamp(microseconds: 0))
  }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &subject)
    fields(2, &notBefore)
    fields(3, &notAfter)
  }
}
