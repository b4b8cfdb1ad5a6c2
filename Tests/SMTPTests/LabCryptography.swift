import Model
import SMTP
import TLS

/// Real cryptography with nonces that a test knows.
struct LabCryptography: SASLCryptography {
  /// What every nonce is, in base64 as the client says it.
  var nonce = "nonce+of+the+client+++++"

  let hasMD5 = true

  func hmacMD5(key: [UInt8], message: [UInt8]) -> [UInt8] {
    HashFunction.md5.hmac(key: key, message: message)
  }

  func hash(_ message: [UInt8], _ hash: SCRAMHash) -> [UInt8] { function(hash).hash(message) }

  func hmac(key: [UInt8], message: [UInt8], _ hash: SCRAMHash) -> [UInt8] {
    function(hash).hmac(key: key, message: message)
  }

  func saltedPassword(_ salting: PasswordSalting) -> [UInt8] {
    function(salting.hash).pbkdf2(
      password: salting.password.bytes, salt: salting.salt, iterations: salting.iterations)
  }

  func randomBytes(_ count: Int) -> [UInt8] { Base64.decode(nonce.utf8) ?? [] }

  private func function(_ hash: SCRAMHash) -> HashFunction { hash == .sha1 ? .sha1 : .sha256 }
}
