/// The server's side of an LMTP conversation (RFC 2033) without I/O: takes test messages, and nothing more than
/// it must. What a client sends is bounded by line, by message, by recipients and by commands.
struct LMTPSession {
  private enum State { case idle, greeted, mail, rcpt, data }

  /// What a look at new bytes came to.
  struct Step {
    var reply: [UInt8] = []
    var messages: [ReceivedMessage] = []
    var isOver = false
  }

  static let maxMessage = 256 * 1024
  private static let maxLine = 2048
  private static let maxRecipients = 10
  private static let maxCommands = 200

  private let isOurs: @Sendable (String) -> Bool
  private var state = State.idle
  private var buffer: [UInt8] = []
  private var message: [UInt8] = []
  private var isTooLarge = false
  private var recipients = 0
  private var commands = 0

  init(isOurs: @escaping @Sendable (String) -> Bool) { self.isOurs = isOurs }

  static let greeting = Array("220 smtpwatch LMTP for test messages\r\n".utf8)

  /// Takes bytes of the client.
  mutating func receive(_ bytes: some Sequence<UInt8>) -> Step {
    var step = Step()
    buffer.append(contentsOf: bytes)
    var start = buffer.startIndex
    while !step.isOver, let end = buffer[start...].firstIndex(of: 0x0A) {
      var line = buffer[start..<end]
      start = end + 1
      if line.last == 0x0D { line.removeLast() }
      if state == .data { take(line, &step) } else { obey(line, &step) }
    }
    buffer.removeSubrange(..<start)
    if buffer.count > Self.maxLine, state != .data || buffer.count > Self.maxMessage {
      answer("500 5.5.2 Line too long", &step)
      step.isOver = true
    }
    return step
  }

  private func answer(_ text: String, _ step: inout Step) { step.reply += Array("\(text)\r\n".utf8) }

  private mutating func obey(_ line: ArraySlice<UInt8>, _ step: inout Step) {
    commands += 1
    guard commands <= Self.maxCommands, line.count <= Self.maxLine else {
      answer("421 4.7.0 Too much said", &step)
      return step.isOver = true
    }
    let text = String(decoding: line, as: UTF8.self).uppercased()
    switch text.prefix(4) {
    case "LHLO":
      reset()
      state = .greeted
      answer(
        "250-smtpwatch\r\n250-SIZE \(Self.maxMessage)\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES",
        &step)
    case "MAIL" where state == .greeted && text.hasPrefix("MAIL FROM:"):
      state = .mail
      answer("250 2.1.0 OK", &step)
    case "RCPT" where (state == .mail || state == .rcpt) && text.hasPrefix("RCPT TO:"):
      guard recipients < Self.maxRecipients else { return answer("452 4.5.3 Too many recipients", &step) }
      recipients += 1
      state = .rcpt
      answer("250 2.1.5 OK", &step)
    case "DATA" where state == .rcpt:
      state = .data
      answer("354 End with a dot", &step)
    case "RSET":
      reset()
      answer("250 2.0.0 OK", &step)
    case "NOOP": answer("250 2.0.0 OK", &step)
    case "QUIT":
      answer("221 2.0.0 Bye", &step)
      step.isOver = true
    case "HELO", "EHLO": answer("500 5.5.1 This is LMTP: say LHLO", &step)
    case "MAIL", "RCPT", "DATA": answer("503 5.5.1 Not now", &step)
    default: answer("500 5.5.2 What?", &step)
    }
  }

  private mutating func take(_ line: ArraySlice<UInt8>, _ step: inout Step) {
    let dot = UInt8(ascii: ".")
    guard line.count != 1 || line.first != dot else { return conclude(&step) }
    let text = line.first == dot ? line.dropFirst() : line
    guard !isTooLarge, message.count + text.count + 2 <= Self.maxMessage else {
      isTooLarge = true
      message = []
      return
    }
    message += text + [0x0D, 0x0A]
  }

  /// One reply a recipient (RFC 2033 section 4.2).
  private mutating func conclude(_ step: inout Step) {
    let count = recipients
    let received = isTooLarge ? nil : ReceivedMessage(message)
    let reply: String
    if isTooLarge {
      reply = "552 5.3.4 Message too large"
    } else if let received, isOurs(received.token) {
      step.messages.append(received)
      reply = "250 2.0.0 Taken"
    } else {
      reply = "550 5.7.1 Only test messages of this monitor are taken here"
    }
    for _ in 0..<count { answer(reply, &step) }
    reset()
  }

  private mutating func reset() {
    if state != .idle { state = .greeted }
    recipients = 0
    message = []
    isTooLarge = false
  }
}
