import COpenSSL

/// The authorities to believe: loaded once, shared by every session that is judged by them.
@safe package final class TrustStore: @unchecked Sendable {
  // Unchecked: nothing of ours changes a store once it is made, and the library guards its own cache in it
  // with a lock.
  let store: OpaquePointer

  /// The system's own: the library's default file and directory, or what SSL_CERT_FILE and SSL_CERT_DIR name.
  package init() {
    guard let store = unsafe X509_STORE_new() else { fatalError("X509_STORE_new fails only without memory") }
    unsafe self.store = store
    ErrorQueue.clear()
    unsafe X509_STORE_set_default_paths(store)
    // A system without a bundle is an empty store: every chain is then untrusted, and is told so.
    ErrorQueue.clear()
  }

  /// The certificates of a PEM file, and no others.
  package convenience init(caFile: String) throws(TLSMaterialError) {
    try self.init(authorities: PEMFile(path: caFile).certificates())
  }

  /// These certificates, and no others.
  package init(authorities: [Certificate]) {
    guard let store = unsafe X509_STORE_new() else { fatalError("X509_STORE_new fails only without memory") }
    unsafe self.store = store
    for authority in authorities { unsafe X509_STORE_add_cert(store, authority.x509) }
  }

  deinit { unsafe X509_STORE_free(store) }
}
