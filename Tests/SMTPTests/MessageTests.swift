import Model
import SMTP
import Testing

private func message(subject: String = "test", token: String = "t0ken-1", target: String = "plunk") throws
  -> Message
{
  Message(
    from: try Mailbox("probe@example.net"), to: try Mailbox("sink@example.net"), subject: subject,
    date: Timestamp(seconds: 1_795_428_000), token: token, host: try EHLOName("monitor.example.net"),
    target: target)
}

/// The message's lines: CRLF is one character, which a bare CR or LF is not.
private func lines(_ message: Message) -> [String] {
  String(decoding: message.content, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    .map(String.init)
}

@Test
func `A test message has the headers of a machine's message`() throws {
  let lines = lines(try message())
  #expect(
    lines.prefix(12) == [
      "Date: Mon, 23 Nov 2026 10:00:00 +0000", "From: probe@example.net", "To: sink@example.net",
      "Message-ID: <t0ken-1@monitor.example.net>", "Subject: test", "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=us-ascii", "Auto-Submitted: auto-generated",
      "X-Auto-Response-Suppress: All", "Precedence: bulk", "X-Smtpwatch-Token: t0ken-1", "",
    ])
}

@Test(arguments: [
  "a\r\nBcc: x@y", "a\nb", "a\rb", "a\0b", "ä\r\nBcc: x@y", String(repeating: "y", count: 5000),
  String(repeating: "授权", count: 500),
])
func `Nothing in a subject, token or target can become a header or a long line`(_ text: String) throws {
  let plain = lines(try message()).filter { !$0.hasPrefix(" ") }.count
  let message = try message(subject: text, token: "x" + String(text.prefix(40)), target: text)
  let lines = lines(message)
  #expect(lines.filter { !$0.hasPrefix(" ") }.count == plain)
  #expect(lines.allSatisfy { $0.utf8.count <= 998 })
  #expect(lines.allSatisfy { $0.utf8.allSatisfy { (0x20..<0x7F).contains($0) } })
  #expect(!lines.contains { $0.hasPrefix("Bcc") })
}

@Test
func `A subject beyond ASCII goes in encoded words`() throws {
  #expect(lines(try message(subject: "Prüfung")).contains("Subject: =?utf-8?B?UHLDvGZ1bmc=?="))
  let long = lines(try message(subject: String(repeating: "ü", count: 40)))
  let subject = long.firstIndex { $0.hasPrefix("Subject:") } ?? 0
  #expect(long[subject...].prefix(3).allSatisfy { $0.utf8.count <= 76 })
  #expect(long[subject + 1].hasPrefix(" =?utf-8?B?"))
  #expect(
    lines(try message(subject: "=?utf-8?B?eA==?=")).contains { $0.hasPrefix("Subject: =?utf-8?B?PT91") })
}

@Test(arguments: [
  ("", ".\r\n"), ("a", "a\r\n.\r\n"), ("a\r\n", "a\r\n.\r\n"), (".", "..\r\n.\r\n"),
  (".\r\n.\r\n", "..\r\n..\r\n.\r\n"), ("..a\r\nb.c\r\n", "...a\r\nb.c\r\n.\r\n"),
  ("a\nb\rc\n\r.d", "a\r\nb\r\nc\r\n\r\n..d\r\n.\r\n"),
])
func `Dots are stuffed, lines end with CRLF, a dot ends it all`(_ content: String, _ wire: String) {
  #expect(DotStuffing.wire(of: Array(content.utf8)) == Array(wire.utf8))
}

@Test(arguments: [
  (0, "Thu, 1 Jan 1970 00:00:00 +0000"), (951_827_696, "Tue, 29 Feb 2000 12:34:56 +0000"),
  (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (1_795_428_000, "Mon, 23 Nov 2026 10:00:00 +0000"),
])
func `A date is written as in RFC 5322`(_ seconds: Int64, _ date: String) {
  #expect(Timestamp(seconds: seconds).rfc5322 == date)
}
