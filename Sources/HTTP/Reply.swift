/// What a responder says to a request.
package enum Reply: Sendable {
  case now(Response)
  /// The connection waits, and no thread with it, until the function that is passed in is called, from any
  /// thread. Further calls do nothing; a server that stops answers 503 itself.
  case later(@Sendable (@escaping @Sendable (Response) -> Void) -> Void)
}
