import COpenSSL

/// The hashes that mail's login mechanisms are made of, CRAM-MD5 (RFC 2195) and SCRAM (RFC 5802, RFC 7677), and
/// those of TLSA records (RFC 6698).
package enum HashFunction: String, CaseIterable, Sendable {
  case md5 = "MD5"
  case sha1 = "SHA1"
  case sha256 = "SHA256"
  case sha512 = "SHA512"

  /// The library offers it. One that is confined to FIPS 140 has no MD5, and the functions below must not be
  /// called for it.
  package var isAvailable: Bool { unsafe algorithm != nil }

  /// How many bytes a hash has.
  package var byteCount: Int {
    switch self {
    case .md5: 16
    case .sha1: 20
    case .sha256: 32
    case .sha512: 64
    }
  }

  /// The hash of `message` (RFC 1321, RFC 3174, RFC 6234).
  package func hash(_ message: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: byteCount)
    let status = unsafe EVP_Digest(message, message.count, &output, nil, algorithm, nil)
    precondition(status == 1, "\(rawValue) is not available")
    return output
  }

  /// The keyed hash of `message` (HMAC, RFC 2104).
  package func hmac(key: [UInt8], message: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: byteCount)
    // Without a key, HMAC would take the last one again: an empty one is still a key.
    let status = unsafe (key.isEmpty ? [0] : key).withUnsafeBufferPointer { start in
      unsafe HMAC(algorithm, start.baseAddress, Int32(key.count), message, message.count, &output, nil)
    }
    unsafe precondition(status != nil, "\(rawValue) is not available")
    return output
  }

  /// The key that a password comes to (PBKDF2, RFC 8018 section 5.2; `Hi` of RFC 5802), as long as a hash.
  package func pbkdf2(password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
    precondition(iterations > 0, "PBKDF2 iterates at least once")
    var output = [UInt8](repeating: 0, count: byteCount)
    let status = unsafe password.withUnsafeBytes { password in
      unsafe PKCS5_PBKDF2_HMAC(
        password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt,
        Int32(salt.count), Int32(clamping: iterations), algorithm, Int32(byteCount), &output)
    }
    precondition(status == 1, "\(rawValue) is not available")
    return output
  }

  /// The library's implementation, looked up once.
  var algorithm: OpaquePointer? {
    switch self {
    case .md5: unsafe Self.fetchedMD5
    case .sha1: unsafe Self.fetchedSHA1
    case .sha256: unsafe Self.fetchedSHA256
    case .sha512: unsafe Self.fetchedSHA512
    }
  }

  // Safe: set once, never freed, and immutable in the library.
  private nonisolated(unsafe) static let fetchedMD5 = unsafe fetch(.md5)
  private nonisolated(unsafe) static let fetchedSHA1 = unsafe fetch(.sha1)
  private nonisolated(unsafe) static let fetchedSHA256 = unsafe fetch(.sha256)
  private nonisolated(unsafe) static let fetchedSHA512 = unsafe fetch(.sha512)

  private static func fetch(_ function: HashFunction) -> OpaquePointer? {
    defer { ErrorQueue.clear() }
    return unsafe EVP_MD_fetch(nil, function.rawValue, nil)
  }
}

/// The library that does the cryptography.
package enum CryptographicLibrary {
  /// Such as `OpenSSL 3.0.17 1 Jul 2025`, as it was loaded.
  package static var version: String { unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)) }

  /// Unpredictable bytes.
  package static func randomBytes(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let status = unsafe RAND_bytes(&bytes, Int32(count))
    precondition(status == 1, "the system gives no randomness")
    return bytes
  }
}
