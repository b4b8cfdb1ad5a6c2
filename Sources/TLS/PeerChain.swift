import COpenSSL
package import Model

/// A server's chain as it sent it, its own certificate first, kept for a look beyond the session: whether a TLSA
/// record matches it (RFC 6698 section 2.1).
package struct PeerChain: Sendable {
  private let certificates: [Certificate]
  private let level: Int32

  /// The chain of a finished session; nil where the server has none.
  package init?(of session: TLSSession) {
    certificates = unsafe ChainVerification.handles(session.peerChain).map { x509 in
      unsafe X509_up_ref(x509)
      return unsafe Certificate(owning: x509)
    }
    guard !certificates.isEmpty else { return nil }
    level = session.securityLevel
  }

  /// Whether the server's own certificate is what a record is about; its names and its end do not matter
  /// (RFC 7672 section 3.1.1).
  package func isServer(_ association: [UInt8], selector: UInt8, matching: UInt8) -> Bool {
    certificates[0].is(association, selector: selector, matching: matching)
  }

  /// Whether a further certificate of the chain is what a record is about, and the server's own goes back to it
  /// and is good for `name` now (RFC 7672 section 3.1.2).
  package func leadsToAuthority(
    _ association: [UInt8], selector: UInt8, matching: UInt8, name: String, at now: Timestamp
  ) -> Bool {
    let anchors = certificates.dropFirst().filter {
      $0.is(association, selector: selector, matching: matching)
    }
    guard !anchors.isEmpty, let stack = unsafe copenssl_x509s_new() else { return false }
    defer { unsafe copenssl_x509s_free(stack) }
    for certificate in certificates { unsafe copenssl_x509s_push(stack, certificate.x509) }
    let outcome = unsafe ChainVerification.run(
      leaf: certificates[0].x509, chain: stack, trust: TrustStore(authorities: Array(anchors)), name: name,
      at: now, level: level, mayEndBelowRoot: true)
    return outcome.faults.isEmpty
  }
}

extension Certificate {
  /// Whether this is the certificate, or has the key, that a TLSA record's data are about.
  fileprivate func `is`(_ association: [UInt8], selector: UInt8, matching: UInt8) -> Bool {
    let data = selector == 0 ? certificateData : publicKeyData
    return switch matching {
    case 0: data == association
    case 1: HashFunction.sha256.hash(data) == association
    case 2: HashFunction.sha512.hash(data) == association
    default: false
    }
  }

  /// The certificate in DER.
  private var certificateData: [UInt8] {
    let count = unsafe i2d_X509(x509, nil)
    return unsafe Self.bytes(count) { unsafe i2d_X509(x509, $0) }
  }

  /// The SubjectPublicKeyInfo in DER.
  private var publicKeyData: [UInt8] {
    let key = unsafe X509_get_X509_PUBKEY(x509)
    let count = unsafe i2d_X509_PUBKEY(key, nil)
    return unsafe Self.bytes(count) { unsafe i2d_X509_PUBKEY(key, $0) }
  }

  private static func bytes(
    _ count: Int32, _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
  ) -> [UInt8] {
    guard count > 0 else { return [] }
    return unsafe [UInt8](unsafeUninitializedCapacity: Int(count)) { buffer, filled in
      var start = buffer.baseAddress
      filled = unsafe Int(max(0, encode(&start)))
    }
  }
}
