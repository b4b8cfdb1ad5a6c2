import HTTP
import Model
import Monitor

/// The page of one target: the verdict with its evidence and cure on top, then everything that was seen.
struct TargetPage {
  private static let eventCount = 20
  private static let resultCount = 20
  /// How many results the chart of latencies shows.
  private static let chartLength = 120

  private let shell: PageShell
  private let origin: String
  private let history: any HistoryReading
  private let now: Timestamp
  private let target: TargetSnapshot
  private let delivery: DeliveryFacts?
  private let nextMessageAt: Timestamp?
  private let refresh: Refresh

  /// The page of a target; nil where there is none of that name.
  init?(_ name: String, _ request: Request, shell: PageShell, history: any HistoryReading) {
    let snapshot = history.snapshot()
    guard let target = snapshot.target(name) else { return nil }
    self.shell = shell
    origin = shell.origin(for: request)
    self.history = history
    self.target = target
    delivery = snapshot.monitor.deliveries[name]?.facts
    nextMessageAt = snapshot.monitor.nextMessages[name]
    now = snapshot.takenAt
    refresh = Refresh(request)
  }

  /// The page.
  var response: Response {
    let name = target.target.name
    let body: HTML = """
      <main>
      <h1>\(name)</h1>
      <p class="quiet">\(target.target.host):\(target.target.port), \
      \(Wording.mode(target.target.settings.tls.mode))\(target.target.group.map { ", group \($0)" })</p>
      \(verdict)
      \(button)
      \(MemberTable(members: target.last?.members ?? []).section)
      \(PhaseChart(last: target.last?.value).html)
      \(LatencyChart(records: records(Self.chartLength)).html)
      \(transcripts)
      \(TLSSection(session: target.last?.tls, certificate: target.certificate, now: now).html)
      \(target.last?.policy.map { PolicySection(policy: $0, now: now).html })
      \(delivery.map { DeliverySection(facts: $0, now: now).html })
      \(offers)
      \(IncidentList(events: allEvents, now: now).html)
      \(events)
      \(results)
      \(snippets)
      <p><a href="\(api)">Everything about this target in JSON</a></p>
      </main>
      """
    let title = "\(Marks.word(target.state)): \(name) · smtpwatch"
    return shell.page(title: title, target: name, refresh: refresh, at: now, body: body)
  }

  // MARK: The verdict

  private var verdict: HTML {
    guard let last = target.last?.value else {
      return """
        <section class="card pending"><header>\(Marks.state(.pending))</header>
        <p>No probe is complete yet.</p><dl class="facts">\(facts)</dl></section>
        """
    }
    return """
      <section class="card \(target.state.rawValue)" aria-label="Verdict">
      <header>\(Marks.state(target.state))<h2>\(Wording.verdict(of: last))</h2></header>
      \(last.message.isEmpty ? nil : "<p>\(HTML.withCode(last.message))</p>")
      \(last.remedy.isEmpty ? nil : "<p class=\"remedy\">\(HTML.withCode(last.remedy))</p>")
      \(last.suggestion.map(suggestion))
      \(last.evidence.isEmpty ? nil : "<ul class=\"plain\">\(last.evidence.map(evidence))</ul>")
      \(shell.links(for: target, at: last.reason))
      \(last.warnings.isEmpty ? nil : "<p>Also seen:</p><ul class=\"plain\">\(warnings(last))</ul>")
      <dl class="facts">
      \(facts)</dl>
      </section>
      """
  }

  private func suggestion(_ suggestion: Suggestion) -> HTML {
    "<p>Seen to work: port \(suggestion.port) with \(Wording.mode(suggestion.tlsMode)).</p>"
  }

  private func evidence(_ piece: Evidence) -> HTML {
    "<li><span class=\"quiet\">\(piece.kind.rawValue)</span> <code>\(piece.text)</code></li>"
  }

  private func warnings(_ result: ProbeResult) -> [HTML] {
    Warning.allCases.filter(result.warnings.contains).map { warning in
      """
      <li>\(Wording.words(of: warning.rawValue)): \(HTML.withCode(warning.message)) \
      <span class="quiet">\(HTML.withCode(warning.remedy))</span></li>
      """
    }
  }

  private var facts: HTML {
    let last = target.last
    let counters = target.counters
    let facts: [HTML?] = [
      target.since.map { fact("Since", "\(time($0)) (\(age($0)))") },
      last.map { fact("Last probe", "\(time($0.startedAt)) (\(age($0.startedAt)) ago)") },
      target.lastSuccessAt.map { fact("Last success", "\(time($0)) (\(age($0)) ago)") },
      target.nextRunAt.map { fact("Next probe", $0 <= now ? "now" : "in \(Wording.span($0 - now))") },
      nextMessageAt.map {
        fact("Next test message", $0 <= now ? "with the next probe" : "in \(Wording.span($0 - now))")
      },
      last.map {
        fact("Took", "\(Wording.latency($0.duration))\($0.attempts > 1 ? ", \($0.attempts) attempts" : "")")
      },
      last?.address.map { fact("Address", "\($0)") },
      last?.reply.map { fact("Last reply", "<code>\($0.code) \($0.text)</code>") },
      target.consecutiveFailures > 0 ? fact("Failures in a row", "\(target.consecutiveFailures)") : nil,
      fact("Probes", "\(counters.runs), \(counters.failures) down, \(counters.inconclusive) inconclusive"),
      target.loginPause(at: now).map { fact("Logins paused until", time($0)) },
      fact("Module", "\(target.target.module), every \(Wording.span(target.target.interval))"),
    ]
    let uptimes = history.uptime(of: target.target.name).compactMap { uptime -> HTML? in
      guard let ratio = uptime.ratio else { return nil }
      return fact(
        "Uptime \(uptime.window)", "\(Wording.share(ratio)) of \(Wording.span(uptime.horizon)) seen")
    }
    return "\(facts.compactMap(\.self))\(uptimes)"
  }

  /// Asks for the next probe at once, where that is allowed.
  private var button: HTML? {
    guard shell.offersProbes else { return nil }
    let path = "\(shell.path(ofTarget: target.target.name))/probe"
    return
      "<form class=\"probe\" method=\"post\" action=\"\(path)\"><button>Probe now</button> <output></output></form>"
  }

  // MARK: What the server offers

  private var offers: HTML? {
    guard let smtp = target.last?.smtp else { return nil }
    return """
      <h2>What the server says of itself</h2>
      <dl class="facts">
      \(fact("Greeting", "<code>\(smtp.banner)</code>"))
      \(fact("Extensions", "<code>\(smtp.capabilities.joined(separator: ", "))</code>"))
      \(fact("Login mechanisms", "<code>\(smtp.authMechanisms.joined(separator: ", "))</code>"))
      \(smtp.authMechanism.map { fact("Used", "<code>\($0)</code>") })
      \(target.last?.tokenExpiry.map { fact("Access token until", time($0)) })
      </dl>
      """
  }

  // MARK: The past

  private var events: HTML {
    let events = allEvents.prefix(Self.eventCount)
    guard !events.isEmpty else { return "" }
    let rows = events.map { event -> HTML in
      """
      <tr><td>\(time(event.at))</td><th scope="row">\(Wording.words(of: event.kind.rawValue))</th>\
      <td>\(change(event))\(event.reason.map { ", \(Wording.reason($0))" })</td>\
      <td class="number">\(event.duration.map(Wording.span) ?? "–")</td></tr>

      """
    }
    return """
      <h2>What happened</h2>
      <div class="scroll"><table>
      <caption>The last events, newest first. <a href="\(api)/events">In JSON</a></caption>
      <thead><tr><th scope="col">When</th><th scope="col">What</th><th scope="col">Change</th>\
      <th scope="col" class="number">What ended had lasted</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></div>
      """
  }

  private var allEvents: [Event] {
    history.events(of: target.target.name, limit: EventLog.capacity, before: nil)?.items ?? []
  }

  private func records(_ count: Int) -> [ResultRecord] {
    history.records(of: target.target.name, limit: count, before: nil)?.items ?? []
  }

  private func change(_ event: Event) -> HTML {
    switch (event.from, event.to) {
    case (let from?, let to?): "\(from) → \(to)"
    case (let from?, nil): "no more \(from)"
    case (nil, let to?): "\(to)"
    case (nil, nil): ""
    }
  }

  private var results: HTML {
    let records = records(Self.resultCount)
    guard !records.isEmpty else { return "" }
    let rows = records.map { record -> HTML in
      """
      <tr><td>\(time(record.startedAt))</td><td>\(Marks.state(TargetState(record.outcome)))</td>\
      <td>\(Wording.verdict(record.reason, at: record.stage))</td>\
      <td class="number">\(record.replyCode == 0 ? "–" : String(record.replyCode))</td>\
      <td class="number">\(record.attempts)</td>\
      <td class="number">\(Wording.latency(record.duration))</td></tr>

      """
    }
    return """
      <h2 id="probes">Recent probes</h2>
      \(Marks.strip(records))
      <div class="scroll"><table>
      <caption>Newest first. <a href="\(api)/results">In JSON</a></caption>
      <thead><tr><th scope="col">Began</th><th scope="col">State</th><th scope="col">Reason</th>\
      <th scope="col" class="number">Reply</th><th scope="col" class="number">Attempts</th>\
      <th scope="col" class="number">Took</th></tr></thead>
      <tbody>
      \(rows)</tbody></table></div>
      """
  }

  private var transcripts: HTML {
    let kept = history.transcripts(of: target.target.name).filter { !$0.transcript.isEmpty }
    let views = kept.enumerated().map { index, result in
      TranscriptView(
        result: result.value, isOpen: index == 0, id: "conversation-\(result.startedAt.microseconds)",
        download: "\(shell.path(ofTarget: result.target))/transcript.txt?at=\(result.startedAt.rfc3339)"
      ).html
    }
    let none: HTML? = kept.isEmpty ? "<p class=\"quiet\">None kept yet.</p>" : nil
    return """
      <h2>Conversations</h2>
      \(none)\(views)
      """
  }

  /// The state for pages elsewhere, to be copied.
  private var snippets: HTML {
    let name = target.target.name
    return """
      <h2>Badge</h2>
      <p><img src="\(api)/badge.svg" alt="\(name): \(target.state.rawValue)" height="20"></p>
      <pre tabindex="0">![\(name)](\(origin)\(api)/badge.svg)
      https://img.shields.io/endpoint?url=\(PercentEncoding.encode("\(origin)\(api)/badge.json"))</pre>
      """
  }

  private var api: String { shell.apiPath(ofTarget: target.target.name) }

  private func age(_ moment: Timestamp) -> String { Wording.span(now - moment) }
}
