import COpenSSL
package import Model

/// An authority that mints certificates in memory, good and bad: for scripted servers and for tests.
package final class CertificateAuthority: Sendable {
  /// The authority's own certificate.
  package let certificate: Certificate
  let key: PrivateKey
  /// The certificates to send along with an issued one: this authority's and those above it, without the root.
  private let intermediates: [Certificate]
  let now: Timestamp

  /// A root. `now` is what validities are counted from.
  package init(name: String, at now: Timestamp) throws(TLSMaterialError) {
    key = try Minting.newKey(.p256)
    var recipe = CertificateRecipe(names: [])
    recipe.commonName = name
    recipe.notAfter = .seconds(10 * 365 * 86_400)
    certificate = try Minting.certificate(
      recipe, key: key, issuer: nil, signer: key, isAuthority: true, at: now)
    intermediates = []
    self.now = now
  }

  private init(certificate: Certificate, key: PrivateKey, intermediates: [Certificate], now: Timestamp) {
    self.certificate = certificate
    self.key = key
    self.intermediates = intermediates
    self.now = now
  }

  /// An authority below this one.
  package func intermediate(
    name: String, notAfter: Duration = .seconds(5 * 365 * 86_400)
  ) throws(TLSMaterialError) -> CertificateAuthority {
    let below = try Minting.newKey(.p256)
    var recipe = CertificateRecipe(names: [])
    recipe.commonName = name
    recipe.notAfter = notAfter
    let minted = try Minting.certificate(
      recipe, key: below, issuer: certificate, signer: key, isAuthority: true, at: now)
    return CertificateAuthority(
      certificate: minted, key: below, intermediates: [minted] + intermediates, now: now)
  }

  /// A certificate of this authority, with its key and what is sent along.
  package func issue(_ recipe: CertificateRecipe) throws(TLSMaterialError) -> Identity {
    let own = try Minting.newKey(recipe.key)
    let signer = recipe.isSignatureWrong ? try Minting.newKey(.p256) : key
    let minted = try Minting.certificate(
      recipe, key: own, issuer: certificate, signer: signer, isAuthority: false, at: now)
    return Identity(chain: [minted] + (recipe.isChainSent ? intermediates : []), key: own)
  }

  /// The PEM block of a list (RFC 5280 section 5) of what this authority has withdrawn.
  package func revocationList(
    of withdrawn: [Certificate], nextUpdate: Duration = .seconds(7 * 86_400)
  ) throws(TLSMaterialError) -> String {
    ErrorQueue.clear()
    let yesterday = now + .seconds(-86_400)
    guard let list = unsafe X509_CRL_new(), let made = unsafe ASN1_TIME_set(nil, time_t(yesterday.seconds)),
      let next = unsafe ASN1_TIME_set(nil, time_t((now + nextUpdate).seconds))
    else { throw .minting(detail: ErrorQueue.lastWords()) }
    defer {
      unsafe X509_CRL_free(list)
      unsafe ASN1_TIME_free(made)
      unsafe ASN1_TIME_free(next)
    }
    unsafe X509_CRL_set_version(list, 1)
    unsafe X509_CRL_set_issuer_name(list, X509_get_subject_name(certificate.x509))
    unsafe X509_CRL_set1_lastUpdate(list, made)
    unsafe X509_CRL_set1_nextUpdate(list, next)
    for one in withdrawn {
      let entry = unsafe X509_REVOKED_new()
      unsafe X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one.x509))
      unsafe X509_REVOKED_set_revocationDate(entry, made)
      // The list takes the entry over.
      unsafe X509_CRL_add0_revoked(list, entry)
    }
    unsafe X509_CRL_sort(list)
    guard unsafe X509_CRL_sign(list, key.key, EVP_sha256()) > 0 else {
      throw .minting(detail: ErrorQueue.lastWords())
    }
    let memory = MemoryBIO()
    unsafe PEM_write_bio_X509_CRL(memory.bio, list)
    return memory.text
  }

  /// A certificate that vouches for itself.
  package static func selfSigned(
    _ recipe: CertificateRecipe, at now: Timestamp
  ) throws(TLSMaterialError) -> Identity {
    let own = try Minting.newKey(recipe.key)
    let minted = try Minting.certificate(
      recipe, key: own, issuer: nil, signer: own, isAuthority: false, at: now)
    return Identity(chain: [minted], key: own)
  }
}

/// The steps of making a certificate (RFC 5280 section 4).
private enum Minting {
  static func newKey(_ kind: CertificateRecipe.Key) throws(TLSMaterialError) -> PrivateKey {
    ErrorQueue.clear()
    let key =
      switch kind {
      case .p256: unsafe copenssl_new_p256_key()
      case .rsa(let bits): unsafe copenssl_new_rsa_key(bits)
      }
    guard let key = unsafe key else { throw .minting(detail: ErrorQueue.lastWords()) }
    return unsafe PrivateKey(owning: key)
  }

  /// A certificate for `key`, signed by `signer`; without an `issuer` it names itself as such.
  static func certificate(
    _ recipe: CertificateRecipe, key: PrivateKey, issuer: Certificate?, signer: PrivateKey, isAuthority: Bool,
    at now: Timestamp
  ) throws(TLSMaterialError) -> Certificate {
    ErrorQueue.clear()
    guard let x509 = unsafe X509_new() else { throw .minting(detail: ErrorQueue.lastWords()) }
    let certificate = unsafe Certificate(owning: x509)
    unsafe X509_set_version(x509, Int(X509_VERSION_3))
    var serial = CryptographicLibrary.randomBytes(16)
    // Positive, and as long as it is said to be.
    serial[0] = serial[0] & 0x7F | 0x40
    unsafe ASN1_STRING_set(X509_get_serialNumber(x509), serial, Int32(serial.count))
    unsafe ASN1_TIME_set(X509_getm_notBefore(x509), time_t((now + recipe.notBefore).seconds))
    unsafe ASN1_TIME_set(X509_getm_notAfter(x509), time_t((now + recipe.notAfter).seconds))
    unsafe X509_set_pubkey(x509, key.key)
    let subject = unsafe X509_get_subject_name(x509)
    unsafe X509_NAME_add_entry_by_txt(subject, "O", MBSTRING_UTF8, "smtpwatch", -1, -1, 0)
    unsafe X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, recipe.commonName, -1, -1, 0)
    unsafe X509_set_issuer_name(x509, X509_get_subject_name(issuer?.x509 ?? x509))
    for (extensionID, value) in extensions(recipe, isAuthority: isAuthority, hasIssuer: issuer != nil) {
      try unsafe add(extensionID, value, to: x509, issuer: issuer?.x509 ?? x509)
    }
    guard unsafe X509_sign(x509, signer.key, recipe.isSHA1Signed ? EVP_sha1() : EVP_sha256()) > 0 else {
      throw .minting(detail: ErrorQueue.lastWords())
    }
    return certificate
  }

  /// The extensions, in the library's configuration language (x509v3_config).
  private static func extensions(
    _ recipe: CertificateRecipe, isAuthority: Bool, hasIssuer: Bool
  ) -> [(Int32, String)] {
    var list: [(Int32, String)] = [(NID_subject_key_identifier, "hash")]
    if hasIssuer { list.append((NID_authority_key_identifier, "keyid:always")) }
    if isAuthority {
      list.append((NID_basic_constraints, "critical,CA:TRUE"))
      list.append((NID_key_usage, "critical,keyCertSign,cRLSign"))
      return list
    }
    list.append((NID_basic_constraints, "critical,CA:FALSE"))
    list.append((NID_ext_key_usage, recipe.isForClientsOnly ? "clientAuth" : "serverAuth,clientAuth"))
    if !recipe.isCommonNameOnly, !recipe.names.isEmpty {
      let names = recipe.names.map { PeerName($0).isAddress ? "IP:\($0)" : "DNS:\($0)" }
      list.append((NID_subject_alt_name, names.joined(separator: ",")))
    }
    if recipe.demandsStaple { list.append((NID_tlsfeature, "status_request")) }
    if let location = recipe.issuerLocation { list.append((NID_info_access, "caIssuers;URI:\(location)")) }
    return list
  }

  private static func add(
    _ identifier: Int32, _ value: String, to x509: OpaquePointer, issuer: OpaquePointer
  ) throws(TLSMaterialError) {
    var context = unsafe X509V3_CTX()
    unsafe X509V3_set_ctx(&context, issuer, x509, nil, nil, 0)
    guard let made = unsafe X509V3_EXT_nconf_nid(nil, &context, identifier, value) else {
      throw .minting(detail: "\(value): \(ErrorQueue.lastWords())")
    }
    defer { unsafe X509_EXTENSION_free(made) }
    guard unsafe X509_add_ext(x509, made, -1) == 1 else { throw .minting(detail: ErrorQueue.lastWords()) }
  }
}
