package import Base

/// Stands before a responder: limits how often it is asked, lets in who may come in, and adds the headers that the
/// configuration wants. What it goes by can change at any time.
package final class Doorkeeper: Sendable {
  /// The handler that requests are counted under which were turned away.
  private static let handler = "door"

  private let rules: Locked<Rules>
  private let counts: RequestCounts
  private let auth: BasicAuth
  private let now: @Sendable () -> MonotonicInstant
  private let inside: HTTPServer.Responder

  private struct Rules {
    var configuration: WebConfiguration
    var bucket: TokenBucket?
  }

  /// A doorkeeper of a responder.
  ///
  /// - Parameter counts: Where those are counted that are turned away.
  package init(
    _ configuration: WebConfiguration, counts: RequestCounts = RequestCounts(),
    now: @escaping @Sendable () -> MonotonicInstant = { .now() },
    before inside: @escaping HTTPServer.Responder
  ) {
    let bucket = configuration.rateLimit.map { TokenBucket($0, at: now()) }
    rules = Locked(Rules(configuration: configuration, bucket: bucket))
    auth = BasicAuth(now: now)
    self.counts = counts
    self.now = now
    self.inside = inside
  }

  /// Goes by another configuration from now on. A rate limit that is the same goes on where it was.
  package func adopt(_ configuration: WebConfiguration) {
    rules.withLock { rules in
      if rules.configuration.rateLimit != configuration.rateLimit {
        rules.bucket = configuration.rateLimit.map { TokenBucket($0, at: now()) }
      }
      rules.configuration = configuration
    }
  }

  /// Answers a request: the server's responder.
  package func answer(_ request: Request) -> Reply {
    let (configuration, pause) = rules.withLock { rules in
      (rules.configuration, rules.bucket?.take(at: now()))
    }
    let reply: Reply
    if let pause {
      reply = .now(.tooMany(pause))
      counts.count(handler: Self.handler, status: 429)
    } else if configuration.users.isEmpty {
      reply = inside(request)
    } else {
      reply = auth.reply(to: request, users: configuration.users, welcome: inside) { [counts] response in
        counts.count(handler: Self.handler, status: response.status)
        return response
      }
    }
    guard !configuration.headers.isEmpty else { return reply }
    return reply.map { $0.with(configuration.headers) }
  }
}

extension Response {
  fileprivate static func tooMany(_ pause: Duration) -> Response {
    .text(
      "Too many requests.", status: 429, headers: ["Retry-After": String(pause.components.seconds + 1)])
  }

  /// The answer with the fields of the configuration. Whoever allows frames of the same site in the older field
  /// means the newer one too, which browsers go by.
  fileprivate func with(_ fields: [(name: String, value: String)]) -> Response {
    var response = self
    for field in fields {
      response.headers[field.name] = field.value
      if field.name == "X-Frame-Options", field.value == "sameorigin" {
        let policy =
          response.headers["Content-Security-Policy"] ?? Headers.security["Content-Security-Policy"]
        response.headers["Content-Security-Policy"] = policy?.replacing(
          "frame-ancestors 'none'", with: "frame-ancestors 'self'")
      }
    }
    return response
  }
}
