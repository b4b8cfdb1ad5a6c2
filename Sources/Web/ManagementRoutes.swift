import HTTP
import Model
import Monitor

extension WebSite {
  /// What asks the program to say how it is, or to do something.
  var management: [Route] {
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
      Route("/-/reload", handler: "reload", methods: ["POST", "PUT"]) { request, _ in
        guard let reload else { return .now(Self.lifecycleDisabled.text) }
        guard !request.isForged else { return .now(Self.forged.text) }
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

  /// `/probe`, in the words of blackbox exporter.
  var probing: Route {
    Route("/probe", handler: "probe") { request, _ in
      guard let probe else { return .now(Self.noProbes.text) }
      let wish: ProbeWish
      do throws(QueryRefusal) {
        wish = try ProbeWish(request)
      } catch {
        return .now(error.problem.text)
      }
      return .later { answer in
        probe(wish) { outcome in
          switch outcome {
          case .success(let probed):
            let page = ProbePage(probe: probed)
            answer(wish.isDebugging ? page.report : page.metrics(for: request))
          case .failure(let problem): answer(problem.textWithPatience)
          }
        }
      }
    }
  }

  /// The button of a target's page: its next probe at once, and back to the page.
  func probeNow(_ name: String, _ request: Request, shell: PageShell) -> Reply {
    guard let probeNow else { return .now(Self.probesDisabled.text) }
    guard !request.isForged else { return .now(Self.forged.text) }
    guard let target = history.snapshot().target(name) else { return .now(Self.unknownTarget.text) }
    // Whoever presses the button all the time shall not do what the interval is there to prevent.
    if let last = target.last, history.snapshot().takenAt - last.startedAt < Self.probePause {
      return .now(Self.probedJustNow.textWithPatience)
    }
    return .later { answer in
      probeNow(name) { isStarted in
        guard isStarted else { return answer(Self.probedJustNow.textWithPatience) }
        let page = shell.path(ofTarget: name)
        answer(.text("See \(page)", status: 303, headers: ["Location": page]))
      }
    }
  }

  /// The least time from one probe's start to a probe by hand.
  private static let probePause = Duration.seconds(5)

  private static let lifecycleDisabled = Problem(
    status: 403, error: "Reloading over HTTP is not enabled.",
    hint: "Start with --web.enable-lifecycle, or send the process SIGHUP.")
  private static let probesDisabled = Problem(
    status: 403, error: "Probing by hand over HTTP is not enabled.",
    hint: "Start with --web.enable-lifecycle, or use the command smtpwatch probe.")
  private static let forged = Problem(
    status: 403, error: "The request comes from a page of another site.",
    hint: "Use the button on the page of the target, or a client that is no browser.")
  private static let probedJustNow = Problem(
    status: 429, error: "The target is being probed, or was a moment ago.", hint: "Wait a few seconds.")
  private static let noProbes = Problem(
    status: 404, error: "This program makes no probes on request.", hint: "The home page shows the targets.")
}

extension Problem {
  /// The problem in plain text; where there were too many requests, with when to try again.
  fileprivate var textWithPatience: Response {
    var response = text
    if status == 429 { response.headers["Retry-After"] = "5" }
    return response
  }
}

extension Request {
  /// Whether a browser says that a page of another site made it send this. Browsers that say nothing of the
  /// kind still send `Origin` with a POST; what is no browser sends neither.
  var isForged: Bool {
    if let site = headers["Sec-Fetch-Site"] { return site != "same-origin" && site != "none" }
    guard let origin = headers["Origin"] else { return false }
    guard let scheme = origin.firstRange(of: "://") else { return true }
    return String(origin[scheme.upperBound...]) != headers["X-Forwarded-Host"] ?? headers["Host"]
  }
}
