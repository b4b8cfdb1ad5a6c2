package import Model

/// CRAM-MD5 (RFC 2195): the password keys a digest of the server's challenge and never leaves the client.
package struct CRAMMD5Client: SASLClient {
  private let credentials: Credentials
  private let cryptography: any SASLCryptography
  private var isDone = false

  /// A login.
  package init(_ credentials: Credentials, cryptography: any SASLCryptography) {
    self.credentials = credentials
    self.cryptography = cryptography
  }

  package var mechanism: Mechanism { .cramMD5 }

  package mutating func initialResponse() -> [UInt8]? { nil }

  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    guard !isDone else { throw .unexpectedChallenge }
    isDone = true
    let digits = [UInt8]("0123456789abcdef".utf8)
    let digest = cryptography.hmacMD5(key: credentials.password.bytes, message: challenge)
    return credentials.username.utf8 + [0x20]
      + digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}
