import HTTP
import Model
import Monitor

/// The home page: what fails comes first, with the reason and the cure; what works follows in a table.
struct StatusPage {
  /// How many targets a page shows; its size must not grow without end.
  private static let limit = 1000
  /// How many targets in trouble have a card; where more are, rows can be surveyed better.
  private static let mostCards = 20
  /// How many results a strip shows.
  private static let stripLength = 40

  private let shell: PageShell
  private let history: any HistoryReading
  private let snapshot: Snapshot
  private let filter: TargetFilter
  private let refresh: Refresh

  /// The page that a query asks for.
  init(_ request: Request, shell: PageShell, history: any HistoryReading) throws(QueryRefusal) {
    self.shell = shell
    self.history = history
    snapshot = history.snapshot()
    filter = try TargetFilter(request)
    refresh = Refresh(request)
  }

  /// The page.
  var response: Response {
    shell.page(title: "\(headline) · smtpwatch", refresh: refresh, at: snapshot.takenAt, body: body)
  }

  /// `3 of 41 failing`: the one thing to know.
  private var headline: String {
    let (counts, total) = (snapshot.counts, snapshot.targets.count)
    let failing = counts[.down] ?? 0
    if total == 0 { return "No targets" }
    if failing > 0 { return "\(failing) of \(total) failing" }
    let rest = total - (counts[.up] ?? 0)
    return rest == 0 ? "All \(total) up" : "None of \(total) failing"
  }

  private var body: HTML {
    var chosen = filter.choose(from: snapshot.targets)
    if filter.order == nil {
      chosen = chosen.enumerated()
        .sorted { ($0.element.state, $0.offset) < ($1.element.state, $1.offset) }.map(\.element)
    }
    let shown = chosen.prefix(Self.limit)
    let troubled = shown.filter { $0.state < .pending }
    let quiet = Array(shown.filter { $0.state >= .pending })
    let cards = troubled.prefix(Self.mostCards)
    let more = Array(troubled.dropFirst(Self.mostCards))
    let none: HTML? =
      chosen.isEmpty && filter.isActive ? "<p class=\"quiet\">No target is like that.</p>" : nil
    return """
      <main>
      <h1>\(headline)</h1>
      \(StatusToolbar(shell: shell, snapshot: snapshot, filter: filter).html)
      \(Notices(snapshot: snapshot).html)
      \(none)\(cards.map(card))
      \(table(more, heading: "More trouble", caption: "Further targets that need a person"))
      \(table(quiet, heading: heading(quiet), caption: "Targets without trouble, and those that wait for their first result"))
      \(omission(chosen.count - shown.count))
      </main>
      """
  }

  private func omission(_ count: Int) -> HTML {
    guard count > 0 else { return "" }
    return """
      <p class="quiet">\(count) more are not shown. Narrow the page with ?state= or ?group=, or read \
      <a href="\(shell.home)api/v1/targets">the list in JSON</a>.</p>
      """
  }

  // MARK: What needs a person

  private func card(_ target: TargetSnapshot) -> HTML {
    guard let last = target.last?.value else { return "" }
    let records = recent(target)
    return """
      <article class="card \(target.state.rawValue)">
      <header>\(Marks.state(target.state))<h2>\(link(target))</h2>\(endpoint(target))\(pause(target))</header>
      <p><strong>\(Wording.verdict(of: last))</strong>. \(HTML.withCode(last.message))</p>
      \(last.remedy.isEmpty ? nil : "<p class=\"remedy\">\(HTML.withCode(last.remedy))</p>")
      \(MemberTable(members: last.members).tree)
      \(shell.links(for: target, at: last.reason))
      <dl class="facts">
      \(target.since.map { fact("Since", "\(time($0)), \(age($0))") })
      \(fact("Last probe", "\(age(last.startedAt)) ago, took \(Wording.latency(last.duration))\(Marks.line(records))"))
      \(target.loginPause(at: snapshot.takenAt).map { fact("Logins paused until", time($0)) })
      \(fact("Last success", target.lastSuccessAt.map { "\(age($0)) ago" } ?? "none seen"))
      \(target.certificate.map { fact("Certificate", validity($0)) })
      \(fact("Uptime", uptime(target)))
      \(fact("Recent probes", strip(target, records)))
      </dl>
      </article>

      """
  }

  // MARK: What works

  private func table(_ targets: [TargetSnapshot], heading: String, caption: String) -> HTML {
    guard !targets.isEmpty else { return "" }
    return """
      <h2>\(heading)</h2>
      <div class="scroll"><table class="stacked fleet">
      <caption>\(caption)</caption>
      <thead><tr><th scope="col">Target</th><th scope="col">State</th><th scope="col">Since</th>\
      <th scope="col" class="number">Last probe</th><th scope="col" class="number">Latency</th>\
      <th scope="col" class="number">Certificate</th><th scope="col" class="number">Uptime</th>\
      <th scope="col">Recent probes</th></tr></thead>
      \(groups(targets))
      </table></div>
      """
  }

  /// The rows, by group where there are several and nobody wants another order.
  private func groups(_ targets: [TargetSnapshot]) -> [HTML] {
    var names: [String?] = []
    for target in targets where !names.contains(target.target.group) { names.append(target.target.group) }
    guard names.count > 1, filter.order == nil else {
      return ["<tbody>\n\(targets.map { row($0, namesGroup: true) })</tbody>"]
    }
    return names.map { name in
      let members = targets.filter { $0.target.group == name }
      return """
        <tbody><tr class="group"><th colspan="8" scope="rowgroup">\(name.map(groupLink) ?? "Without group")</th></tr>
        \(members.map { row($0, namesGroup: false) })</tbody>

        """
    }
  }

  private func heading(_ targets: [TargetSnapshot]) -> String {
    let states = Set(targets.map(\.state))
    if states.count > 1 { return "Waiting and working" }
    return states == [.up] ? "Working" : "Waiting"
  }

  /// A row has the same few bytes for every target: no class that the place in the row can say as
  /// well, no end tag that HTML can do without.
  private func row(_ target: TargetSnapshot, namesGroup: Bool) -> HTML {
    let records = recent(target)
    return """
      <tr><th scope="row">\(link(target))\(endpoint(target, namesGroup: namesGroup))\
      \(MemberTable(members: target.last?.members ?? []).tree)\
      <td>\(Marks.state(target.state))\(reason(target))\(pause(target))\
      <td>\(target.since.map(age) ?? "–")\
      <td>\(lastProbe(target))\
      <td>\(target.last.map { Wording.latency($0.duration) } ?? "–")\(Marks.line(records))\
      <td>\(target.certificate.map(validity) ?? "–")\
      <td>\(uptime(target))\
      <td>\(strip(target, records))

      """
  }

  /// Why a target in trouble is in it, where there is no card that says so.
  private func reason(_ target: TargetSnapshot) -> HTML? {
    guard let last = target.last?.value, target.state < .pending else { return nil }
    return "<small>\(Wording.verdict(of: last))</small>"
  }

  private func lastProbe(_ target: TargetSnapshot) -> String {
    if let last = target.last { return "\(age(last.startedAt)) ago" }
    return target.nextRunAt.map { "in \(Wording.span($0 - snapshot.takenAt))" } ?? "–"
  }

  // MARK: Pieces

  private func link(_ target: TargetSnapshot) -> HTML {
    "<a href=\"\(shell.path(ofTarget: target.target.name))\">\(target.target.name)</a>"
  }

  private func groupLink(_ group: String) -> HTML {
    "<a href=\"\(shell.home)?group=\(PercentEncoding.encode(group))\">\(group)</a>"
  }

  private func endpoint(_ target: TargetSnapshot, namesGroup: Bool = true) -> HTML {
    let settings = target.target
    let group: HTML? = namesGroup ? settings.group.map { " · \(groupLink($0))" } : nil
    return
      "<small>\(settings.host):\(settings.port) \(Wording.mode(settings.settings.tls.mode))\(group)</small>"
  }

  private func pause(_ target: TargetSnapshot) -> HTML? {
    target.isLoginPaused(at: snapshot.takenAt)
      ? " <small>\(Marks.pause) logins paused</small>" : nil
  }

  private func age(_ moment: Timestamp) -> String { Wording.span(snapshot.takenAt - moment) }

  private func validity(_ certificate: CertificateFacts) -> HTML {
    HTML.validity(of: certificate, at: snapshot.takenAt)
  }

  private func uptime(_ target: TargetSnapshot) -> HTML {
    let uptimes = history.uptime(of: target.target.name)
    guard let uptime = uptimes.first(where: { $0.window == "24h" }) ?? uptimes.first, let ratio = uptime.ratio
    else {
      return "–"
    }
    return "\(Wording.share(ratio)) <small>of \(Wording.span(uptime.horizon))</small>"
  }

  private func recent(_ target: TargetSnapshot) -> [ResultRecord] {
    history.records(of: target.target.name, limit: Self.stripLength, before: nil)?.items ?? []
  }

  /// The strip, which leads to the list of what it shows.
  private func strip(_ target: TargetSnapshot, _ records: [ResultRecord]) -> HTML {
    guard !records.isEmpty else { return Marks.strip(records) }
    return "<a href=\"\(shell.path(ofTarget: target.target.name))#probes\">\(Marks.strip(records))</a>"
  }
}

extension HTML {
  /// How long a certificate is still good for.
  static func validity(of certificate: CertificateFacts, at now: Timestamp) -> HTML {
    let left = certificate.chainNotAfter - now
    if left < .zero { return "<strong>expired \(Wording.span(.zero - left)) ago</strong>" }
    let days = Int(left.seconds) / 86_400
    return days >= 2 ? "\(days) days" : "\(Wording.span(left))"
  }
}
