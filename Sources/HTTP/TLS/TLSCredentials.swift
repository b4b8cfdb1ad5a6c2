import CGnuTLS
import Glibc

/// What sessions with clients stand on: an identity, what is allowed, and what is expected of clients. New
/// certificates make new credentials; sessions keep those that they began with.
///
/// Safe to send: nothing changes the library's values once they are made, and it reads them from any thread.
@safe package final class TLSCredentials: @unchecked Sendable {
  private let credentials: gnutls_certificate_credentials_t
  private let priorities: gnutls_priority_t
  private let clientCertificate: TLSServerSettings.ClientCertificate
  private let clientNames: Set<String>?
  private let allowedSuites: Set<String>

  /// Reads the PEM texts, and sees whether everything goes together.
  package init(_ settings: TLSServerSettings) throws(TLSServerError) {
    var made: gnutls_certificate_credentials_t?
    guard unsafe gnutls_certificate_allocate_credentials(&made) >= 0, let credentials = unsafe made else {
      throw .options("no memory")
    }
    do throws(TLSServerError) {
      try unsafe Self.load(settings, into: credentials)
      unsafe priorities = try Self.priorities(settings)
    } catch {
      unsafe gnutls_certificate_free_credentials(credentials)
      throw error
    }
    unsafe self.credentials = credentials
    clientCertificate = settings.clientCertificate
    clientNames = settings.clientNames.map { Set($0) }
    allowedSuites = TLSPriorities(settings).allowedSuites
    unsafe gnutls_certificate_set_verify_function(credentials, judgeClient)
  }

  deinit {
    unsafe gnutls_priority_deinit(priorities)
    unsafe gnutls_certificate_free_credentials(credentials)
  }

  /// Makes a session, whose handshake has not begun, one of these credentials, which must outlive it.
  func prepare(_ session: gnutls_session_t) {
    unsafe gnutls_priority_set(session, priorities)
    unsafe gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials))
    unsafe gnutls_certificate_server_set_request(session, request)
    unsafe gnutls_session_set_ptr(session, Unmanaged.passUnretained(self).toOpaque())
    if !allowedSuites.isEmpty {
      unsafe gnutls_handshake_set_hook_function(
        session, GNUTLS_HANDSHAKE_FINISHED.rawValue, Int32(GNUTLS_HOOK_PRE), judgeSuite)
    }
  }

  private var request: gnutls_certificate_request_t {
    switch clientCertificate {
    case .none: GNUTLS_CERT_IGNORE
    case .requested, .verifiedIfGiven: GNUTLS_CERT_REQUEST
    case .required, .requiredAndVerified: GNUTLS_CERT_REQUIRE
    }
  }

  /// Whether a session's client, which may have shown no certificate, is welcome.
  fileprivate func accepts(clientOf session: gnutls_session_t) -> Bool {
    var count: UInt32 = 0
    guard let chain = unsafe gnutls_certificate_get_peers(session, &count), count > 0 else {
      return clientCertificate != .required && clientCertificate != .requiredAndVerified
    }
    if clientCertificate.isVerified {
      var faults: UInt32 = 0
      guard unsafe cgnutls_verify_client(session, &faults) >= 0, faults == 0 else { return false }
    }
    guard let clientNames else { return true }
    return unsafe !ClientNames.read(chain.pointee).isDisjoint(with: clientNames)
  }

  /// Whether what a session has come to was listed.
  fileprivate func accepts(suiteOf session: gnutls_session_t) -> Bool {
    if unsafe gnutls_protocol_get_version(session) == GNUTLS_TLS1_3 { return true }
    let exchange = unsafe gnutls_kx_get_name(gnutls_kx_get(session))
    let cipher = unsafe gnutls_cipher_get_name(gnutls_cipher_get(session))
    guard let exchange = unsafe exchange, let cipher = unsafe cipher else { return false }
    return allowedSuites.contains(unsafe "\(String(cString: exchange)) \(String(cString: cipher))")
  }

  private static func load(
    _ settings: TLSServerSettings, into credentials: gnutls_certificate_credentials_t
  ) throws(TLSServerError) {
    // Looked at first by itself: of a chain that it cannot read the next function keeps a certificate for ever.
    let isReadable = unsafe withDatum(settings.certificate) { unsafe check($0) }
    guard isReadable >= 0 else { throw .identity(words(isReadable)) }
    let status = unsafe withDatum(settings.certificate) { certificate in
      unsafe withDatum(settings.key) { key in
        unsafe gnutls_certificate_set_x509_key_mem2(
          credentials, certificate, key, GNUTLS_X509_FMT_PEM, nil, 0)
      }
    }
    guard status >= 0 else { throw .identity(words(status)) }
    guard settings.clientCertificate.isVerified else { return }
    let count: Int32
    if let authorities = settings.clientAuthorities {
      count = unsafe withDatum(authorities) {
        unsafe gnutls_certificate_set_x509_trust_mem(credentials, $0, GNUTLS_X509_FMT_PEM)
      }
    } else {
      count = unsafe gnutls_certificate_set_x509_system_trust(credentials)
    }
    guard count >= 0 else { throw .clientAuthorities(words(count)) }
    guard count > 0 else { throw .clientAuthorities("there is no certificate among them") }
  }

  /// Whether these are certificates: a negative number where not.
  private static func check(_ chain: UnsafePointer<gnutls_datum_t>) -> Int32 {
    var list: UnsafeMutablePointer<gnutls_x509_crt_t?>?
    var count: UInt32 = 0
    let status = unsafe gnutls_x509_crt_list_import2(&list, &count, chain, GNUTLS_X509_FMT_PEM, 0)
    guard status >= 0, let list = unsafe list else { return status }
    for index in 0..<Int(count) { unsafe gnutls_x509_crt_deinit(list[index]) }
    unsafe cgnutls_free(list)
    return status
  }

  private static func priorities(
    _ settings: TLSServerSettings
  ) throws(TLSServerError) -> gnutls_priority_t {
    guard settings.minVersion <= settings.maxVersion else {
      throw .options(
        "the least version \(settings.minVersion.rawValue) is above the greatest, \(settings.maxVersion.rawValue)"
      )
    }
    var made: gnutls_priority_t?
    let status = unsafe gnutls_priority_init(&made, TLSPriorities(settings).text, nil)
    guard status >= 0, let priorities = unsafe made else { throw .options(words(status)) }
    return unsafe priorities
  }

  private static func words(_ status: Int32) -> String { unsafe String(cString: gnutls_strerror(status)) }

  private static func withDatum<Result>(
    _ bytes: [UInt8], _ body: (UnsafePointer<gnutls_datum_t>) -> Result
  ) -> Result {
    var bytes = bytes
    return unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      var datum = unsafe gnutls_datum_t(data: buffer.baseAddress, size: UInt32(buffer.count))
      return unsafe body(&datum)
    }
  }
}

/// The library's question in a handshake whether the client is welcome: 0 for yes.
private func judgeClient(session: gnutls_session_t?) -> Int32 {
  guard let session = unsafe session, let known = unsafe gnutls_session_get_ptr(session) else { return -1 }
  let credentials = unsafe Unmanaged<TLSCredentials>.fromOpaque(known).takeUnretainedValue()
  return unsafe credentials.accepts(clientOf: session) ? 0 : GNUTLS_E_CERTIFICATE_ERROR
}

/// The library's call before the client's end of the handshake is believed: 0 to go on.
private func judgeSuite(
  session: gnutls_session_t?, kind: UInt32, when: UInt32, incoming: UInt32,
  message: UnsafePointer<gnutls_datum_t>?
) -> Int32 {
  guard let session = unsafe session, let known = unsafe gnutls_session_get_ptr(session) else { return -1 }
  let credentials = unsafe Unmanaged<TLSCredentials>.fromOpaque(known).takeUnretainedValue()
  return unsafe credentials.accepts(suiteOf: session) ? 0 : GNUTLS_E_NO_CIPHER_SUITES
}
