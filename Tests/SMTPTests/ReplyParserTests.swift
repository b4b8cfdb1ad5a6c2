import SMTP
import Testing

/// What a stream came to: its replies, then its error if it has one.
private struct Outcome: Equatable {
  var replies: [Reply] = []
  var error: ReplyError?
}

/// Parses a stream that arrives in these pieces.
private func parse(_ pieces: [ArraySlice<UInt8>]) -> Outcome {
  var parser = ReplyParser()
  var outcome = Outcome()
  do throws(ReplyError) {
    for piece in pieces {
      parser.append(piece)
      while let reply = try parser.next() { outcome.replies.append(reply) }
    }
  } catch {
    outcome.error = error
  }
  return outcome
}

private func parse(_ text: String) -> Outcome { parse([Array(text.utf8)[...]]) }

private func reply(_ code: Int, _ lines: String..., bareLineFeed: Bool = false) -> Reply {
  Reply(code: code, lines: lines.map { Array($0.utf8) }, hasBareLineFeed: bareLineFeed)
}

private let streams: [(text: String, replies: [Reply], isError: Bool)] = [
  ("220 mail ESMTP\r\n", [reply(220, "mail ESMTP")], false),
  ("220\r\n", [reply(220, "")], false),
  ("220 \r\n", [reply(220, "")], false),
  ("220\n", [reply(220, "", bareLineFeed: true)], false),
  ("220-wait\r\n220 m\r\n", [reply(220, "wait", "m")], false),
  ("250-a\n250-b\r\n250 c\n", [reply(250, "a", "b", "c", bareLineFeed: true)], false),
  ("250-\r\n250-\r\n250\r\n", [reply(250, "", "", "")], false),
  ("220 a\r\n500 b\r\n421 c\r\n", [reply(220, "a"), reply(500, "b"), reply(421, "c")], false),
  ("556 x\r\n299 y\r\n", [reply(556, "x"), reply(299, "y")], false),
  ("535 a\rb\r\n", [reply(535, "a\rb")], false),
  ("250-a\r\n251 b\r\n", [], true),
  ("hello there\r\n", [], true),
  ("22 x\r\n", [], true),
  ("2200 x\r\n", [], true),
  ("650 x\r\n", [], true),
  ("150 x\r\n", [], true),
  ("250-a\r\n\r\n", [], true),
  ("\r\n", [], true),
  ("250 a\0b\r\n", [], true),
  ("220 a\r\n* OK IMAP\r\n", [reply(220, "a")], true),
]

@Test(arguments: streams.indices)
func `A stream means the same however it is cut`(_ index: Int) {
  let (text, replies, isError) = streams[index]
  let bytes = Array(text.utf8)
  let whole = parse([bytes[...]])
  #expect(whole.replies == replies)
  #expect((whole.error != nil) == isError)
  #expect(parse(bytes.indices.map { bytes[$0...$0] }) == whole)
  for first in 0...bytes.count {
    for second in first...bytes.count {
      let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]]
      guard parse(pieces) == whole else {
        Issue.record("\(text.debugDescription) cut at \(first) and \(second) means something else")
        return
      }
    }
  }
}

@Test
func `Each fault has its name`() {
  #expect(parse("hello\r\n").error == .noCode(Array("hello".utf8)))
  #expect(parse("199 x\r\n").error == .invalidCode(Array("199 x".utf8)))
  #expect(parse("250-a\r\n251 b\r\n").error == .codesDiffer(first: 250, Array("251 b".utf8)))
  #expect(parse("220 \0\r\n").error == .nul(Array("220 \0".utf8)))
}

@Test
func `A line may have 4096 bytes and no more`() {
  let longest = "220 " + String(repeating: "x", count: 4090) + "\r\n"
  #expect(parse(longest).replies.count == 1)
  #expect(parse("220 x" + longest.dropFirst(4)).error?.bytes.count == 120)
}

@Test
func `A line that never ends is refused before its end`() throws {
  var parser = ReplyParser()
  parser.append("220 ".utf8)
  parser.append(Array(repeating: UInt8(ascii: "x"), count: 5000))
  let expected = ReplyError.lineTooLong(Array(("220 " + String(repeating: "x", count: 116)).utf8))
  #expect(throws: expected) { try parser.next() }
  #expect(throws: expected) { try parser.next() }
}

@Test
func `A reply may have 128 lines and no more`() {
  let line = "250-x\r\n"
  #expect(parse(String(repeating: line, count: 127) + "250 x\r\n").replies.first?.lines.count == 128)
  #expect(parse(String(repeating: line, count: 129)).error == .tooManyLines(Array("250-x".utf8)))
}

@Test
func `A reply may have 64 KiB and no more`() {
  let line = "250-" + String(repeating: "x", count: 2042) + "\r\n"
  let last = "250 " + line.dropFirst(4)
  #expect(parse(String(repeating: line, count: 31) + last).replies.count == 1)
  guard case .replyTooLong = parse(String(repeating: line, count: 33)).error else {
    Issue.record("33 lines of 2 KiB are accepted")
    return
  }
}

@Test
func `The limits hold again for the next reply`() {
  let text = String(repeating: "250-x\r\n", count: 100) + "250 x\r\n"
  #expect(parse(text + text + text).replies.count == 3)
}

@Test
func `What is unread can be taken`() throws {
  var parser = ReplyParser()
  #expect(!parser.hasUnreadBytes)
  parser.append("220 go\r\n250 injected\r\n22".utf8)
  #expect(try parser.next()?.code == 220)
  #expect(parser.hasUnreadBytes)
  #expect(parser.takeUnread() == Array("250 injected\r\n22".utf8))
  #expect(!parser.hasUnreadBytes)
  parser.append("220 again\r\n".utf8)
  #expect(try parser.next()?.code == 220)
  #expect(!parser.hasUnreadBytes)
}

@Test
func `A teaser is no reply and counts as unread`() throws {
  var parser = ReplyParser()
  parser.append("220-wait\r\n22".utf8)
  #expect(try parser.next() == nil)
  #expect(parser.hasUnreadBytes)
  #expect(parser.takeUnread() == Array("220-wait\r\n22".utf8))
}

@Test
func `Bytes may come as a span`() throws {
  var parser = ReplyParser()
  let bytes = Array("250 ok\r\n".utf8)
  parser.append(bytes.span)
  #expect(try parser.next() == reply(250, "ok"))
}
