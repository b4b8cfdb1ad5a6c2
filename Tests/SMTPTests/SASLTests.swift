import Model
import SMTP
import Testing

private let credentials = Credentials(username: "tim", password: Secret("tanstaaftanstaaf"))

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Test(arguments: [
  ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
  ("foobar", "Zm9vYmFy"), ("\0probe\0secret", "AHByb2JlAHNlY3JldA=="),
])
func `Base64 has the vectors of RFC 4648`(_ plain: String, _ encoded: String) {
  #expect(text(Base64.encode(Array(plain.utf8))) == encoded)
  #expect(Base64.decode(encoded.utf8) == Array(plain.utf8))
}

@Test
func `Every byte survives base64`() {
  let bytes = (0...255).map(UInt8.init)
  for length in 250...256 {
    #expect(Base64.decode(Base64.encode(Array(bytes.prefix(length)))) == Array(bytes.prefix(length)))
  }
}

@Test(arguments: [
  "Zg", "Zg=", "Zg===", "Z===", "Zh==", "Zm9=", "Zm 9", "Zm9v\n", "====", "Zg==Zg==", "Zm_v", "=",
])
func `What no encoder writes is not decoded`(_ text: String) {
  #expect(Base64.decode(text.utf8) == nil)
}

@Test
func `PLAIN says user and password at once`() throws {
  var client = PlainClient(credentials)
  #expect(client.initialResponse() == Array("\0tim\0tanstaaftanstaaf".utf8))
  #expect(throws: SASLError.unexpectedChallenge) { try client.respond(to: []) }
}

@Test
func `LOGIN says user, then password, then no more`() throws {
  var client = LoginClient(credentials)
  #expect(client.initialResponse() == nil)
  #expect(try client.respond(to: Array("Benutzer:".utf8)) == Array("tim".utf8))
  #expect(try client.respond(to: []) == Array("tanstaaftanstaaf".utf8))
  #expect(throws: SASLError.unexpectedChallenge) { try client.respond(to: []) }
}

@Test
func `CRAM-MD5 has the example of RFC 2195`() throws {
  let challenge = Array("<1896.697170952@postoffice.reston.mci.net>".utf8)
  var client = CRAMMD5Client(credentials, cryptography: LabCryptography())
  #expect(client.initialResponse() == nil)
  let response = try client.respond(to: challenge)
  #expect(text(response) == "tim b913a602c7eda7a495b4e6e7334d3890")
  #expect(text(Base64.encode(response)) == "dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw")
  #expect(throws: SASLError.unexpectedChallenge) { try client.respond(to: challenge) }
}

/// What is chosen for a login with a password, or another proof.
private func choice(
  _ wanted: Mechanism?, _ offered: String, _ proof: LoginProof = .password(Secret("p")), bound: Bool = true,
  md5: Bool = true
) -> Mechanism? {
  MechanismChoice.choose(
    among: MechanismChoice.acceptable(wanted: wanted, proof: proof, isBindable: bound, hasMD5: md5),
    offered: offered.split(separator: " ").map(String.init))
}

@Test
func `The strongest common mechanism is chosen`() {
  let all = "LOGIN PLAIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-1-PLUS SCRAM-SHA-256 SCRAM-SHA-256-PLUS"
  #expect(choice(nil, all) == .scramSHA256Plus)
  #expect(choice(nil, all, bound: false) == .scramSHA256)
  #expect(choice(nil, "SCRAM-SHA-1 SCRAM-SHA-1-PLUS CRAM-MD5") == .scramSHA1Plus)
  #expect(choice(nil, "SCRAM-SHA-1 CRAM-MD5") == .scramSHA1)
  #expect(choice(nil, "LOGIN PLAIN CRAM-MD5") == .cramMD5)
  #expect(choice(nil, "LOGIN PLAIN CRAM-MD5", md5: false) == .plain)
  #expect(choice(nil, "LOGIN PLAIN") == .plain)
  #expect(choice(nil, "NTLM LOGIN") == .login)
  #expect(choice(nil, "NTLM") == nil)
  #expect(choice(.login, "PLAIN LOGIN") == .login)
  #expect(choice(.plain, "CRAM-MD5 NTLM") == nil)
  #expect(choice(.scramSHA256Plus, all, bound: false) == nil)
}

@Test
func `A mechanism is chosen by what there is to prove the login with`() {
  let all = "PLAIN XOAUTH2 OAUTHBEARER EXTERNAL"
  #expect(choice(nil, all) == .plain)
  #expect(choice(nil, "XOAUTH2 OAUTHBEARER EXTERNAL") == nil)
  #expect(choice(nil, all, .token(Secret("t"))) == .oauthBearer)
  #expect(choice(nil, "PLAIN XOAUTH2", .token(Secret("t"))) == .xoauth2)
  #expect(choice(.external, all, .certificate) == .external)
}
