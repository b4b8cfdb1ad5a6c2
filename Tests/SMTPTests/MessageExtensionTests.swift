import Model
import SMTP
import Testing

private func sending(to recipient: String, chunking: Bool = false) throws -> SessionPlan {
  var message = Message(
    from: nil, to: try Mailbox(recipient), subject: "x", date: Timestamp(seconds: 0), token: "t",
    host: try EHLOName("c.test"), target: "x")
  message.prefersChunking = chunking
  var plan = SessionPlan(tlsMode: .none, ehloName: try EHLOName("c.test"))
  plan.transaction = .message(message)
  return plan
}

@Test func `With CHUNKING the message goes with BDAT, without it with DATA`() throws {
  let plan = try sending(to: "a@b.test", chunking: true)
  let end = ["250 ok", "250 ok", "250 taken", "221 b"]
  let chunked = try converse(plan, ["220 m", "250-m\r\n250 CHUNKING"] + end)
  #expect(chunked.session.isMessageAccepted && !chunked.said.contains("DATA"))
  guard case .message(let message) = plan.transaction else { return }
  #expect(chunked.shown.contains("BDAT \(message.content.count) LAST"))
  let plain = try converse(plan, ["220 m", "250 m", "250 ok", "250 ok", "354 go", "250 taken", "221 b"])
  #expect(plain.session.isMessageAccepted && plain.said.contains("DATA"))
}

@Test func `An address beyond ASCII is said where SMTPUTF8 is offered`() throws {
  let play = try converse(
    try sending(to: "grün@b.test"),
    ["220 m", "250-m\r\n250 SMTPUTF8", "250 ok", "250 ok", "354 go", "250 taken", "221 b"])
  #expect(play.said.contains("MAIL FROM:<> BODY=8BITMIME SMTPUTF8") && play.session.isMessageAccepted)
}

@Test func `An address beyond ASCII is a fault at MAIL elsewhere`() throws {
  let play = try converse(try sending(to: "grün@b.test"), ["220 m", "250 m", "221 b"])
  #expect(play.stage == .mail && play.said.suffix(1) == ["QUIT"])
}

@Test(arguments: ["ä\r\nb@c.test", "ä@c.test\nX", "ä\u{85}@c.test", "ä\0@c.test", "a@ä\u{2028}b"])
func `No line end gets into an address beyond ASCII`(address: String) {
  #expect(throws: AddressError.self) { try Mailbox(address) }
}
