/// What whoever drives a session has to do next.
package enum Action: Sendable, Equatable {
  /// Read one reply.
  case awaitReply
  /// Send a command, then read one reply.
  case send(Command)
  /// Send a message, then read one reply: in its wire form, dots stuffed and ended; or as it is, in one segment with the
  /// line that says so (BDAT, RFC 3030).
  case sendMessage([UInt8], after: String? = nil)
  /// Make sure that nothing unread is buffered, then do the TLS handshake and call `secured()`.
  case startTLS
  /// Close: all went well, or the polite end is over.
  case finished
  /// It went wrong. `stage` and `phase` say where, until `quit()` is called for a polite end.
  case failed(SessionFault)
}
