import HTTP
import Model
import Monitor
import Testing
import Web

@Test func `a search, a state and an order narrow the page`() throws {
  let page = try ask("/?q=PLUNK&state=&sort=").text
  #expect(page.contains("Showing only names with “plunk”") && page.contains("value=\"plunk\""))
  #expect(page.contains("href=\"/targets/plunk\"") && !page.contains("href=\"/targets/fresh\""))
  #expect(try ask("/?q=nothing-is-called-that").text.contains("No target is like that."))
  #expect(try ask("/?sort=name").text.contains("<option value=\"name\" selected>"))
  #expect(try ask("/?sort=colour").status == 400)
  #expect(try ask("/api/v1/targets?sort=").status == 400)
}

@Test func `an order is that of the list`() throws {
  let names = try ask("/api/v1/targets?sort=name").text.matches(of: /{"name":"([^"]*)"/).map {
    $0.1.lowercased()
  }
  #expect(names == names.sorted() && names.count > 3)
}

@Test func `a page is paused in its address and by its script`() throws {
  let running = try ask("/?q=a&refresh=10").text
  #expect(running.contains("<noscript><meta http-equiv=\"refresh\" content=\"10\"></noscript>"))
  #expect(running.contains("href=\"?q=a&amp;refresh=0\""))
  let paused = try ask("/?refresh=0").text
  #expect(!paused.contains("http-equiv=\"refresh\"") && paused.contains("data-refresh=\"0\""))
}

@Test func `the page of a target has its past in pictures and words`() throws {
  let page = try ask("/targets/plunk").text
  for piece in [
    "Latency over time", "Incidents", "<strong>goes on</strong>", "badge.svg", "/transcript.txt?at=",
  ] {
    #expect(page.contains(piece), "\(piece)")
  }
}

@Test func `a conversation is there as text`() throws {
  let text = try ask("/targets/plunk/transcript.txt")
  #expect(text.headers["Content-Type"] == "text/plain; charset=utf-8")
  #expect(text.text.contains("C: AUTH PLAIN <secret>") && text.text.contains("down: Login rejected"))
  #expect(try ask("/targets/plunk/transcript.txt?at=1999-01-01T00:00:00.000Z").status == 404)
}

@Test func `the button is there for whom it works`() throws {
  #expect(!(try ask("/targets/plunk").text.contains("Probe now")))
  let allowed: (inout WebSite) -> Void = { $0.probeNow = { _, answer in answer(true) } }
  #expect(try ask("/targets/plunk", change: allowed).text.contains("Probe now"))
  let pressed = try ask("/targets/plunk/probe", method: "POST", change: allowed)
  #expect(pressed.status == 303 && pressed.headers["Location"] == "/targets/plunk")
  #expect(try ask("/targets/nobody/probe", method: "POST", change: allowed).status == 404)
  #expect(try ask("/targets/plunk/probe", method: "POST").status == 403)
  let busy = try ask("/targets/plunk/probe", method: "POST") { $0.probeNow = { _, answer in answer(false) } }
  #expect(busy.status == 429 && busy.headers["Retry-After"] != nil)
}

@Test(
  arguments: [
    ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Origin": "null"],
    ["Origin": "https://evil.example", "Host": "good.example"],
  ] as [Headers])
func `another site presses no button`(headers: Headers) throws {
  let answer = try ask("/targets/plunk/probe", method: "POST", headers: headers) {
    $0.probeNow = { _, answer in answer(true) }
  }
  #expect(answer.status == 403)
}

@Test(
  arguments: [
    ["Sec-Fetch-Site": "same-origin"], ["Origin": "https://good.example:8443", "Host": "good.example:8443"],
  ] as [Headers])
func `the own page does`(headers: Headers) throws {
  let answer = try ask("/targets/plunk/probe", method: "POST", headers: headers) {
    $0.probeNow = { _, answer in answer(true) }
  }
  #expect(answer.status == 303)
}

@Test func `an answer in JSON has a tag that depends on what it says alone`() throws {
  let first = try ask("/api/v1/targets")
  let tag = try #require(first.headers["ETag"])
  #expect(tag.hasPrefix("W/\""))
  let known = try ask("/api/v1/targets", headers: ["If-None-Match": "\"x\", \(tag)"])
  #expect(known.status == 304 && known.body.isEmpty && known.headers["ETag"] == tag)
  let other = try ask("/api/v1/targets", FakeHistory([.working]), headers: ["If-None-Match": tag])
  #expect(other.status == 200 && other.headers["ETag"] != tag)
}

@Test func `a badge shows state and reason, escaped`() throws {
  let picture = try ask("/api/v1/targets/plunk/badge.svg")
  #expect(picture.headers["Content-Type"] == "image/svg+xml")
  #expect(picture.text.contains("<title>plunk: down: login rejected</title>"))
  let unknown = try ask("/api/v1/targets/%3Cscript%3E/badge.svg")
  #expect(unknown.status == 404 && unknown.text.contains("&lt;script&gt;: unknown"))
}

@Test func `service discovery has what a scrape of probes needs`() throws {
  let text = try ask("/api/v1/sd").text
  #expect(
    text.contains(
      #"{"targets":["smtp.useplunk.com:587"],"labels":{"target":"plunk","__param_module":"submission""#))
  #expect(text.contains(#""__meta_smtpwatch_label_team":"messaging""#))
}

@Test func `the running configuration is shown where there is one`() throws {
  #expect(try ask("/config").status == 404)
  #expect(try ask("/config") { $0.configurationText = { "targets: []" } }.text == "targets: []\n")
}

@Test func `a probe on request has the metrics of its result`() throws {
  let result = try #require(TargetSnapshot.rejected.last).value
  let probed = WishedProbe(
    target: TargetSnapshot.rejected.target, result: result, notes: ["a note"], settings: "timeout: 10s\n")
  let answer = try ask("/probe?target=a.example:587&module=m") { site in
    site.probe = { wish, answer in
      #expect(wish.target == "a.example:587" && wish.module == "m" && wish.timeLimit == nil)
      answer(.success(probed))
    }
  }
  #expect(answer.text.contains("\nprobe_success 0\n") && answer.text.contains("\nsmtp_probe_success 0\n"))
  #expect(!answer.text.contains("target=") && !answer.text.contains("smtp_probe_interval_seconds"))
  let debug = try ask("/probe?target=a&debug=true") { $0.probe = { _, answer in answer(.success(probed)) } }
  #expect(debug.text.contains("a note") && debug.text.contains("timeout: 10s"))
  let refused = try ask("/probe?target=a") { site in
    site.probe = { _, answer in answer(.failure(Problem(status: 429, error: "Too many.", hint: "Wait."))) }
  }
  #expect(refused.status == 429 && refused.headers["Retry-After"] != nil)
}

@Test(arguments: [
  ("10", Duration.milliseconds(9500)), ("0.5", .milliseconds(250)), ("1", .milliseconds(500)),
])
func `a probe takes less than the scraper waits`(header: String, limit: Duration) throws {
  _ = try ask("/probe?target=a", headers: ["X-Prometheus-Scrape-Timeout-Seconds": header]) { site in
    site.probe = { wish, answer in
      #expect(wish.timeLimit == limit)
      answer(.failure(Problem(status: 403, error: "no", hint: "no")))
    }
  }
}
