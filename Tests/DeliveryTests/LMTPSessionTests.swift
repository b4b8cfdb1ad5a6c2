@testable import Delivery
import Testing

private let opening = "LHLO a\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\n"

private func converse(_ text: String) -> (replies: [String], step: LMTPSession.Step) {
  var session = LMTPSession { $0 == "ours" }
  let step = session.receive(Array(text.utf8))
  let lines = String(decoding: step.reply, as: UTF8.self).split(separator: "\r\n").map(String.init)
  return (lines.filter { !$0.hasPrefix("250-") }, step)
}

@Test func `a test message is taken, once for each recipient`() {
  let (replies, step) = converse(
    opening + "RCPT TO:<c@d>\r\nDATA\r\nX-Smtpwatch-Token: ours\r\n\r\n..\r\n.\r\nQUIT\r\n")
  #expect(replies.suffix(3) == ["250 2.0.0 Taken", "250 2.0.0 Taken", "221 2.0.0 Bye"])
  #expect(step.messages.map(\.token) == ["ours"] && step.isOver)
}

@Test(arguments: ["X-Smtpwatch-Token: forged\r\n", "Subject: hello\r\n", ""])
func `any other message is refused`(header: String) {
  let (replies, step) = converse(opening + "DATA\r\n\(header)\r\n.\r\n")
  #expect(
    replies.last == "550 5.7.1 Only test messages of this monitor are taken here" && step.messages.isEmpty)
}

@Test func `bytes that come one by one make the same conversation`() {
  let text = opening + "DATA\r\nX-Smtpwatch-Token: ours\r\n\r\n.\r\n"
  var session = LMTPSession { $0 == "ours" }
  let steps = text.utf8.map { session.receive([$0]) }
  #expect(steps.flatMap(\.messages).count == 1)
  #expect(steps.flatMap(\.reply) == converse(text).step.reply)
}

@Test func `a message beyond the limit is refused, and the next is taken`() {
  let big = String(repeating: String(repeating: "x", count: 900) + "\r\n", count: 400)
  let (replies, step) = converse(
    opening
      + "DATA\r\n\(big).\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nDATA\r\nX-Smtpwatch-Token: ours\r\n\r\n.\r\n")
  #expect(replies.contains("552 5.3.4 Message too large") && step.messages.count == 1)
}

@Test func `a line without end, and talk without end, are the end`() {
  #expect(converse(String(repeating: "x", count: 5000)).step.isOver)
  #expect(converse(opening + "DATA\r\n" + String(repeating: "x", count: 300_000)).step.isOver)
  #expect(converse(String(repeating: "NOOP\r\n", count: 500)).step.isOver)
}

@Test(arguments: ["DATA", "RCPT TO:<a@b>", "MAIL FROM:<>"])
func `what comes out of turn is refused`(command: String) {
  #expect(converse("\(command)\r\n").replies == ["503 5.5.1 Not now"])
}

@Test func `a client that speaks SMTP is told so`() {
  #expect(converse("EHLO a\r\n").replies == ["500 5.5.1 This is LMTP: say LHLO"])
}

@Test func `folders, searches and UIDVALIDITY are read from what IMAP servers say`() {
  let answer = IMAPAnswer(
    Array(
      """
      * LIST (\\HasNoChildren \\Junk) "/" "Bulk \\"x\\""
      * LIST (\\Noselect) "/" Public
      * LIST () NIL INBOX
      * OK [UIDVALIDITY 77] x
      * SEARCH 3 5 x 99999999999
      A1 OK done
      """.utf8))
  #expect(
    answer.folders.map(\.name) == ["Bulk \"x\"", "INBOX"] && answer.folders.map(\.isJunk) == [true, false])
  #expect(answer.found == [3, 5] && answer.uidValidity == 77)
}
