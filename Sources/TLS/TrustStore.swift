import COpenSSL

/// Files that say whom to believe.
package struct TrustFiles: Sendable, Hashable {
  /// PEM file with authorities.
  package var caFile: String?
  /// Directory of such files.
  package var caDirectory: String?
  /// PEM file with lists of revoked certificates (RFC 5280 section 5).
  package var crlFile: String?

  /// No files, or these.
  package init(caFile: String? = nil, caDirectory: String? = nil, crlFile: String? = nil) {
    self.caFile = caFile
    self.caDirectory = caDirectory
    self.crlFile = crlFile
  }
}

/// The authorities to believe, and what they have withdrawn: loaded once, shared by every session that is judged by them.
@safe package final class TrustStore: @unchecked Sendable {
  // Safe to send: nothing of ours changes a store once it is made, and the library guards its own cache in it
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

  /// The certificates of a PEM file, and no others; nil: the system's own. With a PEM file of revocation lists
  /// (RFC 5280 section 5) a server's certificate must be covered by one of them, and not be on it.
  package convenience init(caFile: String?, crlFile: String? = nil) throws(TLSMaterialError) {
    if let caFile { try self.init(authorities: PEMFile(path: caFile).certificates()) } else { self.init() }
    if let crlFile { try unsafe PEMFile(path: crlFile).addRevocationLists(to: store) }
  }

  /// What the files say, and the system's own authorities where they name none.
  package convenience init(_ files: TrustFiles) throws(TLSMaterialError) {
    if files.caFile == nil, files.caDirectory == nil {
      self.init()
    } else {
      let file = try files.caFile.map { path throws(TLSMaterialError) in
        try PEMFile(path: path).certificates()
      }
      let directory = try files.caDirectory.map { path throws(TLSMaterialError) in
        try PEMDirectory.certificates(in: path)
      }
      self.init(authorities: (file ?? []) + (directory ?? []))
    }
    if let path = files.crlFile { try unsafe PEMFile(path: path).addRevocationLists(to: store) }
  }

  /// These certificates, and no others.
  package init(authorities: [Certificate]) {
    guard let store = unsafe X509_STORE_new() else { fatalError("X509_STORE_new fails only without memory") }
    unsafe self.store = store
    for authority in authorities { unsafe X509_STORE_add_cert(store, authority.x509) }
    // An intermediate that is named is believed for its own sake, without the root above it.
    unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
  }

  deinit { unsafe X509_STORE_free(store) }
}
