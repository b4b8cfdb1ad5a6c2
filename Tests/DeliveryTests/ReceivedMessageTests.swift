import Delivery
import Model
import SMTP
import Testing

private func received(_ header: String) -> ReceivedMessage? {
  ReceivedMessage(Array(header.replacing("\n", with: "\r\n").utf8))
}

@Test func `the token of a message that was sent is found in it`() throws {
  let message = Message(
    from: nil, to: try Mailbox("sink@example.test"), subject: "x", date: Timestamp(seconds: 0),
    token: "sw1-0-ab-cd", host: try EHLOName("monitor.example.test"), target: "plunk")
  #expect(ReceivedMessage(message.content)?.token == "sw1-0-ab-cd")
}

@Test func `the topmost verdicts count, folded and with comments`() throws {
  let message = try #require(
    received(
      """
      Authentication-Results: mx.example.test;
       spf=pass (sender ; is fine) smtp.mailfrom=a@b;
      \tdkim=fail reason="no key"; dmarc=quarantined
      Authentication-Results: evil.test; spf=fail; dkim=pass; dmarc=pass
      X-Smtpwatch-Token: t

      body
      """))
  #expect(message.verdicts.spf == .pass && message.verdicts.dkim == .fail && message.verdicts.dmarc == .other)
}

@Test(
  arguments: [
    // Each filter of a server writes a field of its own, the last on top.
    (
      """
      Authentication-Results: MX.example.test; dmarc=pass (p=reject dis=none) header.from=a.test
      Authentication-Results: mx.example.test;
      \tdkim=fail reason="signature verification failed" (2048-bit key) header.d=a.test;
      \tdkim-atps=neutral
      Authentication-Results: mx.example.test; spf=softfail smtp.mailfrom=a.test
      """, .softfail, .fail, .pass
    ),
    // What another server found before is not what the receiver found.
    (
      """
      Authentication-Results: mx.example.test 1; dkim=fail header.d=a.test
      Authentication-Results: relay.test; spf=pass; dkim=pass; dmarc=pass
      """, .missing, .fail, .missing
    ),
    // A large receiver does not say who it is.
    (
      """
      Authentication-Results: spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=a.test; dkim=pass (signature
       was verified) header.d=a.test;dmarc=bestguesspass action=none header.from=a.test;compauth=pass reason=109
      """, .pass, .pass, .other
    ),
    // One signature that holds is enough.
    (
      "Authentication-Results: mx; dkim=permerror header.d=b; dkim=pass header.d=a; spf=none", .none, .pass,
      .missing
    ),
    (
      "Authentication-Results: mx; dkim=permerror header.d=b; dkim=fail header.d=a", .missing, .permerror,
      .missing
    ),
    // The sender's address goes before the greeting.
    (
      """
      Authentication-Results: mx; spf=none smtp.helo=out.a.test
      Authentication-Results: mx; spf=fail smtp.mailfrom=a.test smtp.helo=out.a.test
      """, .fail, .missing, .missing
    ),
    ("Authentication-Results: mx; spf=temperror smtp.helo=out.a.test", .temperror, .missing, .missing),
    // Space, quotes, versions and comments stand where the grammar lets them.
    (
      "Authentication-Results: \"mx; spf=fail\" (a ; (b) \\) c=d) ; SPF/1 = (so) Pass ; dkim\t=neutral reason=\"; dmarc=fail\"",
      .pass, .neutral, .missing
    ),
    ("Authentication-Results: mx; none", .missing, .missing, .missing),
    // Some servers have SPF in a field of its own.
    (
      """
      Authentication-Results: mx; dkim=none
      Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip=192.0.2.1; helo=out.a.test
      Received-SPF: Fail (of a hop before) identity=mailfrom
      """, .pass, .none, .missing
    ),
    (
      """
      Received-SPF: None (no SPF record) identity=helo; client-ip=192.0.2.1
      Received-SPF: Softfail identity=mailfrom; client-ip=192.0.2.1
      """, .softfail, .missing, .missing
    ),
    ("Received-SPF:\nAuthentication-Results:\nAuthentication-Results: ;=;==;(", .missing, .missing, .missing),
  ]
    as [(
      String, AuthenticationVerdicts.Verdict, AuthenticationVerdicts.Verdict, AuthenticationVerdicts.Verdict
    )])
func `what each of the receiver's filters found is told`(
  header: String, spf: AuthenticationVerdicts.Verdict, dkim: AuthenticationVerdicts.Verdict,
  dmarc: AuthenticationVerdicts.Verdict
) throws {
  let verdicts = try #require(received(header + "\nX-Smtpwatch-Token: t\n\n")).verdicts
  #expect([verdicts.spf, verdicts.dkim, verdicts.dmarc] == [spf, dkim, dmarc])
}

@Test func `a message without verdicts says so`() throws {
  let message = try #require(received("X-Smtpwatch-Token: t\n\n"))
  #expect(message.verdicts.all.allSatisfy { $0.verdict == .missing })
}

@Test(arguments: [
  "", "\n", "Subject: x\n\nX-Smtpwatch-Token: t\n", "X-Smtpwatch-Token:\n\n", " \n\n", ":\n:\n",
])
func `what has no token in its header is no test message`(text: String) { #expect(received(text) == nil) }

@Test func `bytes of any sort are read without harm`() {
  var generator = SystemRandomNumberGenerator()
  for _ in 0..<200 {
    _ = ReceivedMessage((0..<300).map { _ in UInt8.random(in: 0...255, using: &generator) })
  }
}
