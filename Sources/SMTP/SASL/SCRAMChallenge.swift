/// The server's first message of SCRAM (RFC 5802 section 7): `r=nonce,s=salt,i=iterations`.
struct SCRAMChallenge {
  /// The client's nonce and the server's, as one.
  let nonce: [UInt8]
  let salt: [UInt8]
  let iterations: Int

  /// More would cost us more than a login is worth. Mail servers ask for 4096 (RFC 7677 section 4), and the
  /// highest count in common advice is this.
  private static let mostIterations = 600_000
  /// Mail servers send 8 to 32 bytes.
  private static let longestSalt = 1024

  /// Reads a message that answers the client's nonce.
  init(_ message: [UInt8], answering ours: [UInt8]) throws(SASLError) {
    let attributes = message.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    // What stands in front of these is an extension that must be understood; what follows need not be.
    guard attributes.count >= 3, let nonce = Self.value("r", of: attributes[0]),
      let salt = Self.value("s", of: attributes[1]), let count = Self.value("i", of: attributes[2])
    else { throw .unreadableChallenge("it is no first message of SCRAM") }
    guard nonce.starts(with: ours), nonce.count > ours.count else {
      throw .serverUnverified("its nonce does not continue ours")
    }
    guard let salt = Base64.decode(salt), !salt.isEmpty, salt.count <= Self.longestSalt else {
      throw .unreadableChallenge("its salt is empty, too long or no base64")
    }
    guard let first = count.first, (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(first),
      count.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let iterations = Int(String(decoding: count, as: UTF8.self)), iterations <= Self.mostIterations
    else {
      throw .serverUnverified(
        "it wants the password hashed \(EscapedText.of(count, limit: 24)) times, "
          + "and 1 to \(Self.mostIterations) are allowed")
    }
    self.nonce = Array(nonce)
    self.salt = salt
    self.iterations = iterations
  }

  /// The value of an attribute such as `r=…`; nil where it is another.
  static func value(_ name: Character, of attribute: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    attribute.starts(with: "\(name)=".utf8) ? attribute.dropFirst(2) : nil
  }
}
