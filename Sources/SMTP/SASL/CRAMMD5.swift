package import Model

/// HMAC-MD5 (RFC 2104) of a message under a key. It is passed in: this room computes no digests.
package typealias HMACMD5 = @Sendable (_ key: [UInt8], _ message: [UInt8]) -> [UInt8]

/// CRAM-MD5 (RFC 2195): the password keys a digest of the server's challenge and never leaves the client.
package struct CRAMMD5Client: SASLClient {
  private let credentials: Credentials
  private let hmac: HMACMD5
  private var isDone = false

  /// A login.
  package init(_ credentials: Credentials, hmac: @escaping HMACMD5) {
    self.credentials = credentials
    self.hmac = hmac
  }

  package var mechanism: Mechanism { .cramMD5 }

  package mutating func initialResponse() -> [UInt8]? { nil }

  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    guard !isDone else { throw .unexpectedChallenge }
    isDone = true
    let digits = [UInt8]("0123456789abcdef".utf8)
    let digest = hmac(credentials.password.bytes, challenge)
    return credentials.username.utf8 + [0x20]
      + digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }
}
