import Base
package import HTTP
import Metrics
import Model
import Monitor

extension WebSite {
  /// The router of the whole site; its `answer` is the server's responder.
  package func router() -> Router {
    Router(
      prefix: routePrefix,
      headers: .security,
      counts: requests,
      render: { problem, request in request.isForAPI ? .problem(problem) : problem.text },
      routes: pages + [runbook] + api + management + [metrics, probing, liveEvents])
  }

  var shell: PageShell {
    let segments = (externalPath ?? routePrefix).split(separator: "/")
    return PageShell(
      home: segments.isEmpty ? "/" : "/\(segments.joined(separator: "/"))/",
      telemetryPath: String(telemetryPath.drop { $0 == "/" }), version: program.version, origin: origin,
      offersProbes: probeNow != nil, dashboard: dashboard, offersEvents: feed != nil)
  }

  private var metrics: Route {
    Route(telemetryPath, handler: "metrics") { request, _ in
      guarded(\.text) { () throws(QueryRefusal) in
        let choice = try MetricChoice(request, configured: metricGroups())
        let negotiated = MetricsNegotiation(accept: request.headers["Accept"])
        let page = MetricsPage(
          snapshot: history.snapshot(), program: program, process: .read(), requests: requests.all,
          logMessages: logMessages(), followUps: followUps(), observationLag: observationLag(),
          groups: choice.groups)
        return Response(
          contentType: negotiated.contentType, headers: ["Vary": "Accept"],
          body: page.render(negotiated.format))
      }
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
      Route("/targets/{name}/transcript.txt", handler: "transcript") { request, names in
        .now(transcript(of: names[0], at: request.query("at")))
      },
      Route("/targets/{name}/probe", handler: "probe_now", methods: ["POST"]) { request, names in
        probeNow(names[0], request, shell: shell)
      },
      Route("/favicon.svg", handler: "favicon") { _, _ in .now(favicon) },
      Route("/favicon.ico", handler: "favicon") { _, _ in .now(favicon) },
      Route("/config", handler: "config") { _, _ in
        .now(
          configurationText.map { .text($0(), headers: ["Cache-Control": "no-store"]) }
            ?? Problem(
              status: 404, error: "There is no configuration to show.",
              hint: "The home page shows the targets."
            ).text)
      },
    ]
  }

  private var api: [Route] {
    let api = API(history: history)
    let shell = shell
    let document = OpenAPI.document(home: shell.home)
    func route(
      _ path: String, _ handler: String, _ answer: @escaping @Sendable (Request, [String]) -> Reply
    ) -> Route {
      Route("/api/v1/\(path)", handler: handler) { request, names in
        switch answer(request, names) {
        case .now(let response): .now(response.unlessKnown(to: request))
        case let other: other
        }
      }
    }
    return [
      route("summary", "api_summary") { _, _ in .now(api.summary()) },
      route("targets", "api_targets") { request, _ in
        guarded(Response.problem) { () throws(QueryRefusal) in try api.targets(request) }
      },
      route("targets/{name}", "api_target") { _, names in .now(api.target(names[0])) },
      route("targets/{name}/results", "api_results") { request, names in
        guarded(Response.problem) { () throws(QueryRefusal) in try api.results(names[0], request) }
      },
      route("targets/{name}/events", "api_events") { request, names in
        guarded(Response.problem) { () throws(QueryRefusal) in try api.events(names[0], request) }
      },
      route("targets/{name}/badge.svg", "badge") { _, names in
        .now(Badge(names[0], in: history.snapshot()).picture)
      },
      route("targets/{name}/badge.json", "badge") { _, names in
        .now(Badge(names[0], in: history.snapshot()).json)
      },
      route("sd", "api_sd") { request, _ in
        let origin = shell.origin(for: request)
        return .now(api.serviceDiscovery { "\(origin)\(shell.path(ofTarget: $0))" })
      },
      route("openapi.json", "api_document") { _, _ in .now(document) },
    ]
  }

  /// The mark of the worst state, so that a tab shows it.
  private var favicon: Response {
    let worst = history.snapshot().targets.map(\.state).min() ?? .pending
    return Response(
      contentType: "image/svg+xml", headers: ["Cache-Control": "no-cache"],
      body: Array(Marks.icon(worst).text.utf8))
  }

  /// A conversation that is kept, by the moment of its beginning; without one the newest.
  private func transcript(of name: String, at moment: String?) -> Response {
    let kept = history.transcripts(of: name).filter { !$0.transcript.isEmpty }
    guard let result = kept.first(where: { moment == nil || $0.startedAt.rfc3339 == moment }) else {
      return Problem(
        status: 404, error: "No such conversation is kept.",
        hint: "The page of the target lists those that are."
      ).text
    }
    return .text(TranscriptText(result: result.value).document, headers: ["Cache-Control": "no-store"])
  }

  func guarded(
    _ render: (Problem) -> Response, _ answer: () throws(QueryRefusal) -> Response
  ) -> Reply {
    do throws(QueryRefusal) { return .now(try answer()) } catch { return .now(render(error.problem)) }
  }

  static let unknownTarget = Problem(
    status: 404, error: "No target has this name.", hint: "The home page lists the names that there are.")
}

extension Request {
  fileprivate var isForAPI: Bool { path.first == "api" }
}

extension Response {
  /// The policy of pages, instead of the one that allows nothing at all.
  var withPolicy: Response {
    var response = self
    response.headers["Content-Security-Policy"] = PageShell.policy
    return response
  }
}
