package import Model

/// The test message (RFC 5322): small, from a machine, asking that no machine answers it.
package struct Message: Sendable, Equatable {
  /// The envelope's sender; none is the null sender.
  package let sender: Mailbox?
  package let recipient: Mailbox
  /// Headers and body with CRLF line ends, as the reader gets them.
  package let content: [UInt8]

  /// The content as DATA wants it.
  package var wire: [UInt8] { DotStuffing.wire(of: content) }

  /// A test message.
  ///
  /// - Parameters:
  ///   - token: unique; it names the message in its Message-ID and finds it again in a mailbox. Only letters,
  ///     digits, hyphens, dots and underscores of it are kept.
  ///   - host: the name of this host, which makes the Message-ID unique.
  ///   - target: the name of what is tested.
  package init(
    from sender: Mailbox?, to recipient: Mailbox, subject: String, date: Timestamp, token: String,
    host: EHLOName, target: String
  ) {
    self.sender = sender
    self.recipient = recipient
    let token = String(token.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "-._".contains($0)) })
    let name = EscapedText.of(target.utf8, limit: 200).map { $0.isASCII ? $0 : "?" }
    let lines = [
      "Date: \(date.rfc5322)",
      "From: \(sender?.text ?? "smtpwatch@\(host.text)")",
      "To: \(recipient.text)",
      "Message-ID: <\(token)@\(host.text)>",
      "Subject: \(HeaderText.encoded(subject))",
      "MIME-Version: 1.0",
      "Content-Type: text/plain; charset=us-ascii",
      "Auto-Submitted: auto-generated",
      "X-Auto-Response-Suppress: All",
      "X-Smtpwatch-Token: \(token)",
      "",
      "smtpwatch sent this message to find out whether mail goes through",
      "\(String(name)).",
      "",
      "Nobody needs to answer it. Its token is \(token).",
      "",
    ]
    content = Array(lines.joined(separator: "\r\n").utf8)
  }
}

/// Text in a header field (RFC 5322 section 2.2), whatever it contains.
enum HeaderText {
  /// The text where it is plain and short, else in encoded words (RFC 2047). Control characters become blanks.
  static func encoded(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }
    guard !scalars.allSatisfy(\.isASCII) || scalars.count > 200 || containsEncodedWord(scalars) else {
      return String(String.UnicodeScalarView(scalars))
    }
    // A line has at most 76 characters: 39 bytes are 52 of base64, 12 stand around them, `Subject: ` before.
    var words: [[UInt8]] = [[]]
    for scalar in scalars {
      let bytes = Array(String(scalar).utf8)
      if words[words.count - 1].count + bytes.count > 39 { words.append([]) }
      words[words.count - 1] += bytes
    }
    return words.filter { !$0.isEmpty }
      .map { "=?utf-8?B?\(String(decoding: Base64.encode($0), as: UTF8.self))?=" }
      .joined(separator: "\r\n ")
  }

  private static func containsEncodedWord(_ scalars: [Unicode.Scalar]) -> Bool {
    zip(scalars, scalars.dropFirst()).contains { $0 == "=" && $1 == "?" }
  }
}

/// The transparency of DATA (RFC 5321 section 4.5.2).
package enum DotStuffing {
  /// Every line that begins with a dot gets one more, every line ends with CRLF, and a dot alone ends it all.
  package static func wire(of content: [UInt8]) -> [UInt8] {
    var wire: [UInt8] = []
    wire.reserveCapacity(content.count + 64)
    var isLineStart = true
    var index = 0
    while index < content.count {
      let byte = content[index]
      index += 1
      if byte == 0x0D || byte == 0x0A {
        if byte == 0x0D, index < content.count, content[index] == 0x0A { index += 1 }
        wire += [0x0D, 0x0A]
        isLineStart = true
      } else {
        if isLineStart, byte == UInt8(ascii: ".") { wire.append(byte) }
        wire.append(byte)
        isLineStart = false
      }
    }
    if !isLineStart { wire += [0x0D, 0x0A] }
    return wire + [UInt8(ascii: "."), 0x0D, 0x0A]
  }
}

extension Timestamp {
  /// The date of a header (RFC 5322 section 3.3) in UTC, such as `Mon, 23 Nov 2026 10:00:00 +0000`.
  package var rfc5322: String {
    let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let daySeconds: Int64 = 86_400
    let whole = (microseconds - (microseconds % 1_000_000 + 1_000_000) % 1_000_000) / 1_000_000
    let second = (whole % daySeconds + daySeconds) % daySeconds
    let days = (whole - second) / daySeconds
    let (year, month, day) = Timestamp.civil(daysSinceEpoch: days)
    // 1970-01-01 was a Thursday.
    let weekday = weekdays[Int(((days + 4) % 7 + 7) % 7)]
    let clock = [second / 3600, second / 60 % 60, second % 60].map { ($0 < 10 ? "0" : "") + String($0) }
    return "\(weekday), \(day) \(months[Int(month) - 1]) \(year) \(clock.joined(separator: ":")) +0000"
  }
}
