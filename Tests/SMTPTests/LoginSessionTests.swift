import Model
import SMTP
import TLS
import Testing

// Logins that take turns, as whole conversations inside implicit TLS.

private func encoded(_ text: String) -> String { encoded(Array(text.utf8)) }
private func encoded(_ bytes: [UInt8]) -> String { String(decoding: Base64.encode(bytes), as: UTF8.self) }

private let nonce = "nonce+of+the+client+++++"
private let serverFirst = "r=\(nonce)server,s=QSXCR+Q6sek8bf92,i=7"
private let binding = ChannelBinding(.tlsExporter, Array(0..<32))

/// What a server that knows `secret` says last, to a client `probe` that announced itself with a header.
private func serverFinal(_ hash: HashFunction, header: String, bound: [UInt8] = []) -> String {
  let salt = Base64.decode("QSXCR+Q6sek8bf92".utf8) ?? []
  let salted = hash.pbkdf2(password: Array("secret".utf8), salt: salt, iterations: 7)
  let final = "c=\(encoded(Array(header.utf8) + bound)),r=\(nonce)server"
  let message = "n=probe,r=\(nonce),\(serverFirst),\(final)"
  let key = hash.hmac(key: salted, message: Array("Server Key".utf8))
  return "v=" + encoded(hash.hmac(key: key, message: Array(message.utf8)))
}

private func logIn(
  _ login: SessionPlan.Login, offered: String, bound: Bool = true, _ replies: String...
) throws -> Play {
  try converse(
    plan(.implicit) { $0.login = login }, ["220 m", ehlo(without: "STARTTLS", auth: offered)] + replies,
    binding: bound ? binding : nil)
}

/// The line that AUTH was said with, decoded.
private func initialResponse(_ play: Play) -> String? {
  play.said.dropFirst(2).first?.split(separator: " ").last.flatMap { Base64.decode($0.utf8) }
    .map { String(decoding: $0, as: UTF8.self) }
}

struct LoginSessionTests {
  @Test(arguments: [
    ("PLAIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS", true, Mechanism.scramSHA256Plus, "p=tls-exporter,,"),
    ("PLAIN SCRAM-SHA-1-PLUS", true, .scramSHA1Plus, "p=tls-exporter,,"),
    ("PLAIN SCRAM-SHA-256", true, .scramSHA256, "y,,"),
    // -PLUS is there, though for another hash: who supports it must refuse a y.
    ("SCRAM-SHA-256 SCRAM-SHA-1-PLUS", true, .scramSHA256, "n,,"),
    ("SCRAM-SHA-256 SCRAM-SHA-256-PLUS", false, .scramSHA256, "n,,"),
    ("SCRAM-SHA-1 LOGIN", false, .scramSHA1, "n,,"),
  ])
  func `SCRAM is as strong as both sides can, and the server proves itself before success counts`(
    offered: String, bound: Bool, mechanism: Mechanism, header: String
  ) throws {
    let hash = mechanism == .scramSHA1 || mechanism == .scramSHA1Plus ? HashFunction.sha1 : .sha256
    let final = serverFinal(hash, header: header, bound: mechanism.bindsChannel ? binding.data : [])
    let play = try logIn(
      login(), offered: offered, bound: bound, "334 \(encoded(serverFirst))", "334 \(encoded(final))",
      "235 welcome", "221 b")
    #expect(play.session.mechanism == mechanism)
    #expect(initialResponse(play) == "\(header)n=probe,r=\(nonce)")
    #expect(play.said.suffix(2) == ["", "QUIT"])
    #expect(
      play.shown.suffix(4) == ["AUTH \(mechanism.rawValue) <secret>", "<secret>", "<secret>", "QUIT"])
    #expect(play.fault == nil && play.isFinished && play.session.isAuthenticated)
  }

  @Test func `The server's signature is not shown: passwords could be tried against it`() throws {
    let final = serverFinal(.sha256, header: "y,,")
    let play = try logIn(
      login(), offered: "SCRAM-SHA-256", "334 \(encoded(serverFirst))", "334 \(encoded(final))",
      "235 welcome",
      "221 b")
    let (first, last) = (encoded(serverFirst), encoded(final))
    #expect(play.session.redaction.redacted("334 \(first)") == "334 \(first)")
    #expect(play.session.redaction.redacted("334 \(last)") == "334 <secret>")
  }

  @Test func `A wanted SCRAM without binding says n to a server that offers -PLUS`() throws {
    let play = try logIn(
      login(.scramSHA256), offered: "SCRAM-SHA-256 SCRAM-SHA-256-PLUS", "535 no", "221 b")
    #expect(initialResponse(play)?.hasPrefix("n,,") == true)
  }

  @Test func `A server with a wrong signature is left at once`() throws {
    let play = try logIn(
      login(), offered: "SCRAM-SHA-1", "334 \(encoded(serverFirst))", "334 \(encoded("v=AAAA"))",
      "501 cancelled", "221 b")
    #expect(play.fault == .sasl(.serverUnverified("its signature is wrong")))
    #expect(play.stage == .auth && !play.session.isAuthenticated)
    #expect(play.said.suffix(2) == ["*", "QUIT"])
  }

  @Test func `A server that gives no signature is not believed`() throws {
    let play = try logIn(
      login(), offered: "SCRAM-SHA-1", "334 \(encoded(serverFirst))", "235 welcome", "221 b")
    guard case .sasl(.serverUnverified) = play.fault else {
      Issue.record("\(String(describing: play.fault))")
      return
    }
    #expect(!play.session.isAuthenticated && play.said.last == "QUIT")
  }

  @Test func `A refusal with words is waited for, and no weaker mechanism is tried`() throws {
    let play = try logIn(
      login(), offered: "SCRAM-SHA-1 PLAIN", "334 \(encoded(serverFirst))",
      "334 \(encoded("e=invalid-proof"))", "535 5.7.8 no", "221 b")
    #expect(play.fault == .rejected(try parsed("535 5.7.8 no")))
    #expect(play.session.loginRemark == "e=invalid-proof")
    #expect(play.said.suffix(2) == ["", "QUIT"])
  }

  @Test func `-PLUS and EXTERNAL are not said in clear, even where a login may be`() throws {
    for login in [
      login(.scramSHA256Plus, allowPlaintext: true), login(.external, .certificate, allowPlaintext: true),
    ] {
      let play = try converse(
        plan { $0.login = login }, ["220 m", ehlo(auth: "SCRAM-SHA-256-PLUS EXTERNAL"), "221 b"])
      #expect(play.fault == .authWithoutTLS)
      #expect(play.said == ["EHLO c.test", "QUIT"])
    }
  }

  @Test func `XOAUTH2 says user and token`() throws {
    let play = try logIn(
      login(.xoauth2, .token(Secret("ya29.token"))), offered: "PLAIN XOAUTH2", "235 welcome", "221 b")
    #expect(initialResponse(play) == "user=probe\u{01}auth=Bearer ya29.token\u{01}\u{01}")
    #expect(play.shown.suffix(2) == ["AUTH XOAUTH2 <secret>", "QUIT"])
    #expect(play.session.isAuthenticated)
  }

  @Test func `OAUTHBEARER says user, server and token`() throws {
    let play = try logIn(
      login(nil, .token(Secret("ya29.token")), username: "a,b=c@example.test"),
      offered: "XOAUTH2 OAUTHBEARER PLAIN", "235 welcome", "221 b")
    #expect(
      initialResponse(play)
        == "n,a=a=2Cb=3Dc@example.test,\u{01}host=mail.example.test\u{01}port=587\u{01}"
        + "auth=Bearer ya29.token\u{01}\u{01}")
  }

  @Test(arguments: [(Mechanism.xoauth2, ""), (.oauthBearer, "AQ==")])
  func `A refused token is acknowledged, and the server's JSON kept`(mechanism: Mechanism, answer: String)
    throws
  {
    let json = #"{"status":"401","schemes":"bearer","seen":"ya29.token"}"#
    let play = try logIn(
      login(mechanism, .token(Secret("ya29.token"))), offered: mechanism.rawValue,
      "334 \(encoded(json))", "535 5.7.8 no", "221 b")
    #expect(play.said.suffix(2) == [answer, "QUIT"])
    #expect(play.session.loginRemark == #"{"status":"401","schemes":"bearer","seen":"<secret>"}"#)
    #expect(play.fault == .rejected(try parsed("535 5.7.8 no")))
  }

  @Test func `A long token waits for the server's go-ahead`() throws {
    let token = String(repeating: "t", count: 2000)
    let play = try logIn(
      login(.xoauth2, .token(Secret(token))), offered: "XOAUTH2", "334 ", "235 welcome", "221 b")
    #expect(
      play.said.dropFirst(2) == [
        "AUTH XOAUTH2", encoded("user=probe\u{01}auth=Bearer \(token)\u{01}\u{01}"), "QUIT",
      ])
    #expect(play.session.loginRemark == nil && play.session.isAuthenticated)
  }

  @Test func `A token goes into no mechanism for passwords`() throws {
    let play = try logIn(login(nil, .token(Secret("ya29.token"))), offered: "PLAIN LOGIN", "221 b")
    #expect(
      play.fault == .noCommonMechanism(offered: ["PLAIN", "LOGIN"], wanted: ["OAUTHBEARER", "XOAUTH2"]))
    #expect(play.said.last == "QUIT")
  }

  @Test(arguments: [("", "="), ("probe", "cHJvYmU=")])
  func `EXTERNAL says as whom, or nothing`(username: String, response: String) throws {
    let play = try logIn(
      login(.external, .certificate, username: username), offered: "EXTERNAL", "235 welcome", "221 b")
    #expect(play.said.dropFirst(2) == ["AUTH EXTERNAL \(response)", "QUIT"])
    #expect(play.session.isAuthenticated)
  }

  @Test(arguments: [Mechanism.xoauth2, .oauthBearer])
  func `A token that the server repeats is not kept`(mechanism: Mechanism) throws {
    let first = try logIn(
      login(mechanism, .token(Secret("ya29.token"))), offered: mechanism.rawValue, "501 no", "221 b")
    let line = try #require(first.said.dropFirst(2).first?.split(separator: " ").last)
    let play = try logIn(
      login(mechanism, .token(Secret("ya29.token"))), offered: mechanism.rawValue,
      "501 \(line) and ya29.token and \(encoded("ya29.token"))", "221 b")
    #expect(play.session.lastReply?.text == "<secret> and <secret> and <secret>")
  }
}
