import Model

/// The first look at PEM files: whether they are there, and of the right kind. The TLS library reads them
/// later.
enum TLSMaterial {
  /// What a file should hold.
  enum Kind {
    case authorities
    case revocations
    case certificate
    case key
  }

  /// Notes what is wrong with a file.
  static func check(_ path: String, _ kind: Kind, named name: String, at place: Place, _ reading: Reading) {
    let fault = { (words: String, cure: String) in
      reading.error(place, "\(name): \(words)", cure: cure, reason: .configTlsMaterial)
    }
    let bytes: [UInt8]
    do throws(FileText.Fault) {
      bytes = try reading.contents(of: path)
    } catch {
      return fault("cannot read \(path): \(error.message)", "")
    }
    let text = String(decoding: bytes, as: UTF8.self)
    let hasCertificate =
      text.contains("-----BEGIN CERTIFICATE-----") || text.contains("-----BEGIN TRUSTED CERTIFICATE-----")
    switch kind {
    case .authorities, .certificate:
      if !hasCertificate {
        fault("\(path) has no certificate in it", "a PEM file has -----BEGIN CERTIFICATE-----")
      }
    case .revocations:
      if !text.contains("-----BEGIN X509 CRL-----") {
        fault("\(path) has no revocation list in it", "a PEM file has -----BEGIN X509 CRL-----")
      }
    case .key:
      if text.contains("ENCRYPTED") {
        fault("the key in \(path) has a passphrase", "store it without one, readable by this program alone")
      } else if !text.contains("PRIVATE KEY-----") {
        fault("\(path) has no private key in it", "a PEM file has -----BEGIN PRIVATE KEY-----")
      } else if let strangers = FileText.strangers(of: path) {
        reading.warn(
          place, "\(name): \(strangers.rawValue) can read \(path)", cure: strangers.cure(for: path),
          reason: .configTlsMaterial)
      }
    }
  }
}
