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

  private init(_ verb: Verb, _ line: String, _ rest: some Collection<UInt8>, secrecy: Secrecy = .open) {
    self.verb = verb
    self.secrecy = secrecy
    var wire: [UInt8] = []
    wire.reserveCapacity(line.utf8.count + rest.count + 2)
    wire.append(contentsOf: line.utf8)
    wire.append(contentsOf: rest)
    wire.append(0x0D)
    wire.append(0x0A)
    self.wire = wire
  }

  private init(_ verb: Verb, _ line: String) { self.init(verb, line, EmptyCollection()) }

  /// The line without its end as it may be shown: `AUTH PLAIN <secret>`, or `<secret>` where AUTH goes on.
  package var transcript: String {
    switch secrecy {
    case .open: EscapedText.of(wire.dropLast(2), limit: Self.shownLength)
    case .argument: verb.name + " <secret>"
    case .line: "<secret>"
    }
  }

  /// Appends the same in UTF-8.
  package func writeTranscript(to text: inout [UInt8]) {
    switch secrecy {
    case .open: EscapedText.write(wire.dropLast(2), limit: Self.shownLength, to: &text)
    case .argument, .line: text += transcript.utf8
    }
  }

  private static let shownLength = 1024
}

extension Command: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package var description: String { transcript }
  package var debugDescription: String { transcript }
  package var customMirror: Mirror { Mirror(self, children: [] as [Mirror.Child]) }
}

extension Command {
  /// `EHLO name` (RFC 5321 section 4.1.1.1).
  package static func ehlo(_ name: EHLOName) -> Command { Command(.ehlo, "EHLO ", name.text.utf8) }
  /// `HELO name`, for servers that do not know EHLO.
  package static func helo(_ name: EHLOName) -> Command { Command(.helo, "HELO ", name.text.utf8) }
  /// `LHLO name` (RFC 2033).
  package static func lhlo(_ name: EHLOName) -> Command { Command(.lhlo, "LHLO ", name.text.utf8) }
  /// `STARTTLS` (RFC 3207).
  package static let starttls = Command(.starttls, "STARTTLS")
  /// `RSET`: forget the transaction.
  package static let rset = Command(.rset, "RSET")
  /// `DATA`.
  package static let data = Command(.data, "DATA")
  /// `QUIT`.
  package static let quit = Command(.quit, "QUIT")

  /// `MAIL FROM:<sender>`, with the message's size where the server wants to know it (RFC 1870), and what
  /// an address beyond ASCII asks for (RFC 6531 section 3.4, RFC 6152).
  package static func mail(from sender: Mailbox?, size: Int? = nil, isInternational: Bool = false) -> Command
  {
    let parameters = (size.map { " SIZE=\($0)" } ?? "") + (isInternational ? " BODY=8BITMIME SMTPUTF8" : "")
    return Command(.mail, "MAIL FROM:<\(sender?.text ?? "")>\(parameters)")
  }

  /// `RCPT TO:<recipient>`.
  package static func rcpt(to recipient: Mailbox) -> Command {
    Command(.rcpt, "RCPT TO:<\(recipient.text)>")
  }

  /// `AUTH mechanism` (RFC 4954 section 4), with the initial response where there is one; an empty one is `=`.
  package static func auth(_ mechanism: Mechanism, initialResponse: [UInt8]? = nil) -> Command {
    auth(mechanism, encoded: initialResponse.map(Base64.encode))
  }

  /// The same with the response in base64.
  static func auth(_ mechanism: Mechanism, encoded response: [UInt8]?) -> Command {
    let verb = Verb.auth(mechanism)
    guard let response else { return Command(verb, verb.name) }
    return Command(
      verb, verb.name + " ", response.isEmpty ? [UInt8(ascii: "=")] : response, secrecy: .argument)
  }

  /// The answer to a challenge of AUTH.
  package static func response(_ response: [UInt8], of mechanism: Mechanism) -> Command {
    Command(.auth(mechanism), "", Base64.encode(response), secrecy: .line)
  }

  /// `*`: ends an AUTH exchange without a result.
  package static func cancel(_ mechanism: Mechanism) -> Command {
    Command(.auth(mechanism), "*")
  }
}
