import HTTP

extension WebSite {
  /// `/api/v1/events`: what happens to targets, as it happens.
  var liveEvents: Route {
    Route("/api/v1/events", handler: "api_live") { request, _ in
      guard let feed else { return .now(.problem(Self.noFeed)) }
      // A proxy that gathers answers would keep back what is only worth something now.
      let head = Response(
        contentType: "text/event-stream; charset=utf-8",
        headers: ["Cache-Control": "no-store", "X-Accel-Buffering": "no"], body: [])
      guard request.method != "HEAD" else { return .now(head) }
      let last = request.headers["Last-Event-ID"] ?? request.query("last_event_id")
      guard let stream = feed.join(after: last) else {
        var response = Response.problem(Self.tooManyListeners)
        response.headers["Retry-After"] = "30"
        return .now(response)
      }
      return .stream(stream, head: head)
    }
  }

  private static let noFeed = Problem(
    status: 404, error: "This program tells nothing as it happens.",
    hint: "Ask for /api/v1/targets now and then.")
  private static let tooManyListeners = Problem(
    status: 503, error: "\(EventFeed.capacity) listen already.",
    hint: "Try again later, or ask for /api/v1/targets now and then.")
}
