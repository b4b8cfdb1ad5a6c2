import Base
import Model
import SMTP
import TLS

/// The cryptography of one target's logins. The dear part of SCRAM, thousands of HMACs, is done once for as long
/// as the server keeps to its salt.
final class LoginCryptography: SASLCryptography {
  /// The last salting, with what it came to.
  private let last = Locked<(question: PasswordSalting, answer: [UInt8])?>(nil)

  var hasMD5: Bool { HashFunction.md5.isAvailable }

  func hmacMD5(key: [UInt8], message: [UInt8]) -> [UInt8] {
    HashFunction.md5.hmac(key: key, message: message)
  }

  func hash(_ message: [UInt8], _ hash: SCRAMHash) -> [UInt8] { hash.function.hash(message) }

  func hmac(key: [UInt8], message: [UInt8], _ hash: SCRAMHash) -> [UInt8] {
    hash.function.hmac(key: key, message: message)
  }

  func saltedPassword(_ salting: PasswordSalting) -> [UInt8] {
    if let known = known(salting) { return known }
    let answer = Self.salted(salting)
    last.withLock { $0 = (salting, answer) }
    return answer
  }

  /// Salts a password on another thread: a server may ask for so many rounds that all other probes would wait.
  func prepare(_ salting: PasswordSalting) async {
    guard known(salting) == nil else { return }
    let answer = await Task.detached { Self.salted(salting) }.value
    last.withLock { $0 = (salting, answer) }
  }

  private func known(_ salting: PasswordSalting) -> [UInt8]? {
    last.withLock { $0?.question == salting ? $0?.answer : nil }
  }

  private static func salted(_ salting: PasswordSalting) -> [UInt8] {
    salting.hash.function.pbkdf2(
      password: salting.password.bytes, salt: salting.salt, iterations: salting.iterations)
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
