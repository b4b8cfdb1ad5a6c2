import Model

/// What a server answers to MAIL.
private func mail(
  _ id: String, _ answer: String, _ reason: Reason, retry: Bool = false, _ claims: [Vector.Claim] = []
) -> Vector {
  Vector(
    id, .starttls, to: .mail,
    #"\#(Opening.secured) R(MAIL FROM:<probe@example.net>) S"\#(answer)" OK"#, .mail, reason, retry: retry,
    claims + [.neverHears("RCPT")])
}

/// What a server answers to RCPT.
private func rcpt(
  _ id: String, _ answer: String, _ reason: Reason, retry: Bool = false, _ claims: [Vector.Claim] = []
) -> Vector {
  Vector(
    id, .starttls, to: .mail,
    #"\#(Opening.secured) R(MAIL) S"250 ok" R(RCPT TO:<sink@example.test>) S"\#(answer)" OK"#,
    reason.outcome.isSuccess ? nil : .rcpt, reason, retry: retry,
    claims + [.hears("RSET\r\nQUIT\r\n"), .neverHears("DATA")])
}

/// What a server answers to the end of a message.
private func sent(
  _ id: String, _ answer: String, _ reason: Reason, retry: Bool = false, quits: Bool = true,
  patience: Duration? = nil, _ claims: [Vector.Claim] = []
) -> Vector {
  Vector(
    id, .starttls, to: .send,
    """
    \(Opening.secured) R(MAIL) S"250 ok" R(RCPT) S"250 ok" R(DATA) S"354 go" RM \(answer)
    """, reason == .ok ? nil : .message, reason, retry: retry, quits: quits, patience: patience,
    claims + [.hears("\r\n.\r\n")])
}

let transactionVectors: [Vector] = [
  mail("V69a login wanted", "530 5.7.0 Authentication required", .authRequired),
  mail("V69b not the user's", "553 5.7.1 <a@b>: Sender address rejected: not owned by user", .senderRejected),
  mail(
    "V69c unknown domain", "450 4.1.8 <a@b>: Sender address rejected: Domain not found", .senderRejected,
    [.replied(450)]),
  mail("V69d too big", "552 5.3.4 Message size exceeds fixed limit", .messageRejected, [.hints(.tooBig)]),
  mail(
    "V69e no storage", "452 4.3.1 Insufficient system storage", .serverBusy, retry: true,
    [.hints(.storageFull)]),
  Vector(
    "a transaction", .starttls, to: .mail, "\(Opening.secured) OK", nil, .ok,
    [
      .hears("MAIL FROM:<probe@example.net>\r\nRCPT TO:<sink@example.test>\r\nRSET\r\nQUIT\r\n"),
      .neverHears("DATA"),
    ]),
  rcpt(
    "V70 greylisted", "450 4.2.0 <a@b>: Recipient address rejected: Greylisted, see x", .greylisted,
    [.replied(450)]),
  rcpt("taken though not verified", "252 2.0.0 cannot VRFY", .ok),
  rcpt(
    "relay denied", "554 5.7.1 <a@b>: Relay access denied", .recipientRejected,
    [.hints(.relayDenied), .says("relay_denied")]),
  rcpt("unknown recipient", "550 5.1.1 User unknown", .recipientRejected, [.says("unknown")]),
  rcpt("mailbox full", "452 4.2.2 over quota", .recipientRejected, [.hints(.mailboxFull)]),
  rcpt("accused of early talk", "521 5.5.1 Protocol error", .localError, retry: true),
  sent("a message", "S\"250 queued\" OK", .ok, [.hears("SIZE=")]),
  sent("V71a spam", #"S"550 5.7.1 spam" F"#, .messageRejected, [.replied(550)]),
  sent(
    "V71b silence", "H", .replyTimeout, retry: true, quits: false, patience: .milliseconds(500),
    [.says("state of the message is unknown"), .says("not resent"), .says("every byte was acknowledged")]),
  Vector(
    "silence because the message is lost on the way", .starttls, to: .send,
    #"\#(Opening.secured) R(MAIL) S"250 ok" R(RCPT) S"250 ok" R(DATA) S"354 go" D(3) H"#, .message,
    .replyTimeout, retry: true, quits: false, patience: .milliseconds(500),
    [.hints(.pmtu), .says("were not acknowledged"), .says("not resent")]),
  sent("V71c bare LF", #"S"521 5.5.2 Error: bare <LF> received" OK"#, .localError, retry: true),
  sent("FIN after the message", "F", .connClosed, retry: true, quits: false, [.says("not resent")]),
  sent("busy after the message", #"S"451 4.3.0 later" OK"#, .serverBusy, retry: true),
  Vector(
    "DATA refused", .starttls, to: .send,
    #"\#(Opening.secured) R(MAIL) S"250 ok" R(RCPT) S"250 ok" R(DATA) S"554 5.5.1 no" OK"#, .data,
    .messageRejected, [.replied(554), .hears("DATA\r\nRSET\r\nQUIT\r\n")]),
]

let expectationVectors: [Vector] = [
  Vector("a greeting as expected", .none, "\(Opening.clear) OK", nil, .ok) {
    $0.expect.banner = "^mail\\.example"
  },
  Vector(
    "a greeting that was not expected", .none, "\(Opening.greeting) OK", .banner, .expectationFailed,
    [.says("^mx"), .says("mail.example.test"), .neverHears("EHLO")]
  ) { $0.expect.banner = "^mx" },
  Vector("capabilities as expected", .starttls, "\(Opening.secured) OK", nil, .ok) {
    $0.expect.capabilities = ["STARTTLS", "AUTH PLAIN", "8BITMIME"]
  },
  Vector(
    "a capability is missing", .starttls, "\(Opening.secured)-8BITMIME OK", .ehlo, .expectationFailed,
    [.says("8BITMIME")]
  ) { $0.expect.capabilities = ["8BITMIME"] },
  Vector(
    "a login refused as expected", .starttls, to: .auth,
    #"\#(Opening.secured) R(AUTH) S"535 5.7.8 no" OK"#, nil, .ok, [.replied(535)]
  ) {
    $0.expect.reject = .auth
  },
  Vector(
    "a login that should have been refused", .starttls, to: .auth, "\(Opening.secured) OK",
    .auth, .expectationFailed, [.replied(235)]
  ) { $0.expect.reject = .auth },
  Vector(
    "a login refused for now is no refusal", .starttls, to: .auth,
    #"\#(Opening.secured) R(AUTH) S"454 4.7.0 Temporary authentication failure" OK"#, .auth, .authTemporary,
    retry: true
  ) { $0.expect.reject = .auth },
]
