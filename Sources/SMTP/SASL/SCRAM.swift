package import Model

/// How a SCRAM exchange stands to the TLS session around it: the gs2-cbind-flag (RFC 5802 section 6).
package enum ChannelBindingUse: Sendable, Equatable {
  /// `p`: bound to it, which is -PLUS.
  case bound(ChannelBinding)
  /// `y`: we could bind, and the server does not offer it. A server that did offer it knows by this that
  /// somebody between us took it off the list.
  case notOffered
  /// `n`: we do not bind.
  case none
}

/// SCRAM (RFC 5802, RFC 7677): each side proves that it knows the password, and nobody on the way learns it.
package struct SCRAMClient: SASLClient {
  private enum State: Equatable {
    /// Our first message is said.
    case begun
    /// Our proof is said, and this must be the server's.
    case proved(signature: [UInt8])
    /// The server has proved itself.
    case verified
    /// The server says why it refuses.
    case refused
  }

  package let mechanism: Mechanism
  package private(set) var remark: [UInt8] = []
  private let hash: SCRAMHash
  private let password: Secret
  private let cryptography: any SASLCryptography
  /// The gs2-header, and with it what the binding comes to.
  private let header: [UInt8]
  private let bindingData: [UInt8]
  private let nonce: [UInt8]
  /// client-first-message-bare.
  private let first: [UInt8]
  private var state = State.begun

  /// A login; `use` makes it -PLUS or not.
  package init(
    _ credentials: Credentials, hash: SCRAMHash, use: ChannelBindingUse, cryptography: any SASLCryptography
  ) {
    self.hash = hash
    self.cryptography = cryptography
    password = credentials.password
    switch use {
    case .bound(let binding):
      mechanism = hash == .sha1 ? .scramSHA1Plus : .scramSHA256Plus
      header = Array("p=\(binding.kind.rawValue),,".utf8)
      bindingData = binding.data
    case .notOffered, .none:
      mechanism = hash == .sha1 ? .scramSHA1 : .scramSHA256
      header = Array((use == .notOffered ? "y,," : "n,,").utf8)
      bindingData = []
    }
    nonce = Base64.encode(cryptography.randomBytes(18))
    first = Array("n=\(SASLName.escaped(credentials.username)),r=".utf8) + nonce
  }

  package mutating func initialResponse() -> [UInt8]? { header + first }

  package mutating func respond(to challenge: [UInt8]) throws(SASLError) -> [UInt8] {
    switch state {
    case .begun: return try prove(challenge)
    case .proved(let signature):
      try judge(challenge, expecting: signature)
      // The server's last message comes as a challenge in SMTP, and is acknowledged with an empty line.
      return []
    case .verified, .refused: throw .unexpectedChallenge
    }
  }

  package func salting(askedBy challenge: [UInt8]) -> PasswordSalting? {
    guard state == .begun else { return nil }
    return (try? SCRAMChallenge(challenge, answering: nonce)).map(salting)
  }

  private func salting(for challenge: SCRAMChallenge) -> PasswordSalting {
    PasswordSalting(
      hash: hash, password: password, salt: challenge.salt, iterations: challenge.iterations)
  }

  package var tellingChallenge: [UInt8]? {
    guard case .proved(let signature) = state else { return nil }
    return Array("v=".utf8) + Base64.encode(signature)
  }

  package func confirm() throws(SASLError) {
    guard state == .verified else {
      throw .serverUnverified("it accepts the login without a signature of its own")
    }
  }

  /// The answer to the server's first message: our proof (RFC 5802 section 3).
  private mutating func prove(_ message: [UInt8]) throws(SASLError) -> [UInt8] {
    let challenge = try SCRAMChallenge(message, answering: nonce)
    let salted = cryptography.saltedPassword(salting(for: challenge))
    let comma = [UInt8(ascii: ",")]
    let binding = Base64.encode(header + bindingData)
    let final = Array("c=".utf8) + binding + Array(",r=".utf8) + challenge.nonce
    let authMessage = first + comma + message + comma + final
    let clientKey = cryptography.hmac(key: salted, message: Array("Client Key".utf8), hash)
    let storedKey = cryptography.hash(clientKey, hash)
    let clientSignature = cryptography.hmac(key: storedKey, message: authMessage, hash)
    let serverKey = cryptography.hmac(key: salted, message: Array("Server Key".utf8), hash)
    state = .proved(signature: cryptography.hmac(key: serverKey, message: authMessage, hash))
    let proof = zip(clientKey, clientSignature).map { $0 ^ $1 }
    return final + Array(",p=".utf8) + Base64.encode(proof)
  }

  /// The server's last message: its signature, or `e=` with why it refuses, upon which it ends the exchange.
  private mutating func judge(_ message: [UInt8], expecting signature: [UInt8]) throws(SASLError) {
    let attribute = message.prefix { $0 != UInt8(ascii: ",") }
    if SCRAMChallenge.value("e", of: attribute) != nil {
      remark = message
      state = .refused
      return
    }
    guard let value = SCRAMChallenge.value("v", of: attribute) else {
      throw .serverUnverified("its last message has no signature")
    }
    guard Base64.decode(value) == signature else { throw .serverUnverified("its signature is wrong") }
    state = .verified
  }
}
