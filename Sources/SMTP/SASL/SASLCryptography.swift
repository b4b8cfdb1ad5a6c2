package import Model

/// The hashes of SCRAM (RFC 5802, RFC 7677).
package enum SCRAMHash: Sendable, Hashable {
  case sha1, sha256
}

/// A password that SCRAM wants salted: `Hi` of RFC 5802, with all that it is made from.
package struct PasswordSalting: Sendable, Equatable {
  package var hash: SCRAMHash
  package var password: Secret
  package var salt: [UInt8]
  package var iterations: Int

  /// A salting.
  package init(hash: SCRAMHash, password: Secret, salt: [UInt8], iterations: Int) {
    self.hash = hash
    self.password = password
    self.salt = salt
    self.iterations = iterations
  }
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
  func saltedPassword(_ salting: PasswordSalting) -> [UInt8]
  /// Salts a password that is about to be asked for, where other work need not wait for it.
  func prepare(_ salting: PasswordSalting) async
  /// Unpredictable bytes.
  func randomBytes(_ count: Int) -> [UInt8]
}

extension SASLCryptography {
  package func prepare(_ salting: PasswordSalting) async {}
}
