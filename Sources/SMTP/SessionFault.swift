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
