/// What a responder says to a request.
package enum Reply: Sendable {
  case now(Response)
  /// The connection waits, and no thread with it, until the function that is passed in is called, from any
  /// thread. Further calls do nothing; a server that stops answers 503 itself.
  case later(@Sendable (@escaping @Sendable (Response) -> Void) -> Void)
  /// An answer without end, or with one that is not known yet: the head, whose body is empty, and what follows
  /// it. Never compressed.
  case stream(ResponseStream, head: Response)
  /// The same where it is still to be decided how to answer.
  case undecided(@Sendable (@escaping @Sendable (Reply) -> Void) -> Void)

  /// The reply with its answer changed, whenever that comes.
  func map(_ change: @escaping @Sendable (Response) -> Response) -> Reply {
    switch self {
    case .now(let response): .now(change(response))
    case .stream(let stream, let head): .stream(stream, head: change(head))
    case .later(let begin): .later { answer in begin { answer(change($0)) } }
    case .undecided(let begin): .undecided { decide in begin { decide($0.map(change)) } }
    }
  }
}
