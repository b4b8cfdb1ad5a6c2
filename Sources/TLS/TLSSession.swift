import CLinux
import COpenSSL
package import Model

/// One TLS session without a socket: ciphertext in, ciphertext out, by the caller's hand. After each call that
/// may have made ciphertext (all but `receive` and `endOfStream`) `takeOutgoing` says what to send; before
/// waiting for the peer, `read` is called until it wants bytes, for plaintext may have come along with the
/// end of the handshake.
@safe package final class TLSSession {
  let ssl: OpaquePointer
  /// Both belong to `ssl`.
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  /// What broke the session; nothing further is asked of the library then.
  private var fault: TLSFault?

  /// The handshake has finished. With TLS 1.3 a server may still refuse a client certificate after that.
  package private(set) var isEstablished = false
  /// The server asked for a client certificate.
  package private(set) var clientCertificateRequested = false

  /// Our side of a session with a server. A name goes into the ClientHello (RFC 6066 section 3); an address
  /// never does.
  package convenience init(client context: TLSContext, serverName: String?) {
    precondition(!context.isServer, "a client's session needs a client's context")
    self.init(context)
    unsafe SSL_set_connect_state(ssl)
    unsafe SSL_set_cert_cb(ssl, noteCertificateRequest, Unmanaged.passUnretained(self).toOpaque())
    if let peer = serverName.map(PeerName.init), !peer.isAddress, !peer.text.isEmpty {
      // The library refuses what is no name, such as one above 255 octets; the session then goes without.
      _ = unsafe peer.text.withCString { unsafe copenssl_set_server_name(ssl, $0) }
    }
  }

  /// A server's side of a session.
  package convenience init(server context: TLSContext) {
    precondition(context.isServer, "a server's session needs a server's context")
    self.init(context)
    unsafe SSL_set_accept_state(ssl)
    if let staple = context.staple { _ = unsafe copenssl_set_staple(ssl, staple, staple.count) }
  }

  private init(_ context: TLSContext) {
    guard let ssl = unsafe SSL_new(context.context), let incoming = unsafe BIO_new(BIO_s_mem()),
      let outgoing = unsafe BIO_new(BIO_s_mem())
    else { fatalError("SSL_new and BIO_new fail only without memory") }
    unsafe (self.ssl, self.incoming, self.outgoing) = (ssl, incoming, outgoing)
    // An empty BIO means that bytes are wanted, until the stream is said to have ended.
    unsafe copenssl_bio_set_eof(incoming, -1)
    unsafe SSL_set_bio(ssl, incoming, outgoing)
  }

  deinit { unsafe SSL_free(ssl) }

  /// How far a handshake has come.
  package enum HandshakeProgress: Sendable, Equatable {
    case done
    case wantsBytes
    case failed(TLSFault)
  }

  /// What a read brought.
  package enum ReadProgress: Sendable, Equatable {
    /// So many bytes of plaintext were appended.
    case bytes(Int)
    case wantsBytes
    /// The peer said close_notify; we may still write.
    case closed(TLSFault)
    case failed(TLSFault)
  }

  /// Goes on with the handshake as far as the bytes received allow.
  package func handshake() -> HandshakeProgress {
    if isEstablished { return .done }
    if let fault { return .failed(fault) }
    ErrorQueue.clear()
    // The library wipes the keys that it is done with itself, and gives back thousands of blocks that are none.
    clinux_wipe_freed(0)
    let status = unsafe SSL_do_handshake(ssl)
    clinux_wipe_freed(1)
    if status == 1 {
      isEstablished = true
      return .done
    }
    return if let fault = takeFault(status) { .failed(fault) } else { .wantsBytes }
  }

  /// Takes ciphertext from the peer.
  package func receive(_ ciphertext: Span<UInt8>) { unsafe MemoryBIO.append(ciphertext, to: incoming) }

  /// Takes ciphertext from the peer.
  package func receive(_ ciphertext: [UInt8]) { receive(ciphertext.span) }

  /// Takes ciphertext from the peer.
  package func receive(_ ciphertext: ArraySlice<UInt8>) { receive(ciphertext.span) }

  /// Notes that the peer's stream has ended (FIN): what is still missing will not come.
  package func endOfStream() { unsafe copenssl_bio_set_eof(incoming, 0) }

  /// Appends the ciphertext that waits to be sent, and says how many bytes it is.
  @discardableResult
  package func takeOutgoing(_ ciphertext: inout [UInt8]) -> Int {
    let bytes = unsafe MemoryBIO.contents(of: outgoing)
    guard unsafe !bytes.isEmpty else { return 0 }
    unsafe ciphertext.append(contentsOf: bytes)
    let count = bytes.count
    unsafe copenssl_bio_reset(outgoing)
    return count
  }

  /// Appends plaintext: at most one record (16 KiB) or 4 KiB, whichever is less. Call it until it wants bytes.
  package func read(_ plaintext: inout [UInt8]) -> ReadProgress {
    precondition(isEstablished, "there is no plaintext before the handshake has finished")
    if let fault { return .failed(fault) }
    let start = plaintext.count
    plaintext.append(contentsOf: repeatElement(0, count: Self.readSize))
    ErrorQueue.clear()
    let status = unsafe plaintext.withUnsafeMutableBytes { bytes in
      unsafe SSL_read(ssl, bytes.baseAddress.map { unsafe $0 + start }, Int32(Self.readSize))
    }
    plaintext.removeLast(Self.readSize - max(0, Int(status)))
    if status > 0 { return .bytes(Int(status)) }
    guard let fault = takeFault(status) else { return .wantsBytes }
    return fault.kind == .closeNotify ? .closed(fault) : .failed(fault)
  }

  /// Encrypts plaintext. It never waits for the peer.
  package func write(_ plaintext: Span<UInt8>) throws(TLSFault) {
    precondition(isEstablished, "nothing is written before the handshake has finished")
    if let fault { throw fault }
    guard !plaintext.isEmpty else { return }
    ErrorQueue.clear()
    var written = 0
    let status = unsafe plaintext.withUnsafeBytes { bytes in
      unsafe SSL_write_ex(ssl, bytes.baseAddress, bytes.count, &written)
    }
    guard status != 1 else { return }
    throw takeFault(status) ?? note(TLSFault.Kind.protocol, [])
  }

  /// Encrypts plaintext. It never waits for the peer.
  package func write(_ plaintext: [UInt8]) throws(TLSFault) { try write(plaintext.span) }

  /// Asks the peer for a new handshake, with TLS 1.3 for new keys: what a server may do at any time.
  package func renegotiate() {
    guard isEstablished, fault == nil else { return }
    ErrorQueue.clear()
    unsafe SSL_clear_options(ssl, copenssl_op_no_renegotiation)
    if unsafe SSL_version(ssl) >= TLS1_3_VERSION {
      unsafe SSL_key_update(ssl, SSL_KEY_UPDATE_REQUESTED)
    } else {
      unsafe SSL_renegotiate(ssl)
    }
    unsafe SSL_do_handshake(ssl)
    ErrorQueue.clear()
  }

  /// Says close_notify (RFC 8446 section 6.1), unless the session is broken or never began: the library would
  /// then only add errors of its own.
  package func close() {
    guard isEstablished, fault == nil else { return }
    ErrorQueue.clear()
    unsafe SSL_shutdown(ssl)
    ErrorQueue.clear()
  }

  /// The negotiated version, such as `TLSv1.3`; empty before the handshake has finished.
  package var version: String { unsafe isEstablished ? String(cString: SSL_get_version(ssl)) : "" }

  /// The negotiated cipher, such as `TLS_AES_256_GCM_SHA384`; empty before the handshake has finished.
  package var cipher: String {
    unsafe isEstablished ? String(cString: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl))) : ""
  }

  /// The group of the key exchange, such as `x25519`; nil where there was none.
  package var group: String? {
    guard isEstablished, let name = unsafe copenssl_group_name(ssl) else { return nil }
    return unsafe String(cString: name)
  }

  /// The name that the client sent (RFC 6066 section 3).
  package var requestedServerName: String? {
    unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { unsafe String(cString: $0) }
  }

  /// The library's security level that the session runs at.
  var securityLevel: Int32 { unsafe SSL_get_security_level(ssl) }

  /// The peer's chain as it was sent, the peer's own certificate first on a client's side. It belongs to
  /// the session.
  var peerChain: OpaquePointer? { unsafe SSL_get_peer_cert_chain(ssl) }

  /// The peer was asked for an OCSP staple.
  var requestsStaple: Bool { unsafe copenssl_requests_staple(ssl) != 0 }

  /// The staple as it was sent; nil where there is none. It belongs to the session.
  var staple: UnsafeRawBufferPointer? {
    var bytes: UnsafePointer<UInt8>?
    let count = unsafe copenssl_staple(ssl, &bytes)
    guard count >= 0, let bytes = unsafe bytes else { return nil }
    return unsafe UnsafeRawBufferPointer(start: bytes, count: count)
  }

  /// The note of the library that the server wants a client certificate.
  fileprivate func certificateWasRequested() { clientCertificateRequested = true }

  /// As many bytes as one read appends at most; a reply of SMTP is far shorter.
  private static let readSize = 4096

  /// What a call came to that returned `status`; nil where it only wants bytes. A late alert of TLS 1.3 returns
  /// 0 as an end does: only SSL_get_error tells them apart.
  private func takeFault(_ status: Int32) -> TLSFault? {
    switch unsafe SSL_get_error(ssl, status) {
    case SSL_ERROR_WANT_READ: nil
    case SSL_ERROR_ZERO_RETURN: isEstablished ? makeFault(.closeNotify, []) : note(.closeNotify, [])
    case SSL_ERROR_SYSCALL: note(.endOfStream, ErrorQueue.drain())
    default: note(.protocol, ErrorQueue.drain())
    }
  }

  /// A fault that nothing follows.
  private func note(_ kind: TLSFault.Kind, _ entries: [ErrorQueue.Entry]) -> TLSFault {
    let fault = makeFault(kind, entries)
    self.fault = fault
    return fault
  }

  private func makeFault(_ kind: TLSFault.Kind, _ entries: [ErrorQueue.Entry]) -> TLSFault {
    let verdict = entries.last { $0.library == ERR_LIB_SSL }
    let isEnd = kind == .endOfStream || verdict?.reason == Int(SSL_R_UNEXPECTED_EOF_WHILE_READING)
    let words: String? =
      switch kind {
      case .closeNotify: "close notify"
      case .endOfStream: "end of stream"
      case .protocol: nil
      }
    return TLSFault(
      kind: isEnd ? .endOfStream : kind, code: verdict?.code ?? 0, reason: verdict?.reason ?? 0,
      text: verdict?.text ?? entries.last?.text ?? words ?? "no reason given", entries: entries.map(\.line),
      isAfterHandshake: isEstablished, clientCertificateRequested: clientCertificateRequested)
  }
}

/// Hears from the library that the server asks for a client certificate, whether or not we have one.
private func noteCertificateRequest(_ ssl: OpaquePointer?, _ session: UnsafeMutableRawPointer?) -> Int32 {
  if let session = unsafe session {
    unsafe Unmanaged<TLSSession>.fromOpaque(session).takeUnretainedValue().certificateWasRequested()
  }
  return 1
}
