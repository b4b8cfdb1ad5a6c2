import HTTP
import Model

/// What every page has around its content.
struct PageShell {
  /// The path of the home page, such as `/`; every link begins with it.
  var home: String
  /// Where the metrics are, without the home's path, such as `metrics`.
  var telemetryPath: String
  var version: String
  /// Whether a target can be probed by hand.
  var offersProbes = false

  /// A page loads nothing but itself and its icon, runs nothing, and stands in no frame.
  static let policy =
    "default-src 'none'; style-src 'sha256-\(StyleSheet.hash)'; img-src 'self'; base-uri 'none'; "
    + "form-action 'self'; frame-ancestors 'none'"

  /// The path of a target's page.
  func path(ofTarget name: String) -> String { "\(home)targets/\(PercentEncoding.encode(name))" }

  /// The path of a target in the API.
  func apiPath(ofTarget name: String) -> String { "\(home)api/v1/targets/\(PercentEncoding.encode(name))" }

  /// A page as an answer.
  func page(title: String, refresh: Refresh, at now: Timestamp, body: HTML) -> Response {
    let html: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width,initial-scale=1">
      <meta name="color-scheme" content="light dark">
      \(refresh.meta)<title>\(title)</title>
      <link rel="icon" type="image/svg+xml" href="\(home)favicon.svg">
      <style>\(styles)</style>
      </head>
      <body>
      <nav aria-label="Pages"><a href="\(home)">smtpwatch</a>
      <span>As of \(time(now)) · \(refresh.control)</span></nav>
      \(body)
      <footer><a href="\(home)">All targets</a><a href="\(home)\(telemetryPath)">Metrics</a>\
      <a href="\(home)api/v1/summary">JSON summary</a><a href="\(home)api/v1/targets">JSON targets</a>\
      <a href="\(home)-/healthy">Health</a><a href="\(home)-/ready">Readiness</a>
      <span>smtpwatch \(version)</span></footer>
      </body>
      </html>

      """
    return Response(
      contentType: "text/html; charset=utf-8", headers: ["Cache-Control": "no-cache"],
      body: Array(html.text.utf8))
  }

  private var styles: HTML { HTML(stringLiteral: StyleSheet.css) }
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

  private let seconds: Int
  private let query: [(name: String, value: String)]

  /// The wish of a query; what makes no sense counts as the usual 30 s.
  init(_ request: Request) {
    let wish = request.query("refresh").flatMap { Int($0) }
    seconds = wish.map { $0 == 0 ? 0 : min(max($0, 5), 3600) } ?? Self.usual
    query = request.query.filter { $0.name != "refresh" }
  }

  fileprivate var meta: HTML? {
    seconds == 0 ? nil : "<meta http-equiv=\"refresh\" content=\"\(seconds)\">\n"
  }

  /// Says how often, and links to the other way.
  fileprivate var control: HTML {
    seconds == 0
      ? "paused, <a href=\"\(link(Self.usual))\">refresh every \(Self.usual) s</a>"
      : "refreshes every \(seconds) s, <a href=\"\(link(0))\">pause</a>"
  }

  private func link(_ seconds: Int) -> String {
    let items = query + [(name: "refresh", value: String(seconds))]
    return "?"
      + items.map { "\(PercentEncoding.encode($0.name))=\(PercentEncoding.encode($0.value))" }
      .joined(separator: "&")
  }
}
