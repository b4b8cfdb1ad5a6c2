import Model
import SMTP
import Testing

/// The replies before a login and after it, inside implicit TLS.
private func logIn(
  _ mechanism: Mechanism?, offered: String = "PLAIN LOGIN", password: String = "secret",
  _ replies: String...
) throws -> Play {
  try converse(
    plan(.implicit) { $0.login = login(mechanism, password: password) },
    ["220 m", ehlo(without: "STARTTLS", auth: offered)] + replies)
}

private func encoded(_ text: String) -> String {
  String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
}

@Test
func `PLAIN goes with AUTH`() throws {
  let play = try logIn(nil, "235 welcome", "221 b")
  #expect(play.said.dropFirst(2) == ["AUTH PLAIN \(encoded("\0probe\0secret"))", "QUIT"])
  #expect(play.shown.contains("AUTH PLAIN <secret>"))
  #expect(play.session.isAuthenticated && play.isFinished)
  #expect(play.session.mechanism == .plain)
  #expect(play.stages == [.banner, .ehlo, .auth, .quit])
}

@Test
func `LOGIN answers two questions, whatever their words`() throws {
  for (first, second) in [("VXNlcm5hbWU6", "UGFzc3dvcmQ6"), ("", ""), ("Username:", "Password:")] {
    let play = try logIn(.login, "334 \(first)", "334 \(second)", "235 welcome", "221 b")
    #expect(play.said.dropFirst(2) == ["AUTH LOGIN", encoded("probe"), encoded("secret"), "QUIT"])
    #expect(play.shown.suffix(4) == ["AUTH LOGIN", "<secret>", "<secret>", "QUIT"])
    #expect(play.isFinished && play.fault == nil)
  }
}

@Test
func `CRAM-MD5 comes before the others and answers the challenge`() throws {
  let play = try logIn(
    nil, offered: "LOGIN PLAIN CRAM-MD5", "334 \(encoded("<1@m>"))", "235 welcome", "221 b")
  #expect(
    play.said.dropFirst(2) == ["AUTH CRAM-MD5", encoded("probe f068103b816a8d0d9dbfce27a6a6ace7"), "QUIT"])
  #expect(play.isFinished && play.fault == nil)
}

@Test
func `A long initial response waits for the server's go-ahead`() throws {
  let password = String(repeating: "p", count: 600)
  let play = try logIn(.plain, password: password, "334 ", "235 welcome", "221 b")
  #expect(play.said.dropFirst(2) == ["AUTH PLAIN", encoded("\0probe\0" + password), "QUIT"])
  #expect(!play.shown.contains { $0.contains(encoded(password).prefix(40)) })
  #expect(play.isFinished && play.fault == nil)
}

@Test
func `A command line never exceeds 512 bytes`() throws {
  for length in 350...400 {
    let play = try logIn(.plain, password: String(repeating: "p", count: length))
    #expect((play.said.last ?? "").utf8.count + 2 <= 512)
  }
}

@Test
func `A challenge that is no base64 is cancelled, then QUIT`() throws {
  let play = try logIn(.cramMD5, offered: "CRAM-MD5", "334 *junk*", "501 cancelled", "221 b")
  #expect(play.fault == .sasl(.malformedChallenge(Array("*junk*".utf8))))
  #expect(play.stage == .auth)
  #expect(play.said.suffix(3) == ["AUTH CRAM-MD5", "*", "QUIT"])
  #expect(play.isFinished)
}

@Test
func `A server that never stops asking is cancelled`() throws {
  let play = try logIn(.login, "334 a", "334 b", "334 c", "501 cancelled", "221 b")
  #expect(play.fault == .sasl(.unexpectedChallenge))
  #expect(play.said.suffix(2) == ["*", "QUIT"])
  let plain = try logIn(.plain, "334 more", "501 cancelled", "221 b")
  #expect(plain.fault == .sasl(.unexpectedChallenge))
}

@Test
func `After a refusal no other mechanism is tried`() throws {
  let play = try logIn(nil, offered: "PLAIN LOGIN CRAM-MD5", "504 5.7.4 no", "221 b")
  #expect(play.said.dropFirst(2) == ["AUTH CRAM-MD5", "QUIT"])
  #expect(play.fault == .rejected(try parsed("504 5.7.4 no")))
  #expect(play.verb == .auth(.cramMD5))
}

@Test
func `A login in clear is said where it is allowed`() throws {
  let play = try converse(
    plan { $0.login = login(allowPlaintext: true) }, ["220 m", ehlo(), "235 welcome", "221 b"])
  #expect(play.said.dropFirst().first?.hasPrefix("AUTH PLAIN ") == true)
  #expect(play.isFinished)
}

@Test
func `A login comes before MAIL`() throws {
  let play = try converse(
    plan(.implicit) {
      $0.login = login()
      $0.transaction = try envelope()
    }, ["220 m", ehlo(), "235 welcome", "250 ok", "250 ok", "250 ok", "221 b"])
  #expect(play.stages == [.banner, .ehlo, .auth, .mail, .rcpt, .rcpt, .quit])
  #expect(play.isFinished)
}

@Test(arguments: [
  "535 bad password secret!", "501 AHByb2JlAHNlY3JldA== is wrong", "501-c2VjcmV0|501 what?",
])
func `A secret that the server repeats is not kept`(_ refusal: String) throws {
  let play = try logIn(.plain, refusal, "221 b")
  let text = try #require(play.session.lastReply?.text)
  #expect(text.contains("<secret>"))
  #expect(play.fault == play.session.lastReply.map { .rejected($0) })
  for form in ["secret!", "AHByb2JlAHNlY3JldA", "c2VjcmV0"] { #expect(!text.contains(form)) }
}

@Test
func `A response that the server repeats is not kept`() throws {
  let play = try logIn(
    .cramMD5, offered: "CRAM-MD5", "334 \(encoded("<1@m>"))",
    "501 \(encoded("probe f068103b816a8d0d9dbfce27a6a6ace7")) what", "221 b")
  #expect(play.session.lastReply?.text == "<secret> what")
}

@Test
func `Redaction finds a password in any of its forms, and leaves short ones alone`() {
  let redaction = Redaction(Secret("p%ss wörd"))
  #expect(
    redaction.redacted(Array("ap%ss wördb p%25ss%20w%C3%B6rd".utf8)) == Array("a<secret>b <secret>".utf8))
  let short = Redaction(Secret("a"))
  #expect(short.redacted(Array("banana".utf8)) == Array("banana".utf8))
}

@Test
func `No transcript has the user or the password in any form`() throws {
  for mechanism in [Mechanism.plain, .login, .cramMD5] {
    let play = try logIn(
      mechanism, offered: mechanism.rawValue, mechanism == .plain ? "235 w" : "334 ", "334 ", "235 w", "221 b"
    )
    for line in play.shown + ["\(play.session.plan.login.debugDescription)"] {
      for form in [
        "secret", encoded("secret"), encoded("\0probe\0secret"),
        encoded("probe 5c8db03f04cec0f43bcb060023914190"),
      ] {
        #expect(!line.replacingSecretMarks.contains(form))
      }
    }
  }
}

extension String {
  /// The line without the word that stands for a secret.
  fileprivate var replacingSecretMarks: String {
    split(separator: " ").filter { !$0.contains("<secret>") }.joined(separator: " ")
  }
}
