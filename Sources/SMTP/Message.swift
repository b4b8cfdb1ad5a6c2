package import Model

/// The test message (RFC 5322): small, from a machine, asking that no machine answers it.
package struct Message: Sendable, Equatable {
  /// The envelope's sender; none is the null sender.
  package let sender: Mailbox?
  package let recipient: Mailbox
  /// What names the message: in its Message-ID, and in its X-Smtpwatch-Token.
  package let token: String
  /// Sent with BDAT where the server offers CHUNKING (RFC 3030).
  package var prefersChunking = false
  /// Headers and body with CRLF line ends, as the reader gets them.
  package let content: [UInt8]

  /// The content as DATA wants it.
  package var wire: [UInt8] { DotStuffing.wire(of: content) }

  /// An address has letters beyond ASCII, so that the server has to speak SMTPUTF8 (RFC 6531).
  package var needsSMTPUTF8: Bool { sender?.isASCII == false || !recipient.isASCII }

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
    self.token = token
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
      "Precedence: bulk",
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
