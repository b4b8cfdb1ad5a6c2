import COpenSSL

/// An X.509 certificate (RFC 5280) of our own: of a file, or minted here.
@safe package final class Certificate: @unchecked Sendable {
  // Safe to send: nothing changes a certificate once it is made, and its count of references is atomic.
  let x509: OpaquePointer

  /// Takes over a reference.
  init(owning x509: OpaquePointer) { unsafe self.x509 = x509 }

  deinit { unsafe X509_free(x509) }

  /// The PEM block (RFC 7468).
  package var pem: String {
    let memory = MemoryBIO()
    unsafe PEM_write_bio_X509(memory.bio, x509)
    return memory.text
  }
}

/// A private key of our own.
@safe package final class PrivateKey: @unchecked Sendable {
  // Safe to send: as with a certificate, nothing changes it, and its count of references is atomic.
  let key: OpaquePointer

  /// Takes over a reference.
  init(owning key: OpaquePointer) { unsafe self.key = key }

  deinit { unsafe EVP_PKEY_free(key) }

  /// The PEM block (RFC 7468), unencrypted.
  package var pem: String {
    let memory = MemoryBIO()
    unsafe PEM_write_bio_PrivateKey(memory.bio, key, nil, nil, 0, nil, nil)
    return memory.text
  }
}

/// What a side of a session proves itself with.
package struct Identity: Sendable {
  /// The certificates to send, the own one first.
  package var chain: [Certificate]
  package var key: PrivateKey

  /// An identity; `chain` is not empty.
  package init(chain: [Certificate], key: PrivateKey) {
    precondition(!chain.isEmpty, "an identity has a certificate")
    self.chain = chain
    self.key = key
  }

  /// The chain as PEM blocks, the own certificate first: what goes into a certificate file.
  package var certificatePEM: String { chain.map(\.pem).joined() }

  /// The key as a PEM block: what goes into a key file.
  package var keyPEM: String { key.pem }
}
