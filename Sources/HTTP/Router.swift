/// Finds who answers a request, and counts what was answered.
package struct Router: Sendable {
  /// The handler of requests that fit no route.
  private static let otherHandler = "other"

  /// How many requests were answered.
  package let counts: RequestCounts
  private let prefix: [String]
  private let headers: Headers
  private let render: @Sendable (Problem, Request) -> Response
  private let routes: [Route]

  /// A router.
  ///
  /// - Parameters:
  ///   - prefix: The path under which every route stands, such as `/smtp`; empty or `/` for none.
  ///   - headers: What every answer carries that does not say otherwise.
  ///   - render: Makes an answer of a problem.
  ///   - routes: The first that fits answers.
  package init(
    prefix: String = "", headers: Headers = [:], counts: RequestCounts = RequestCounts(),
    render: @escaping @Sendable (Problem, Request) -> Response = { problem, _ in problem.text },
    routes: [Route]
  ) {
    self.prefix = prefix.split(separator: "/").map(String.init)
    self.headers = headers
    self.counts = counts
    self.render = render
    self.routes = routes
    for route in routes { counts.prepare(handler: route.handler, status: 200) }
  }

  /// Answers a request.
  package func answer(_ request: Request) -> Reply {
    let (handler, reply) = dispatch(request)
    return reply.map { [counts, headers] response in
      counts.count(handler: handler, status: response.status)
      var response = response
      response.headers.addMissing(headers)
      return response
    }
  }

  private func dispatch(_ request: Request) -> (handler: String, reply: Reply) {
    guard request.path.starts(with: prefix) else { return (Self.otherHandler, .now(outside(request))) }
    var request = request
    request.path.removeFirst(prefix.count)

    var allowed: [String] = []
    var handler = Self.otherHandler
    for route in routes {
      guard let captured = route.match(request.path) else { continue }
      if route.methods.contains(request.method) { return (route.handler, route.answer(request, captured)) }
      if allowed.isEmpty { handler = route.handler }
      allowed += route.methods
    }
    return (handler, .now(allowed.isEmpty ? notFound(request) : notAllowed(request, allowed)))
  }

  private func outside(_ request: Request) -> Response {
    let home = "/" + prefix.map(PercentEncoding.encode).joined(separator: "/") + "/"
    guard request.path.isEmpty else {
      return render(
        Problem(status: 404, error: "There is nothing here.", hint: "Everything is under \(home)."), request)
    }
    return .text("See \(home)", status: 302, headers: ["Location": home])
  }

  private func notFound(_ request: Request) -> Response {
    let home = (["/"] + prefix.map { "\(PercentEncoding.encode($0))/" }).joined()
    return render(
      Problem(status: 404, error: "There is nothing here.", hint: "\(home) links to every page."), request)
  }

  private func notAllowed(_ request: Request, _ allowed: [String]) -> Response {
    let list = allowed.joined(separator: ", ")
    var response = render(
      Problem(status: 405, error: "This path does not take \(request.method).", hint: "Use \(list)."), request
    )
    response.headers["Allow"] = list
    return response
  }
}
