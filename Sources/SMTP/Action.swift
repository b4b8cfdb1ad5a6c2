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
