import Base
package import HTTP
import Metrics
import Monitor

extension WebSite {
  /// The router of the whole site; its `answer` is the server's responder.
  package func router() -> Router {
    Router(
      prefix: routePrefix,
      headers: [
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
      ],
      counts: requests,
      render: { problem, request in request.isForAPI ? .problem(problem) : problem.text },
      routes: pages + api + management + [metrics])
  }

  private var shell: PageShell {
    let segments = (externalPath ?? routePrefix).split(separator: "/")
    return PageShell(
      home: segments.isEmpty ? "/" : "/\(segments.joined(separator: "/"))/",
      telemetryPath: String(telemetryPath.drop { $0 == "/" }), version: program.version)
  }

  private var metrics: Route {
    Route(telemetryPath, handler: "metrics") { request, _ in
      let negotiated = MetricsNegotiation(accept: request.headers["Accept"])
      let page = MetricsPage(
        snapshot: history.snapshot(), program: program, process: .read(), requests: requests.all,
        logMessages: logMessages())
      return .now(
        Response(
          contentType: negotiated.contentType, headers: ["Vary": "Accept"],
          body: page.render(negotiated.format)))
    }
  }

  private var pages: [Route] {
    let shell = shell
    return [
      Route("/", handler: "home") { request, _ in
        guarded(\.text) { () throws(QueryRefusal) in
          try StatusPage(request, shell: shell, history: history).response.withPolicy
        }
      },
      Route("/targets/{name}", handler: "target") { request, names in
        let page = TargetPage(names[0], request, shell: shell, history: history)
        return .now(page?.response.withPolicy ?? Self.unknownTarget.text)
      },
      Route("/favicon.svg", handler: "favicon") { _, _ in .now(favicon) },
      Route("/favicon.ico", handler: "favicon") { _, _ in .now(favicon) },
    ]
  }

  private var api: [Route] {
    let api = API(history: history)
    return [
      Route("/api/v1/summary", handler: "api_summary") { _, _ in .now(api.summary()) },
      Route("/api/v1/targets", handler: "api_targets") { request, _ in
        guarded(Response.problem) { () throws(QueryRefusal) in try api.targets(request) }
      },
      Route("/api/v1/targets/{name}", handler: "api_target") { _, names in .now(api.target(names[0])) },
      Route("/api/v1/targets/{name}/results", handler: "api_results") { request, names in
        guarded(Response.problem) { () throws(QueryRefusal) in try api.results(names[0], request) }
      },
      Route("/api/v1/targets/{name}/events", handler: "api_events") { request, names in
        guarded(Response.problem) { () throws(QueryRefusal) in try api.events(names[0], request) }
      },
    ]
  }

  private var management: [Route] {
    [
      Route("/-/healthy", handler: "healthy") { _, _ in
        .now(
          isAlive()
            ? .text("smtpwatch is healthy.")
            : .text("The loop that probes has not turned for too long; restart the process.", status: 503))
      },
      Route("/-/ready", handler: "ready") { _, _ in
        .now(
          isReady() ? .text("smtpwatch is ready.") : .text("The schedule does not run yet.", status: 503))
      },
      Route("/-/reload", handler: "reload", methods: ["POST", "PUT"]) { _, _ in
        guard let reload else { return .now(Self.lifecycleDisabled.text) }
        return .later { answer in
          reload { outcome in
            switch outcome {
            case .success: answer(.text("The configuration is reloaded."))
            case .failure(let refusal): answer(.text(refusal.text, status: 500))
            }
          }
        }
      },
    ]
  }

  /// The mark of the worst state, so that a tab shows it.
  private var favicon: Response {
    let worst = history.snapshot().targets.map(\.state).min() ?? .pending
    return Response(
      contentType: "image/svg+xml", headers: ["Cache-Control": "no-cache"],
      body: Array(Marks.icon(worst).text.utf8))
  }

  private func guarded(
    _ render: (Problem) -> Response, _ answer: () throws(QueryRefusal) -> Response
  ) -> Reply {
    do throws(QueryRefusal) { return .now(try answer()) } catch { return .now(render(error.problem)) }
  }

  private static let unknownTarget = Problem(
    status: 404, error: "No target has this name.", hint: "The home page lists the names that there are.")
  private static let lifecycleDisabled = Problem(
    status: 403, error: "Reloading over HTTP is not enabled.",
    hint: "Start with --web.enable-lifecycle, or send the process SIGHUP.")
}

extension Request {
  fileprivate var isForAPI: Bool { path.first == "api" }
}

extension Response {
  /// The policy of pages, instead of the one that allows nothing at all.
  fileprivate var withPolicy: Response {
    var response = self
    response.headers["Content-Security-Policy"] = PageShell.policy
    return response
  }
}
