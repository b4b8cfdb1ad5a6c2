import HTTP
import Model
import Monitor
import Testing
import Web

/// An answer that goes on was given where one was expected that ends.
private struct Endless: Error {}

/// Asks the site as a browser does.
func ask(
  _ path: String, _ history: FakeHistory = FakeHistory(), method: String = "GET", headers: Headers = [:],
  change: (inout WebSite) -> Void = { _ in }
) throws -> Response {
  var site = WebSite(history: history, program: .test)
  change(&site)
  return try ask(site.router(), path, method: method, headers: headers)
}

/// Asks a router; an answer that comes later must come at once here.
func ask(_ router: Router, _ path: String, method: String = "GET", headers: Headers = [:]) throws -> Response
{
  let parts = path.split(separator: "?", maxSplits: 1)
  let query = (parts.count > 1 ? parts[1] : "").split(separator: "&").map { item in
    let pair = item.split(separator: "=", maxSplits: 1).map(String.init)
    return (name: pair[0], value: pair.count > 1 ? pair[1] : "")
  }
  let request = try #require(
    Request(method: method, rawPath: String(parts[0]), rawQuery: query, headers: headers))
  switch router.answer(request) {
  case .now(let response): return response
  case .stream: throw Endless()
  case .later(let begin):
    // Safe: the routes of these tests answer at once, on this thread.
    nonisolated(unsafe) var answered: Response?
    begin { answered = $0 }
    return try #require(answered)
  case .undecided: throw Undecided()
  }
}

/// No route leaves open how it answers.
private struct Undecided: Error {}

extension Response {
  var text: String { String(decoding: body, as: UTF8.self) }
}

@Test func `metrics come in the format that is asked for`() throws {
  let plain = try ask("/metrics")
  #expect(plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8")
  #expect(plain.headers["Vary"] == "Accept")
  #expect(plain.text.contains("smtpwatch_build_info{version=\"1.2.3\""))
  let open = try ask("/metrics", headers: ["Accept": "application/openmetrics-text;version=1.0.0"])
  #expect(open.text.hasSuffix("# EOF\n"))
}

@Test func `metrics count the requests of the site itself`() throws {
  let router = WebSite(history: FakeHistory(), program: .test).router()
  _ = try ask(router, "/")
  _ = try ask(router, "/wp-login.php")
  let page = try ask(router, "/metrics").text
  #expect(page.contains(#"smtpwatch_http_requests_total{handler="home",code="200"} 1"#))
  #expect(page.contains(#"smtpwatch_http_requests_total{handler="other",code="404"} 1"#))
  #expect(page.contains(#"smtpwatch_http_requests_total{handler="metrics",code="200"} 0"#))
}

@Test func `the path of the metrics can be chosen`() throws {
  #expect(try ask("/custom/path") { $0.telemetryPath = "/custom/path" }.status == 200)
  #expect(try ask("/metrics") { $0.telemetryPath = "/custom/path" }.status == 404)
}

@Test func `a site under a prefix links under that prefix`() throws {
  let page = try ask("/watch/") { $0.routePrefix = "/watch" }
  #expect(page.text.contains("href=\"/watch/targets/plunk\""))
  let behindProxy = try ask("/") { $0.externalPath = "/mail/watch/" }
  #expect(behindProxy.text.contains("href=\"/mail/watch/metrics\""))
}

@Test func `health is the loop's, readiness the schedule's`() throws {
  #expect(try ask("/-/healthy").status == 200)
  #expect(try ask("/-/ready").status == 200)
  let stuck = try ask("/-/healthy") { $0.isAlive = { false } }
  #expect(stuck.status == 503)
  #expect(stuck.text.contains("restart"))
  #expect(try ask("/-/ready") { $0.isReady = { false } }.status == 503)
}

@Test func `a reload is asked for by POST or PUT, where it is allowed`() throws {
  #expect(try ask("/-/reload", method: "POST").status == 403)
  let allowed: (inout WebSite) -> Void = { $0.reload = { $0(.success(())) } }
  #expect(try ask("/-/reload", method: "POST", change: allowed).status == 200)
  #expect(try ask("/-/reload", method: "PUT", change: allowed).status == 200)
  let asked = try ask("/-/reload", change: allowed)
  #expect(asked.status == 405)
  #expect(asked.headers["Allow"] == "POST, PUT")
  let refused = try ask("/-/reload", method: "POST") {
    $0.reload = { $0(.failure(ReloadRefusal("smtpwatch.yml:3: unknown key"))) }
  }
  #expect(refused.status == 500)
  #expect(refused.text == "smtpwatch.yml:3: unknown key\n")
}

@Test func `every answer is guarded by headers`() throws {
  for path in ["/", "/metrics", "/api/v1/summary", "/nowhere", "/favicon.ico"] {
    let headers = try ask(path).headers
    #expect(headers["X-Content-Type-Options"] == "nosniff")
    #expect(headers["Referrer-Policy"] == "no-referrer")
    #expect(headers["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
  }
}

@Test func `the icon follows the worst state`() throws {
  let bad = try ask("/favicon.svg")
  let good = try ask("/favicon.svg", FakeHistory([.working]))
  #expect(bad.headers["Content-Type"] == "image/svg+xml")
  #expect(bad.body != good.body)
}

@Test func `problems are text on pages and JSON in the API`() throws {
  #expect(try ask("/nowhere").headers["Content-Type"] == "text/plain; charset=utf-8")
  let api = try ask("/api/v2/targets")
  #expect(api.status == 404)
  #expect(api.headers["Content-Type"] == "application/json")
  #expect(api.text == #"{"error":"There is nothing here.","hint":"/ links to every page."}"#)
}
