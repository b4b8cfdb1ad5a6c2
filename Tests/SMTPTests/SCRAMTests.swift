import Model
import SMTP
import Testing

private func text(_ bytes: [UInt8]?) -> String { String(decoding: bytes ?? [], as: UTF8.self) }

private func scram(
  _ hash: SCRAMHash = .sha1, _ use: ChannelBindingUse = .none, user: String = "user",
  nonce: String = "fyko+d2lbbFgONRv9qkxdawL"
) -> SCRAMClient {
  SCRAMClient(
    Credentials(username: user, password: Secret("pencil")), hash: hash, use: use,
    cryptography: LabCryptography(nonce: nonce))
}

/// The server's first message of the example of RFC 5802.
private let challenge = "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096"

/// A client that has said its proof in the example of RFC 5802.
private func proven() throws -> SCRAMClient {
  var client = scram()
  _ = client.initialResponse()
  _ = try client.respond(to: Array(challenge.utf8))
  return client
}

struct SCRAMTests {
  @Test func `SCRAM-SHA-1 has the example of RFC 5802`() throws {
    var client = scram()
    #expect(client.mechanism == .scramSHA1)
    #expect(text(client.initialResponse()) == "n,,n=user,r=fyko+d2lbbFgONRv9qkxdawL")
    #expect(
      text(try client.respond(to: Array(challenge.utf8)))
        == "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=")
    #expect(try client.respond(to: Array("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=".utf8)) == [])
    #expect(throws: Never.self) { try client.confirm() }
    #expect(throws: SASLError.unexpectedChallenge) { try client.respond(to: []) }
  }

  @Test func `SCRAM-SHA-256 has the example of RFC 7677`() throws {
    var client = scram(.sha256, nonce: "rOprNGfwEbeRWgbNEkqO")
    #expect(client.mechanism == .scramSHA256)
    #expect(text(client.initialResponse()) == "n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    let nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    #expect(
      text(try client.respond(to: Array("r=\(nonce),s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".utf8)))
        == "c=biws,r=\(nonce),p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
    #expect(try client.respond(to: Array("v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=".utf8)) == [])
    #expect(throws: Never.self) { try client.confirm() }
  }

  @Test(arguments: [
    (ChannelBinding(.tlsExporter, [1, 2, 3]), "p=tls-exporter,,"),
    (ChannelBinding(.tlsServerEndPoint, Array(repeating: 0xFE, count: 32)), "p=tls-server-end-point,,"),
  ])
  func `A binding is named first, and proved with the answer`(binding: ChannelBinding, header: String) throws
  {
    var client = scram(.sha256, .bound(binding))
    #expect(client.mechanism == .scramSHA256Plus)
    #expect(text(client.initialResponse()) == header + "n=user,r=fyko+d2lbbFgONRv9qkxdawL")
    let answer = text(try client.respond(to: Array(challenge.utf8)))
    let bound = text(Base64.encode(Array(header.utf8) + binding.data))
    #expect(answer.hasPrefix("c=\(bound),r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,p="))
    // Another session's binding comes to another proof.
    var other = scram(.sha256, .bound(ChannelBinding(binding.kind, binding.data + [0])))
    _ = other.initialResponse()
    #expect(text(try other.respond(to: Array(challenge.utf8))) != answer)
  }

  @Test func `A client that could bind says so where the server does not offer it`() throws {
    var client = scram(.sha1, .notOffered)
    #expect(client.mechanism == .scramSHA1)
    #expect(text(client.initialResponse()).hasPrefix("y,,n=user,"))
    #expect(text(try client.respond(to: Array(challenge.utf8))).hasPrefix("c=eSws,"))
  }

  @Test(arguments: [
    ("a=b,c", "n=a=3Db=2Cc,"), ("=3D", "n==3D3D,"), ("jürgen", "n=jürgen,"),
    // A letter of two parts hides no sign.
    ("a,\u{301}b", "n=a=2C\u{301}b,"),
  ])
  func `What would part a name is escaped`(user: String, part: String) {
    var client = scram(user: user)
    #expect(text(client.initialResponse()).unicodeScalars.starts(with: ("n,," + part).unicodeScalars))
  }

  @Test(arguments: [
    "r=3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    "r=fyko+d2lbbFgONRv9qkxdawK3rfc,s=QSXCR+Q6sek8bf92,i=4096",
    // Ours alone, with nothing of the server's.
    "r=fyko+d2lbbFgONRv9qkxdawL,s=QSXCR+Q6sek8bf92,i=4096",
  ])
  func `A nonce that does not continue ours is not answered`(message: String) throws {
    var client = scram()
    _ = client.initialResponse()
    #expect(throws: SASLError.serverUnverified("its nonce does not continue ours")) {
      try client.respond(to: Array(message.utf8))
    }
  }

  @Test func `What an answer wants salted is known beforehand, and nothing after it`() throws {
    var client = scram()
    _ = client.initialResponse()
    let message = Array("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=4096".utf8)
    let salting = try #require(client.salting(askedBy: message))
    #expect(salting.iterations == 4096)
    #expect(salting.salt == Base64.decode("QSXCR+Q6sek8bf92".utf8))
    #expect(client.salting(askedBy: Array("r=x,s=QSXCR+Q6sek8bf92,i=4096".utf8)) == nil)
    _ = try client.respond(to: message)
    #expect(client.salting(askedBy: message) == nil)
  }

  @Test(arguments: [
    "0", "-1", "", "600001", "99999999999999999999999", "4096x", "04096", " 4096", "+4096",
  ])
  func `An iteration count out of reason is not answered`(count: String) throws {
    var client = scram()
    _ = client.initialResponse()
    let error = #expect(throws: SASLError.self) {
      try client.respond(to: Array("r=fyko+d2lbbFgONRv9qkxdawL3rfc,s=QSXCR+Q6sek8bf92,i=\(count)".utf8))
    }
    guard case .serverUnverified = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "", "r=", "s=QSXCR+Q6sek8bf92,i=4096", "m=x,r=fyko+d2lbbFgONRv9qkxdawL3,s=QSXCR+Q6sek8bf92,i=4096",
    "r=fyko+d2lbbFgONRv9qkxdawL3,s=,i=4096", "r=fyko+d2lbbFgONRv9qkxdawL3,s=***,i=4096",
    "s=QSXCR+Q6sek8bf92,r=fyko+d2lbbFgONRv9qkxdawL3,i=4096",
  ])
  func `What is no first message of a server is not answered`(message: String) throws {
    var client = scram()
    _ = client.initialResponse()
    let error = #expect(throws: SASLError.self) { try client.respond(to: Array(message.utf8)) }
    guard case .unreadableChallenge = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `A count that was lowered on the way ruins the server's signature`() throws {
    var client = scram()
    _ = client.initialResponse()
    _ = try client.respond(to: Array(challenge.dropLast(4).utf8) + Array("1024".utf8))
    #expect(throws: SASLError.serverUnverified("its signature is wrong")) {
      try client.respond(to: Array("v=rmF9pqV8S7suAoZWja4dJRkFsKQ=".utf8))
    }
  }

  @Test(arguments: [
    ("v=rmF9pqV8S7suAoZWja4dJRkFsKR=", "its signature is wrong"), ("v=", "its signature is wrong"),
    ("v=AAAApqV8S7suAoZWja4dJRkFsKQ=", "its signature is wrong"), ("", "its last message has no signature"),
    ("w=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "its last message has no signature"),
  ])
  func `A server without the right signature is not believed`(message: String, words: String) throws {
    var client = try proven()
    #expect(throws: SASLError.serverUnverified(words)) { try client.respond(to: Array(message.utf8)) }
    #expect(throws: SASLError.self) { try client.confirm() }
  }

  @Test func `Success without a signature is not believed`() throws {
    let client = try proven()
    #expect(throws: SASLError.serverUnverified("it accepts the login without a signature of its own")) {
      try client.confirm()
    }
  }

  @Test func `The server's words of refusal are kept, and its acceptance is then not believed`() throws {
    var client = try proven()
    #expect(try client.respond(to: Array("e=channel-bindings-dont-match".utf8)) == [])
    #expect(text(client.remark) == "e=channel-bindings-dont-match")
    #expect(throws: SASLError.self) { try client.confirm() }
  }
}
