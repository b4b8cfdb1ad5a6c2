/// The hashes of SCRAM (RFC 5802, RFC 7677).
package enum SCRAMHash: Sendable, Hashable {
  case sha1, sha256
}

/// The cryptography that mechanisms stand on. It is passed in: this room computes no digests and draws no lots.
package protocol SASLCryptography: Sendable {
  /// There is MD5; where the system is confined to FIPS 140 there is none.
  var hasMD5: Bool { get }
  /// HMAC-MD5 (RFC 2104) of a message under a key.
  func hmacMD5(key: [UInt8], message: [UInt8]) -> [UInt8]
  /// `H` of RFC 5802.
  func hash(_ message: [UInt8], _ hash: SCRAMHash) -> [UInt8]
  /// `HMAC` of RFC 5802.
  func hmac(key: [UInt8], message: [UInt8], _ hash: SCRAMHash) -> [UInt8]
  /// `Hi` of RFC 5802. The same question comes with every login, and is dear to answer.
  func saltedPassword(_ password: [UInt8], salt: [UInt8], iterations: Int, _ hash: SCRAMHash) -> [UInt8]
  /// Unpredictable bytes.
  func randomBytes(_ count: Int) -> [UInt8]
}
