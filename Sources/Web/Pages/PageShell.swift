import HTTP
import Model
import Monitor

/// What every page has around its content.
struct PageShell {
  /// The path of the home page, such as `/`; every link begins with it.
  var home: String
  /// Where the metrics are, without the home's path, such as `metrics`.
  var telemetryPath: String
  var version: String
  /// What stands before a path in an address from elsewhere, such as `https://mail.example.net`; nil where only
  /// the client knows.
  var origin: String?
  /// Whether a target can be probed by hand.
  var offersProbes = false
  /// The address of the dashboard of one target; nil where nobody said that there is one.
  var dashboard: String?
  /// Whether pages can listen to what happens.
  var offersEvents = false

  /// A page loads nothing but itself, its icon and itself again, runs its one script, and stands in no frame.
  static let policy =
    "default-src 'none'; style-src 'sha256-\(StyleSheet.hash)'; script-src 'sha256-\(PageScript.hash)'; "
    + "connect-src 'self'; img-src 'self'; base-uri 'none'; "
    + "form-action 'self'; frame-ancestors 'none'"

  /// What stands before a path in an address from elsewhere, as far as a request tells.
  func origin(for request: Request) -> String {
    origin ?? "\(request.isEncrypted ? "https" : "http")://\(request.headers["Host"] ?? "localhost")"
  }

  /// The path of a target's page.
  func path(ofTarget name: String) -> String { "\(home)targets/\(PercentEncoding.encode(name))" }

  /// The path of a target in the API.
  func apiPath(ofTarget name: String) -> String { "\(home)api/v1/targets/\(PercentEncoding.encode(name))" }

  /// Where to go from a target's verdict: what to do about its reason, and its dashboard.
  func links(for target: TargetSnapshot, at reason: Reason) -> HTML? {
    let runbook: HTML? =
      reason == .ok
      ? nil : "<a href=\"\(home)runbooks/\(reason.slug)\">Runbook: \(Wording.reason(reason))</a>"
    let grafana: HTML? = dashboard.map { address in
      let mark = address.contains("?") ? "&" : "?"
      return
        "<a href=\"\(address)\(mark)var-target=\(PercentEncoding.encode(target.target.name))\">Grafana</a>"
    }
    return runbook == nil && grafana == nil ? nil : "<p class=\"links\">\(runbook) \(grafana)</p>"
  }

  /// A page as an answer.
  ///
  /// - Parameters:
  ///   - target: the only one that it shows.
  ///   - refresh: nil for a page that stays as it is.
  func page(title: String, target: String? = nil, refresh: Refresh?, at now: Timestamp, body: HTML)
    -> Response
  {
    let html: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta name="color-scheme" content="light dark">
      \(refresh?.meta)<title>\(title)</title>
      <link rel="icon" type="image/svg+xml" href="\(home)favicon.svg">
      <style>\(styles)</style>
      </head>
      <body data-refresh="\(refresh?.seconds ?? 0)"\
      \(offersEvents ? " data-events=\"\(home)api/v1/events\"" : nil)\(target.map { " data-target=\"\($0)\"" })>
      <nav aria-label="Pages"><a href="\(home)">smtpwatch</a>
      \(refresh.map { moment($0, now) })</nav>
      <p id="news" class="unseen" role="status"></p>
      \(body)
      <footer><a href="\(home)">All targets</a><a href="\(home)\(telemetryPath)">Metrics</a>\
      <a href="\(home)api/v1/summary">JSON summary</a><a href="\(home)api/v1/targets">JSON targets</a>\
      <a href="\(home)-/healthy">Health</a><a href="\(home)-/ready">Readiness</a>
      <span>smtpwatch \(version)</span></footer>
      \(refresh == nil ? nil : "<script>\(script)</script>")
      </body>
      </html>

      """
    return Response(
      contentType: "text/html; charset=utf-8", headers: ["Cache-Control": "no-cache"],
      body: Array(html.text.utf8))
  }

  private func moment(_ refresh: Refresh, _ now: Timestamp) -> HTML {
    """
    <span><span id="moment">As of \(time(now))</span> · <span id="age"></span> · \(refresh.control)</span>
    """
  }

  private var styles: HTML { HTML(stringLiteral: StyleSheet.css) }
  private var script: HTML { HTML(stringLiteral: PageScript.text) }
}

/// A moment as machines and people read it.
func time(_ moment: Timestamp) -> HTML {
  "<time datetime=\"\(moment.rfc3339)\">\(Wording.moment(moment))</time>"
}

/// A term with its description, for a list of facts.
func fact(_ term: String, _ description: HTML) -> HTML {
  "<div><dt>\(term)</dt><dd>\(description)</dd></div>"
}

/// How often a page loads itself anew: `refresh` of its query, in seconds, 0 for never.
struct Refresh {
  private static let usual = 30

  fileprivate let seconds: Int
  private let query: [(name: String, value: String)]

  /// The wish of a query; what makes no sense counts as the usual 30 s.
  init(_ request: Request) {
    let wish = request.query("refresh").flatMap { Int($0) }
    seconds = wish.map { $0 == 0 ? 0 : min(max($0, 5), 3600) } ?? Self.usual
    query = request.query.filter { $0.name != "refresh" }
  }

  fileprivate var meta: HTML? {
    // With its script a page refreshes itself in place.
    seconds == 0
      ? nil : "<noscript><meta http-equiv=\"refresh\" content=\"\(seconds)\"></noscript>\n"
  }

  /// Says how often, and links to the other way.
  fileprivate var control: HTML {
    """
    <span id="every">\(seconds == 0 ? "paused" : "every \(seconds) s")</span> \
    <a id="pause" href="\(link(seconds == 0 ? Self.usual : 0))">\(seconds == 0 ? "resume" : "pause")</a>
    """
  }

  private func link(_ seconds: Int) -> String {
    let items = query + [(name: "refresh", value: String(seconds))]
    return "?"
      + items.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
      .joined(separator: "&")
  }
}
