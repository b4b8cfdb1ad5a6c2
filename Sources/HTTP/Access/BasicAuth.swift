import Base

/// Lets in who knows a password (RFC 7617), by hashes of bcrypt.
final class BasicAuth: Sendable {
  private let cache = LoginCache()
  private let throttle = LoginThrottle()
  private let queue = PasswordQueue()
  private let now: @Sendable () -> MonotonicInstant

  init(now: @escaping @Sendable () -> MonotonicInstant) { self.now = now }

  /// Replies to a request with what `welcome` says where its login is right, else with what `refuse` makes of the
  /// answer that says why not.
  func reply(
    to request: Request, users: [String: String], welcome: @escaping HTTPServer.Responder,
    refuse: @escaping @Sendable (Response) -> Response
  ) -> Reply {
    guard let login = Login(request) else { return .now(refuse(.unauthorized)) }
    let known = users[login.user]
    // Who does not exist costs as much as who does, so that time does not tell them apart.
    let hash = known ?? Self.decoy(among: users)
    let key = cache.key(login, hash: hash)
    if let isRight = cache[key] { return isRight ? welcome(request) : .now(refuse(.unauthorized)) }
    if let pause = throttle.begin(request.client, at: now()) { return .now(refuse(.tooManyGuesses(pause))) }
    return .undecided { [self] decide in
      let isAdmitted = queue.compare(login.password, hash: hash) { [self] matches in
        let isRight = matches && known != nil
        cache.remember(key, isRight: isRight)
        if isRight { throttle.forgive(request.client) }
        decide(isRight ? welcome(request) : .now(refuse(.unauthorized)))
      }
      if !isAdmitted {
        throttle.forgive(request.client)
        decide(.now(refuse(.tooManyLogins)))
      }
    }
  }

  /// A hash that costs as much as the dearest of the users'. Nobody is let in by it.
  static func decoy(among users: [String: String]) -> String {
    let dearest = users.values.max { cost(of: $0) < cost(of: $1) } ?? ""
    return "$2b$\(cost(of: dearest))$" + String(repeating: "u", count: 22 + 31)
  }

  /// The two digits of `$2b$10$…`.
  private static func cost(of hash: String) -> Substring { hash.dropFirst(4).prefix(2) }
}

extension Response {
  fileprivate static let unauthorized = Response.text(
    "A user and a password are needed.", status: 401,
    headers: ["WWW-Authenticate": "Basic realm=\"smtpwatch\", charset=\"UTF-8\""])
  fileprivate static let tooManyLogins = Response.text(
    "Too many logins are being checked. Try again in a moment.", status: 503, headers: ["Retry-After": "1"])

  fileprivate static func tooManyGuesses(_ pause: Duration) -> Response {
    .text(
      "Too many wrong passwords came from this address. Try again later.", status: 429,
      headers: ["Retry-After": String(pause.components.seconds + 1)])
  }
}
