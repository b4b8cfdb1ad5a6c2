import Glibc

/// Why certificates, keys or options cannot be used: the operator's files and settings, never the peer's doing.
package enum TLSMaterialError: Error, Sendable, Equatable, CustomStringConvertible {
  /// There is no such file.
  case missing(file: String)
  /// It is there, and the system does not let it be read.
  case unreadable(file: String, errno: Int32)
  case isDirectory(file: String)
  /// It holds no certificate in PEM (RFC 7468).
  case noCertificate(file: String)
  /// It holds no revocation list in PEM.
  case noRevocationList(file: String)
  /// It holds no private key in PEM.
  case noPrivateKey(file: String)
  /// The private key wants a passphrase.
  case encryptedKey(file: String)
  /// A PEM block is there, and cannot be decoded.
  case damaged(file: String, detail: String)
  /// Certificate and key do not belong together.
  case keyMismatch(certFile: String, keyFile: String)
  /// The library does not take the certificate, such as a key too small for its security level.
  case refused(file: String, detail: String)
  /// No protocol version lies between minimum and maximum, or a setting is unknown to the library.
  case options(detail: String)
  /// A certificate of our own could not be made.
  case minting(detail: String)

  /// One sentence for people.
  package var description: String {
    switch self {
    case .missing(let file): "\(file) does not exist"
    case .unreadable(let file, let errno):
      unsafe "\(file) cannot be read: \(String(cString: strerror(errno)))"
    case .isDirectory(let file): "\(file) is a directory, not a PEM file"
    case .noCertificate(let file): "\(file) holds no PEM certificate"
    case .noRevocationList(let file): "\(file) holds no PEM revocation list"
    case .noPrivateKey(let file): "\(file) holds no PEM private key"
    case .encryptedKey(let file):
      "the private key in \(file) is encrypted; a key without passphrase is needed"
    case .damaged(let file, let detail): "\(file) holds a PEM block that cannot be decoded: \(detail)"
    case .keyMismatch(let certFile, let keyFile):
      "the private key in \(keyFile) does not belong to the certificate in \(certFile)"
    case .refused(let file, let detail): "the certificate in \(file) cannot be used: \(detail)"
    case .options(let detail): "the TLS options cannot be used: \(detail)"
    case .minting(let detail): "a certificate could not be made: \(detail)"
    }
  }
}
