import Model
import SMTP
import Testing

@Suite("A conversation without a fault")
struct GoodConversations {
  @Test
  func `In clear: greeting, EHLO, QUIT`() throws {
    let play = try converse(plan(), ["220 m", ehlo(), "221 b"])
    #expect(play.said == ["EHLO c.test", "QUIT"])
    #expect(play.isFinished && play.fault == nil)
    #expect(play.stages == [.banner, .ehlo, .quit])
    #expect(play.phases == [.banner, .ehlo, .quit])
    #expect(play.session.isESMTP && !play.session.isInTLS)
    #expect(play.session.greeting?.firstLine == "m")
    #expect(play.session.lastReply?.firstLine == "mail.example.test")
    #expect(play.session.warnings.isEmpty)
  }

  @Test
  func `With STARTTLS: what was learnt in clear is forgotten, EHLO is said again`() throws {
    let play = try converse(
      plan(.starttls), ["220 m", ehlo(without: "AUTH"), "220 go", ehlo(without: "STARTTLS"), "221 b"])
    #expect(play.said == ["EHLO c.test", "STARTTLS", "TLS", "EHLO c.test", "QUIT"])
    #expect(play.phases == [.banner, .ehlo, .starttls, .ehloTls, .quit])
    #expect(play.stages == [.banner, .ehlo, .starttls, .ehlo, .quit])
    #expect(play.session.isInTLS)
    #expect(play.session.capabilities.authMechanisms == ["PLAIN", "LOGIN"])
    #expect(play.session.clearCapabilities?.authMechanisms == [])
    #expect(!play.session.capabilities.offersSTARTTLS)
    #expect(play.isFinished && play.session.warnings.isEmpty)
  }

  @Test
  func `With implicit TLS: the handshake comes before the greeting`() throws {
    let play = try converse(plan(.implicit), ["220 m", ehlo(without: "STARTTLS"), "221 b"])
    #expect(play.said == ["TLS", "EHLO c.test", "QUIT"])
    #expect(play.phases == [.banner, .ehlo, .quit])
    #expect(play.isFinished)
  }

  @Test
  func `Opportunistic TLS is used where it is offered`() throws {
    let with = try converse(
      plan(.opportunistic), ["220 m", ehlo(), "220 go", ehlo(without: "STARTTLS"), "221 b"])
    #expect(with.said == ["EHLO c.test", "STARTTLS", "TLS", "EHLO c.test", "QUIT"])
    let without = try converse(plan(.opportunistic), ["220 m", ehlo(without: "STARTTLS"), "221 b"])
    #expect(without.said == ["EHLO c.test", "QUIT"])
    #expect(without.isFinished && without.fault == nil)
  }

  @Test
  func `A bare code, a teaser, a keyword on any line`() throws {
    #expect(try converse(plan(), ["220", ehlo(), "221"]).isFinished)
    #expect(try converse(plan(), ["220-wait|220 m", "250 m", "221 b"]).isFinished)
    #expect(
      try converse(plan(.starttls), ["220 m", "250-m|250 starttls", "220 go", "250 m", "221 b"]).isFinished)
  }

  @Test(arguments: ["500 what", "502 5.5.1"])
  func `HELO where EHLO is unknown`(_ refusal: String) throws {
    let play = try converse(plan(), ["220 m", refusal, "250 m", "221 b"])
    #expect(play.said == ["EHLO c.test", "HELO c.test", "QUIT"])
    #expect(play.stages == [.banner, .ehlo, .ehlo, .quit])
    #expect(!play.session.isESMTP && play.isFinished && play.fault == nil)
  }

  @Test
  func `LMTP says LHLO`() throws {
    let play = try converse(plan { $0.dialect = .lmtp }, ["220 m", ehlo(), "221 b"])
    #expect(play.said == ["LHLO c.test", "QUIT"])
    let refused = try converse(plan { $0.dialect = .lmtp }, ["220 m", "500 what", "221 b"])
    #expect(refused.said == ["LHLO c.test", "QUIT"])
    #expect(refused.fault == .rejected(try parsed("500 what")))
  }

  @Test
  func `An envelope check ends with RSET, and 252 is as good as 250`() throws {
    for accepted in ["250 ok", "251 forwarded", "252 unverified"] {
      let play = try converse(
        plan { $0.transaction = try envelope() }, ["220 m", ehlo(), "250 ok", accepted, "250 reset", "221 b"])
      #expect(play.said.suffix(4) == ["MAIL FROM:<a@c.test>", "RCPT TO:<b@c.test>", "RSET", "QUIT"])
      #expect(play.phases.suffix(4) == [.mail, .rcpt, .rset, .quit])
      #expect(play.isFinished && play.fault == nil)
    }
  }

  @Test
  func `A message is sent after 354, stuffed and ended`() throws {
    let message = try testMessage()
    let play = try converse(
      plan { $0.transaction = .message(message) },
      ["220 m", ehlo(), "250 ok", "250 ok", "354 go", "250 queued", "221 b"])
    #expect(
      play.said.dropFirst().prefix(3) == [
        "MAIL FROM:<a@c.test> SIZE=\(message.content.count)", "RCPT TO:<b@c.test>", "DATA",
      ])
    #expect(play.said[4].hasSuffix("\r\n."))
    #expect(play.said.last == "QUIT")
    #expect(play.stages == [.banner, .ehlo, .mail, .rcpt, .data, .message, .quit])
    #expect(play.session.isMessageAccepted && play.isFinished)
  }

  @Test
  func `The size is not declared where the server does not ask`() throws {
    let play = try converse(
      try plan { $0.transaction = .message(try testMessage()) }, ["220 m", ehlo(without: "SIZE"), "250 ok"])
    #expect(play.said.dropFirst().first == "MAIL FROM:<a@c.test>")
  }
}

@Suite("Warnings")
struct Warnings {
  @Test
  func `STARTTLS offered again inside TLS`() throws {
    let play = try converse(plan(.starttls), ["220 m", ehlo(), "220 go", ehlo(), "221 b"])
    #expect(play.session.warnings == [.starttlsAfterTls])
    #expect(play.isFinished && play.fault == nil)
  }

  @Test
  func `A bare line feed`() {
    let session = ClientSession(plan: plan())
    _ = session.start()
    _ = session.received(Reply(code: 220, lines: [[]], hasBareLineFeed: true))
    #expect(session.warnings == [.bareLf])
  }

  @Test
  func `A bad answer to QUIT is no fault`() throws {
    let play = try converse(plan(), ["220 m", ehlo(), "500 what"])
    #expect(play.isFinished && play.fault == nil)
    #expect(play.session.warnings == [.quitUnclean])
  }
}

/// A conversation that fails: what the server says, and what must come of it.
struct Failure: CustomTestStringConvertible {
  var name: String
  var plan: SessionPlan
  var replies: [String]
  var fault: SessionFault
  var stage: Stage
  /// What the client said from the fault on.
  var end: [String]

  var testDescription: String { name }
}

private func rejected(_ reply: String) throws -> SessionFault { .rejected(try parsed(reply)) }

private func failures() throws -> [Failure] {
  let hello = ["220 m", ehlo()]
  let secured = hello + ["220 go", ehlo(without: "STARTTLS")]
  let tls = plan(.starttls) { $0.login = login() }
  let mail = try plan { $0.transaction = try envelope() }
  let send = try plan { $0.transaction = .message(try testMessage()) }
  func failure(
    _ name: String, _ plan: SessionPlan, _ replies: [String], _ stage: Stage, _ end: [String] = ["QUIT"],
    fault: SessionFault? = nil
  ) throws -> Failure {
    // The replies end with those to the polite end; the fault is the one before.
    let last = replies[replies.count - 1 - end.count]
    return Failure(
      name: name, plan: plan, replies: replies, fault: try fault ?? rejected(last), stage: stage, end: end)
  }
  return [
    try failure("554 greeting", plan(), ["554 5.7.1 go away", "221 b"], .banner),
    try failure("450 greeting", plan(), ["450 busy", "221 b"], .banner),
    try failure("421 greeting", plan(), ["421 4.3.2 shutting down"], .banner, []),
    try failure("no greeting code", plan(), ["250 hello", "221 b"], .banner),
    try failure(
      "FTP", plan(), ["220 (vsFTPd 3.0.3)", "530 Please login with USER and PASS.", "221 b"], .ehlo),
    try failure("EHLO name refused", plan(), ["220 m", "501 Syntactically invalid", "221 b"], .ehlo),
    try failure("EHLO name refused later", plan(), ["220 m", "550 no", "221 b"], .ehlo),
    try failure("421 to EHLO", plan(), ["220 m", "421 4.7.0 Try again later (EHLO)"], .ehlo, []),
    try failure("HELO refused too", plan(), ["220 m", "502 no", "501 no", "221 b"], .ehlo),
    try failure(
      "masked STARTTLS", plan(.starttls), ["220 *******", "250-m|250 XXXXXXXA", "221 b"], .starttls,
      fault: .starttlsNotOffered),
    try failure(
      "HELO has no STARTTLS", plan(.starttls), ["220 m", "502 no", "250 m", "221 b"], .starttls,
      fault: .starttlsNotOffered),
    try failure("STARTTLS unknown", plan(.starttls), hello + ["500 5.5.1 no", "221 b"], .starttls),
    try failure("STARTTLS out of order", plan(.opportunistic), hello + ["454 4.7.0 no", "221 b"], .starttls),
    try failure(
      "421 inside TLS", plan(.starttls), hello + ["220 go", "421 idle"], .ehlo, []),
    try failure(
      "no AUTH after TLS", tls, hello + ["220 go", ehlo(without: "AUTH"), "221 b"], .auth,
      fault: .authNotOffered),
    try failure(
      "no common mechanism", plan(.starttls) { $0.login = login(.plain) },
      hello + ["220 go", ehlo(auth: "CRAM-MD5 NTLM"), "221 b"], .auth,
      fault: .noCommonMechanism(offered: ["CRAM-MD5", "NTLM"], wanted: ["PLAIN"])),
    try failure(
      "no mechanism of ours", tls, hello + ["220 go", ehlo(auth: "NTLM"), "221 b"], .auth,
      fault: .noCommonMechanism(
        offered: ["NTLM"], wanted: ["SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN"])),
    try failure(
      "mechanism of ours that is not built", plan(.starttls) { $0.login = login(.external) },
      hello + ["220 go", ehlo(auth: "EXTERNAL"), "221 b"], .auth,
      fault: .noCommonMechanism(offered: ["EXTERNAL"], wanted: ["EXTERNAL"])),
    try failure(
      "login in clear", plan { $0.login = login() }, hello + ["221 b"], .auth, fault: .authWithoutTLS),
    try failure(
      "login in clear, opportunistic", plan(.opportunistic) { $0.login = login() },
      ["220 m", ehlo(without: "STARTTLS"), "221 b"], .auth, fault: .authWithoutTLS),
    try failure("login refused", tls, secured + ["535 5.7.8 no", "221 b"], .auth),
    try failure("app password", tls, secured + ["534-5.7.9 a|534 5.7.9 b", "221 b"], .auth),
    try failure("login not now", tls, secured + ["454 4.7.0 later", "221 b"], .auth),
    try failure("login, and good bye", tls, secured + ["421 4.7.0 bye"], .auth, []),
    try failure("login required", mail, hello + ["530 5.7.0 login", "221 b"], .mail),
    try failure("sender refused", mail, hello + ["553 5.7.1 not yours", "221 b"], .mail),
    try failure("sender too big", mail, hello + ["552 5.3.4 big", "221 b"], .mail),
    try failure(
      "recipient refused", mail, hello + ["250 ok", "554 5.7.1 relay", "250 ok", "221 b"], .rcpt,
      ["RSET", "QUIT"]),
    try failure(
      "greylisted", mail, hello + ["250 ok", "450 4.2.0 greylisted", "250 ok", "221 b"], .rcpt,
      ["RSET", "QUIT"]),
    try failure("recipient, and good bye", mail, hello + ["250 ok", "421 bye"], .rcpt, []),
    try failure("RSET refused", mail, hello + ["250 ok", "250 ok", "500 what", "221 b"], .rcpt),
    try failure(
      "DATA refused", send, hello + ["250 ok", "250 ok", "451 no", "250 ok", "221 b"], .data,
      ["RSET", "QUIT"]),
    try failure(
      "message refused", send, hello + ["250 ok", "250 ok", "354 go", "550 5.7.1 spam", "221 b"], .message),
  ]
}

@Test(arguments: try failures())
func `A fault has its stage, and the conversation ends politely`(_ failure: Failure) throws {
  let play = try converse(failure.plan, failure.replies)
  #expect(play.fault == failure.fault)
  #expect(play.stage == failure.stage)
  #expect(Array(play.said.suffix(failure.end.count)) == failure.end)
  #expect(play.said.filter { $0 == "QUIT" }.count == failure.end.filter { $0 == "QUIT" }.count)
  #expect(play.unheard == 0)
  #expect(play.isFinished == !failure.end.isEmpty)
  #expect(!play.said.contains { $0.hasPrefix("AUTH") } || play.session.isInTLS)
}

@Test(arguments: try failures())
func `Nothing is said before the greeting, and never two commands at once`(_ failure: Failure) throws {
  for count in 0...failure.replies.count {
    let play = try converse(failure.plan, Array(failure.replies.prefix(count)))
    #expect(play.said.count { $0 != "TLS" } <= count)
    if !play.isFinished, play.fault == nil {
      // The next reply never came: nothing polite is left to say.
      #expect(play.session.quit() == nil)
    }
  }
}

@Suite("The polite end")
struct PoliteEnd {
  @Test
  func `A certificate that is not believed: QUIT inside TLS and no more`() throws {
    let upgraded = try converse(
      plan(.starttls) { $0.login = login() }, ["220 m", ehlo(), "220 go", "221 b"], believed: false)
    #expect(upgraded.said == ["EHLO c.test", "STARTTLS", "TLS", "QUIT"])
    #expect(upgraded.isFinished)
  }

  @Test
  func `A certificate that is not believed: with implicit TLS the greeting is read first`() throws {
    let implicit = try converse(plan(.implicit), ["220 m", "221 b"], believed: false)
    #expect(implicit.said == ["TLS", "QUIT"])
    #expect(implicit.isFinished)
    let refused = try converse(plan(.implicit), ["421 busy"], believed: false)
    #expect(refused.said == ["TLS"])
    #expect(refused.isFinished)
  }

  @Test
  func `Between STARTTLS and TLS there is nothing to say`() throws {
    let session = ClientSession(plan: plan(.starttls))
    _ = session.start()
    _ = session.received(try parsed("220 m"))
    _ = session.received(try parsed(ehlo()))
    #expect(session.received(try parsed("220 go")) == .startTLS)
    #expect(session.stage == .tls && session.phase == .tls)
    #expect(session.quit() == nil)
  }

  @Test
  func `After a malformed reply QUIT can still be said, though not to the greeting`() throws {
    let ungreeted = ClientSession(plan: plan())
    _ = ungreeted.start()
    #expect(ungreeted.quit(replyWasMalformed: true) == nil)
    let session = ClientSession(plan: plan())
    _ = session.start()
    _ = session.received(try parsed("220 m"))
    #expect(session.quit() == nil)
    #expect(session.quit(replyWasMalformed: true) == .send(.quit))
    #expect(session.quit() == nil)
    #expect(session.received(try parsed("221 b")) == .finished)
  }

  @Test
  func `An open DATA is dropped, not left`() throws {
    let play = try converse(
      try plan {
        $0.transaction = .message(try testMessage())
        $0.expectedRejection = .data
      }, ["220 m", ehlo(), "250 ok", "250 ok", "354 go"])
    #expect(play.stage == .data)
    #expect(play.said.last == "DATA")
    #expect(!play.isFinished)
  }
}

@Suite("Expectations")
struct ExpectationTests {
  @Test
  func `The greeting`() throws {
    let wanted = plan {
      $0.banner = SessionPlan.BannerExpectation(pattern: "^mail") { $0.hasPrefix("mail") }
    }
    #expect(try converse(wanted, ["220 mail ESMTP", ehlo(), "221 b"]).fault == nil)
    let other = try converse(wanted, ["220 other ESMTP", "221 b"])
    #expect(other.fault == .expectation(wanted: "a greeting like ^mail", saw: "other ESMTP"))
    #expect(other.stage == .banner)
    #expect(other.said == ["QUIT"])
  }

  @Test
  func `Capabilities count in the last EHLO, STARTTLS in the one in clear`() throws {
    let wanted = plan(.starttls) { $0.expectedCapabilities = ["STARTTLS", "AUTH PLAIN"] }
    #expect(
      try converse(wanted, ["220 m", ehlo(without: "AUTH"), "220 go", ehlo(without: "STARTTLS"), "221 b"])
        .fault
        == nil)
    let missing = try converse(wanted, ["220 m", ehlo(), "220 go", "250-m|250 PIPELINING", "221 b"])
    #expect(missing.fault == .expectation(wanted: "the capability AUTH PLAIN", saw: "PIPELINING"))
    #expect(missing.stage == .ehlo && missing.phase == .ehloTls)
  }

  @Test
  func `A wanted refusal is success`() throws {
    let wanted = plan(.implicit) {
      $0.login = login()
      $0.expectedRejection = .auth
    }
    let refused = try converse(wanted, ["220 m", ehlo(), "535 5.7.8 no", "221 b"])
    #expect(refused.isFinished && refused.fault == nil)
    let accepted = try converse(wanted, ["220 m", ehlo(), "235 welcome", "221 b"])
    #expect(accepted.fault == .expectation(wanted: "a refusal at auth", saw: "235 welcome"))
    #expect(accepted.stage == .auth && accepted.said.last == "QUIT")
    let later = try converse(wanted, ["220 m", ehlo(), "454 later", "221 b"])
    #expect(later.fault == .rejected(try parsed("454 later")))
  }

  @Test
  func `A recipient may be one that must be refused`() throws {
    let wanted = try plan {
      $0.transaction = try envelope()
      $0.expectedRejection = .rcpt
    }
    let refused = try converse(wanted, ["220 m", ehlo(), "250 ok", "550 no", "250 ok", "221 b"])
    #expect(refused.isFinished && refused.fault == nil)
    #expect(refused.said.suffix(2) == ["RSET", "QUIT"])
    let accepted = try converse(wanted, ["220 m", ehlo(), "250 ok", "250 ok", "250 ok", "221 b"])
    #expect(accepted.fault == .expectation(wanted: "a refusal at rcpt", saw: "250 ok"))
    #expect(accepted.said.suffix(2) == ["RSET", "QUIT"])
  }

  @Test
  func `A refusal at a stage that never came is not met`() throws {
    let play = try converse(plan { $0.expectedRejection = .rcpt }, ["220 m", ehlo(), "221 b"])
    #expect(play.fault == .expectation(wanted: "a refusal at rcpt", saw: "no rcpt"))
  }
}
