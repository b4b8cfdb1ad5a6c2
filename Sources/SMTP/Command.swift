package import Model

/// One line that the client says: its bytes, and what of them may be shown.
///
/// Commands are made of values that were checked before (`EHLOName`, `Mailbox`) or encoded in base64, so that no
/// argument can end the line early. Every description of a command is its transcript.
package struct Command: Sendable, Equatable {
  /// Which command it is. The lines of an AUTH exchange belong to its AUTH.
  package enum Verb: Sendable, Equatable {
    case ehlo, helo, lhlo, starttls
    case auth(Mechanism)
    case mail, rcpt, rset, data, quit

    /// The word on the wire, such as `EHLO` or `AUTH PLAIN`.
    package var name: String {
      switch self {
      case .auth(let mechanism): "AUTH " + mechanism.rawValue
      default: String(describing: self).uppercased()
      }
    }
  }

  /// How much of a line is secret.
  private enum Secrecy {
    case open
    /// All after the verb's name.
    case argument
    case line
  }

  package let verb: Verb
  /// The line with its CRLF.
  package let wire: [UInt8]
  private let secrecy: Secrecy

  private init(_ verb: Verb, _ line: some Sequence<UInt8>, secrecy: Secrecy = .open) {
    self.verb = verb
    self.secrecy = secrecy
    var wire: [UInt8] = []
    wire.append(contentsOf: line)
    wire.append(0x0D)
    wire.append(0x0A)
    self.wire = wire
  }

  /// The line without its end as it may be shown: `AUTH PLAIN <secret>`, or `<secret>` where AUTH goes on.
  package var transcript: String {
    switch secrecy {
    case .open: EscapedText.of(wire.dropLast(2), limit: 1024)
    case .argument: verb.name + " <secret>"
    case .line: "<secret>"
    }
  }
}

extension Command: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { transcript }
  package var debugDescription: String { transcript }
  package var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}

extension Command {
  /// `EHLO name` (RFC 5321 section 4.1.1.1).
  package static func ehlo(_ name: EHLOName) -> Command { Command(.ehlo, "EHLO \(name.text)".utf8) }
  /// `HELO name`, for servers that do not know EHLO.
  package static func helo(_ name: EHLOName) -> Command { Command(.helo, "HELO \(name.text)".utf8) }
  /// `LHLO name` (RFC 2033).
  package static func lhlo(_ name: EHLOName) -> Command { Command(.lhlo, "LHLO \(name.text)".utf8) }
  /// `STARTTLS` (RFC 3207).
  package static let starttls = Command(.starttls, "STARTTLS".utf8)
  /// `RSET`: forget the transaction.
  package static let rset = Command(.rset, "RSET".utf8)
  /// `DATA`.
  package static let data = Command(.data, "DATA".utf8)
  /// `QUIT`.
  package static let quit = Command(.quit, "QUIT".utf8)

  /// `MAIL FROM:<sender>`, with the message's size where the server wants to know it (RFC 1870).
  package static func mail(from sender: Mailbox?, size: Int? = nil) -> Command {
    Command(.mail, "MAIL FROM:<\(sender?.text ?? "")>\(size.map { " SIZE=\($0)" } ?? "")".utf8)
  }

  /// `RCPT TO:<recipient>`.
  package static func rcpt(to recipient: Mailbox) -> Command {
    Command(.rcpt, "RCPT TO:<\(recipient.text)>".utf8)
  }

  /// `AUTH mechanism` (RFC 4954 section 4), with the initial response where there is one; an empty one is `=`.
  package static func auth(_ mechanism: Mechanism, initialResponse: [UInt8]? = nil) -> Command {
    let verb = Verb.auth(mechanism)
    guard let initialResponse else { return Command(verb, verb.name.utf8) }
    let encoded = initialResponse.isEmpty ? [UInt8(ascii: "=")] : Base64.encode(initialResponse)
    return Command(verb, Array((verb.name + " ").utf8) + encoded, secrecy: .argument)
  }

  /// The answer to a challenge of AUTH.
  package static func response(_ response: [UInt8], of mechanism: Mechanism) -> Command {
    Command(.auth(mechanism), Base64.encode(response), secrecy: .line)
  }

  /// `*`: ends an AUTH exchange without a result.
  package static func cancel(_ mechanism: Mechanism) -> Command {
    Command(.auth(mechanism), CollectionOfOne(UInt8(ascii: "*")))
  }
}
