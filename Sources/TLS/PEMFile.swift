import COpenSSL
import Glibc

/// A file with PEM blocks (RFC 7468), read once and whole.
struct PEMFile {
  let path: String
  private let bytes: [UInt8]

  /// Reads the file.
  init(path: String) throws(TLSMaterialError) {
    self.path = path
    guard let file = unsafe fopen(path, "re") else {
      throw errno == ENOENT ? .missing(file: path) : .unreadable(file: path, errno: errno)
    }
    defer { unsafe fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = unsafe fread(&chunk, 1, chunk.count, file), count > 0 {
      bytes.append(contentsOf: chunk[..<count])
    }
    guard unsafe ferror(file) == 0 else {
      throw errno == EISDIR ? .isDirectory(file: path) : .unreadable(file: path, errno: errno)
    }
    self.bytes = bytes
  }

  /// Every certificate in it, in order; at least one.
  func certificates() throws(TLSMaterialError) -> [Certificate] {
    ErrorQueue.clear()
    let memory = MemoryBIO(bytes)
    var certificates: [Certificate] = []
    while let x509 = unsafe PEM_read_bio_X509(memory.bio, nil, refusePassphrase, nil) {
      certificates.append(unsafe Certificate(owning: x509))
    }
    if let detail = Self.damage(ErrorQueue.drain()) { throw .damaged(file: path, detail: detail) }
    guard !certificates.isEmpty else { throw .noCertificate(file: path) }
    return certificates
  }

  /// Has a store check servers' certificates against every revocation list in it; at least one.
  func addRevocationLists(to store: OpaquePointer) throws(TLSMaterialError) {
    ErrorQueue.clear()
    let memory = MemoryBIO(bytes)
    var count = 0
    while let list = unsafe PEM_read_bio_X509_CRL(memory.bio, nil, refusePassphrase, nil) {
      unsafe X509_STORE_add_crl(store, list)
      unsafe X509_CRL_free(list)
      count += 1
    }
    if let detail = Self.damage(ErrorQueue.drain()) { throw .damaged(file: path, detail: detail) }
    guard count > 0 else { throw .noRevocationList(file: path) }
    unsafe X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK))
  }

  /// The first private key in it.
  func privateKey() throws(TLSMaterialError) -> PrivateKey {
    ErrorQueue.clear()
    let memory = MemoryBIO(bytes)
    if let key = unsafe PEM_read_bio_PrivateKey(memory.bio, nil, refusePassphrase, nil) {
      return unsafe PrivateKey(owning: key)
    }
    let entries = ErrorQueue.drain()
    if entries.contains(where: { $0.library == ERR_LIB_PEM && $0.reason == PEM_R_BAD_PASSWORD_READ }) {
      throw .encryptedKey(file: path)
    }
    if let detail = Self.damage(entries) { throw .damaged(file: path, detail: detail) }
    throw .noPrivateKey(file: path)
  }

  /// What is wrong with a block that is there. The end of the file is told as the lack of a further block.
  private static func damage(_ entries: [ErrorQueue.Entry]) -> String? {
    guard let last = entries.last else { return nil }
    let isEnd = last.library == ERR_LIB_PEM && last.reason == PEM_R_NO_START_LINE
    return isEnd || last.library == ERR_LIB_OSSL_DECODER ? nil : last.text
  }
}

/// Answers the library's question for a passphrase with none; it would ask at the terminal itself otherwise.
private func refusePassphrase(
  _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int32, _ isForWriting: Int32,
  _ context: UnsafeMutableRawPointer?
) -> Int32 { -1 }
