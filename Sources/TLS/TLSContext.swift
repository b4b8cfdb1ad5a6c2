import CLeanOpenSSL
import COpenSSL
import Model

/// What many sessions have in common: a role, versions, ciphers, an identity. Immutable, shared.
@safe package final class TLSContext: @unchecked Sendable {
  // Safe to send: nothing changes a context once it is made; sessions only take references, which are counted
  // atomically.
  let context: OpaquePointer
  let isServer: Bool
  /// What a server's sessions hand out.
  let staple: [UInt8]?

  /// A context for sessions that we open. The peer's certificate is not judged in the handshake, so that a bad
  /// one can be measured and reported too: see `CertificateJudge`. Nothing is ever resumed.
  package init(client options: ClientOptions) throws(TLSMaterialError) {
    ErrorQueue.clear()
    // A context that reads certificates cheaply cannot read private keys.
    let library = unsafe options.certFile == nil ? clean_openssl_context() : nil
    guard let context = unsafe SSL_CTX_new_ex(library, nil, TLS_client_method()) else {
      throw .options(detail: ErrorQueue.lastWords())
    }
    unsafe self.context = context
    isServer = false
    staple = nil
    unsafe Self.configure(context)
    unsafe SSL_CTX_set_cert_verify_callback(context, acceptUnjudged, nil)
    if options.requestsStaple { unsafe copenssl_ctx_request_staple(context) }
    if options.allowsLegacy {
      unsafe SSL_CTX_set_options(context, copenssl_op_legacy_server)
      unsafe SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0")
    }
    let minimum = options.minVersion ?? (options.allowsLegacy ? .tls10 : nil)
    try unsafe Self.limit(context, from: minimum, to: options.maxVersion)
    if let ciphers = options.ciphers {
      try unsafe Self.offer(ciphers, in: context)
    } else {
      unsafe Self.preferMandatorySuite(in: context)
    }
    if let level = options.securityLevel { unsafe SSL_CTX_set_security_level(context, Int32(level)) }
    if let certFile = options.certFile {
      let keyFile = options.keyFile ?? certFile
      let identity = Identity(
        chain: try PEMFile(path: certFile).certificates(), key: try PEMFile(path: keyFile).privateKey())
      try unsafe Self.use(identity, in: context, certFile: certFile, keyFile: keyFile)
    }
  }

  /// A context for sessions that peers open with us.
  package init(server options: ServerOptions) throws(TLSMaterialError) {
    ErrorQueue.clear()
    guard let context = unsafe SSL_CTX_new(TLS_server_method()) else {
      throw .options(detail: ErrorQueue.lastWords())
    }
    unsafe self.context = context
    isServer = true
    staple = options.staple
    unsafe Self.configure(context)
    unsafe SSL_CTX_set_security_level(context, Int32(options.securityLevel))
    try unsafe Self.limit(context, from: options.minVersion, to: options.maxVersion)
    if let ciphers = options.ciphers, unsafe SSL_CTX_set_cipher_list(context, ciphers) != 1 {
      throw .options(detail: "\(ciphers): \(ErrorQueue.lastWords())")
    }
    try unsafe Self.use(options.identity, in: context, certFile: "identity", keyFile: "identity")
    if staple != nil { unsafe copenssl_ctx_staple(context, allowStaple) }
    if options.requiresClientCertificate {
      unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
      if let authority = options.clientAuthority {
        unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.x509)
      }
    }
  }

  deinit { unsafe SSL_CTX_free(context) }

  /// What both roles share: no resumption, no renegotiation, no buffers while a session waits.
  private static func configure(_ context: OpaquePointer) {
    unsafe SSL_CTX_set_options(context, copenssl_op_no_ticket | copenssl_op_no_renegotiation)
    unsafe copenssl_ctx_disable_resumption(context)
    unsafe copenssl_ctx_set_modes(context)
  }

  /// Offers these ciphers only: those of TLS 1.3 by their names, which begin alike, all others by the library's
  /// words for them.
  private static func offer(_ list: String, in context: OpaquePointer) throws(TLSMaterialError) {
    let words = list.split(separator: ":").map(String.init)
    let (suites, others) = (words.filter { $0.hasPrefix("TLS_") }, words.filter { !$0.hasPrefix("TLS_") })
    if !others.isEmpty, unsafe SSL_CTX_set_cipher_list(context, others.joined(separator: ":")) != 1 {
      ErrorQueue.clear()
      throw .options(
        detail: "tls.ciphers: this OpenSSL knows no cipher of '\(others.joined(separator: ":"))'")
    }
    if !suites.isEmpty, unsafe SSL_CTX_set_ciphersuites(context, suites.joined(separator: ":")) != 1 {
      ErrorQueue.clear()
      throw .options(detail: "tls.ciphers: this OpenSSL does not know '\(suites.joined(separator: ":"))'")
    }
  }

  /// The suite that every server must know (RFC 8446 section 9.1).
  private static let mandatorySuite = "TLS_AES_128_GCM_SHA256"

  /// Has the mandatory suite go before the others that the system offers. Processors have instructions for its hash,
  /// of which a handshake computes a hundred blocks.
  private static func preferMandatorySuite(in context: OpaquePointer) {
    var suites: [String] = []
    while let name = unsafe copenssl_ctx_cipher_name(context, Int32(suites.count)) {
      let name = unsafe String(cString: name)
      // They come before those of older versions, which are named otherwise.
      guard name.hasPrefix("TLS_") else { break }
      suites.append(name)
    }
    guard let place = suites.firstIndex(of: mandatorySuite) else { return }
    suites.insert(suites.remove(at: place), at: 0)
    // They are the context's own: it cannot but know them.
    unsafe SSL_CTX_set_ciphersuites(context, suites.joined(separator: ":"))
  }

  private static func limit(
    _ context: OpaquePointer, from minimum: TLSVersion?, to maximum: TLSVersion?
  ) throws(TLSMaterialError) {
    if let minimum, let maximum, minimum > maximum {
      throw .options(
        detail: "the least version \(minimum.rawValue) is above the greatest, \(maximum.rawValue)")
    }
    if let minimum, unsafe copenssl_ctx_set_min_version(context, minimum.number) != 1 {
      throw .options(detail: "this OpenSSL does not know \(minimum.rawValue)")
    }
    if let maximum {
      guard unsafe copenssl_ctx_set_max_version(context, maximum.number) == 1 else {
        throw .options(detail: "this OpenSSL does not know \(maximum.rawValue)")
      }
      // The system's own minimum may lie above the maximum that was asked for.
      if minimum == nil, unsafe copenssl_ctx_get_min_version(context) > maximum.number {
        unsafe copenssl_ctx_set_min_version(context, maximum.number)
      }
    }
  }

  private static func use(
    _ identity: Identity, in context: OpaquePointer, certFile: String, keyFile: String
  ) throws(TLSMaterialError) {
    guard unsafe X509_check_private_key(identity.chain[0].x509, identity.key.key) == 1 else {
      ErrorQueue.clear()
      throw .keyMismatch(certFile: certFile, keyFile: keyFile)
    }
    let issuers = unsafe copenssl_x509s_new()
    defer { unsafe copenssl_x509s_free(issuers) }
    for issuer in identity.chain.dropFirst() { unsafe copenssl_x509s_push(issuers, issuer.x509) }
    guard
      unsafe SSL_CTX_use_cert_and_key(context, identity.chain[0].x509, identity.key.key, issuers, 1) == 1
    else { throw .refused(file: certFile, detail: ErrorQueue.lastWords()) }
  }
}

/// Lets a session that has a staple send it to a client that asks.
private func allowStaple(_ ssl: OpaquePointer?, _ context: UnsafeMutableRawPointer?) -> Int32 {
  SSL_TLSEXT_ERR_OK
}

/// Lets every chain pass in the handshake; it is judged afterwards.
private func acceptUnjudged(_ chain: OpaquePointer?, _ context: UnsafeMutableRawPointer?) -> Int32 { 1 }

extension TLSVersion {
  /// The version on the wire.
  fileprivate var number: Int32 {
    switch self {
    case .tls10: TLS1_VERSION
    case .tls11: TLS1_1_VERSION
    case .tls12: TLS1_2_VERSION
    case .tls13: TLS1_3_VERSION
    }
  }
}
