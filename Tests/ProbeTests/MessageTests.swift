import Model
import Testing

/// A message as the server heard it.
@Suite(.timeLimit(.minutes(20))) struct MessageTests {
  /// The name of the target begins a line of the message, with dots that must not end it.
  private static let sent = Result {
    try probe("\(Opening.upgrade) T(good) OK", settings(.starttls, .send), name: "..\r\n.\r\nhidden")
  }

  @Test func `a message is taken over`() throws {
    let result = try Self.sent.get().result
    #expect(result.reason == .ok && result.messagesSent == 1, "\(result)")
  }

  @Test func `lines end in CRLF, are short, and a dot alone ends the message`() throws {
    let dialogue = try Self.sent.get().dialogue
    let data = try #require(dialogue.firstRange(of: "DATA\r\n"))
    let message = dialogue[data.upperBound...]
    let end = try #require(message.firstRange(of: "\r\n.\r\n"))
    #expect(message[end.upperBound...] == "QUIT\r\n")
    let lines = message[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
    #expect(lines.allSatisfy { $0.utf8.count <= 998 && !$0.utf8.contains(0x0D) && !$0.utf8.contains(0x0A) })
    #expect(lines.contains { $0.hasPrefix("...") }, "stuffed: \(lines)")
    #expect(!lines.contains("."))
  }

  @Test func `it says who it is and that nobody needs to answer`() throws {
    let dialogue = try Self.sent.get().dialogue
    for header in [
      "From: probe@example.net\r\n", "To: sink@example.test\r\n", "Auto-Submitted: auto-generated\r\n",
      "MIME-Version: 1.0\r\n", "@monitor.example.net>\r\n",
    ] {
      #expect(dialogue.contains(header), "\(dialogue)")
    }
  }

  @Test func `its size is announced where SIZE is offered`() throws {
    let dialogue = try Self.sent.get().dialogue
    let line = try #require(dialogue.split(separator: "\r\n").first { $0.hasPrefix("MAIL FROM") })
    let size = try #require(line.firstRange(of: " SIZE=").flatMap { Int(line[$0.upperBound...]) })
    let data = try #require(dialogue.firstRange(of: "DATA\r\n"))
    let end = try #require(dialogue.firstRange(of: "\r\n.\r\n"))
    // One dot is stuffed; it is no part of the content.
    #expect(dialogue[data.upperBound..<end.lowerBound].utf8.count + 2 == size + 1)
  }

  @Test func `the transcript has its length and not its text`() throws {
    let result = try Self.sent.get().result
    #expect(result.transcript.contains { $0.from == .client && $0.text.hasPrefix("(message, ") })
    #expect(!result.transcript.contains { $0.text.contains("Subject:") })
  }

  @Test func `a probe that is not due to send one does not`() throws {
    let seen = try onLoop { loop in
      var plain = settings(.starttls, .send)
      plain.send = nil
      return try await probe("\(Opening.upgrade) T(good) OK", plain, on: loop)
    }
    #expect(seen.result.messagesSent == 0 && !seen.dialogue.contains("DATA"))
  }
}
