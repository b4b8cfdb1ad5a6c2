/// Why a conversation cannot go on.
package enum SessionFault: Error, Sendable, Equatable {
  /// A reply, and not one that the stage hopes for.
  case rejected(Reply)
  /// STARTTLS is required, and the server does not offer it.
  case starttlsNotOffered
  /// Bytes in clear were waiting behind the reply to STARTTLS (RFC 3207). Found by whoever drives the session.
  case plaintextAcrossTLS([UInt8])
  /// The server offers no login.
  case authNotOffered
  /// A login was due in clear, and is not allowed there.
  case authWithoutTLS
  case noCommonMechanism(offered: [String], wanted: [String])
  case sasl(SASLError)
  /// An expectation of the configuration was not met.
  case expectation(wanted: String, saw: String)
}

extension SessionFault: CustomStringConvertible {
  /// A sentence for people.
  package var description: String {
    switch self {
    case .rejected(let reply): "The server answers \(reply.code) \(reply.firstLine)"
    case .starttlsNotOffered: "STARTTLS is required but not offered."
    case .plaintextAcrossTLS: "Plaintext crosses the TLS boundary."
    case .authNotOffered: "The server offers no AUTH here."
    case .authWithoutTLS: "A login is due in clear, which is not allowed."
    case .noCommonMechanism(let offered, let wanted):
      "No common mechanism (server: \(offered.joined(separator: " ")); we: \(wanted.joined(separator: " ")))."
    case .sasl(let error): error.description
    case .expectation(let wanted, let saw): "Wanted \(wanted), saw \(saw)."
    }
  }
}

/// What whoever drives a session has to do next.
package enum Action: Sendable, Equatable {
  /// Read one reply.
  case awaitReply
  /// Send a command, then read one reply.
  case send(Command)
  /// Send a message in its wire form, dots stuffed and ended, then read one reply.
  case sendMessage([UInt8])
  /// Make sure that nothing unread is buffered, then do the TLS handshake and call `secured()`.
  case startTLS
  /// Close: all went well, or the polite end is over.
  case finished
  /// It went wrong. `stage` and `phase` say where, until `quit()` is called for a polite end.
  case failed(SessionFault)
}
