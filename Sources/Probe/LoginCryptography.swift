import Base
import SMTP
import TLS

/// The cryptography of one target's logins. The dear part of SCRAM, thousands of HMACs, is done once for as long
/// as the server keeps to its salt.
final class LoginCryptography: SASLCryptography {
  private struct Salting: Equatable {
    var hash: SCRAMHash
    var password: [UInt8]
    var salt: [UInt8]
    var iterations: Int
  }

  /// The last salting, with what it came to.
  private let last = Locked<(question: Salting, answer: [UInt8])?>(nil)

  var hasMD5: Bool { HashFunction.md5.isAvailable }

  func hmacMD5(key: [UInt8], message: [UInt8]) -> [UInt8] {
    HashFunction.md5.hmac(key: key, message: message)
  }

  func hash(_ message: [UInt8], _ hash: SCRAMHash) -> [UInt8] { hash.function.hash(message) }

  func hmac(key: [UInt8], message: [UInt8], _ hash: SCRAMHash) -> [UInt8] {
    hash.function.hmac(key: key, message: message)
  }

  func saltedPassword(_ password: [UInt8], salt: [UInt8], iterations: Int, _ hash: SCRAMHash) -> [UInt8] {
    let question = Salting(hash: hash, password: password, salt: salt, iterations: iterations)
    if let known = last.withLock({ $0?.question == question ? $0?.answer : nil }) { return known }
    let answer = hash.function.pbkdf2(password: password, salt: salt, iterations: iterations)
    last.withLock { $0 = (question, answer) }
    return answer
  }

  func randomBytes(_ count: Int) -> [UInt8] { CryptographicLibrary.randomBytes(count) }
}

extension SCRAMHash {
  fileprivate var function: HashFunction {
    switch self {
    case .sha1: .sha1
    case .sha256: .sha256
    }
  }
}
