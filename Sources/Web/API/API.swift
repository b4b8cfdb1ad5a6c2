import HTTP
import Model
import Monitor

/// The JSON API, version 1: times in RFC 3339, durations in seconds, names of states, stages and reasons as
/// in the labels of the metrics.
struct API: Sendable {
  var history: any HistoryReading

  /// The state of everything in a few numbers.
  func summary() -> Response {
    let snapshot = history.snapshot()
    let worst = snapshot.targets.map(\.state).min()
    return .json(
      [
        "status": .string((worst ?? .pending).rawValue), "counts": counts(snapshot),
        "suspicions": .array(snapshot.monitor.suspicions.map { .string($0.words) }),
      ], generatedAt: snapshot.takenAt)
  }

  /// Every target in short; `state` and `group` of the query choose among them.
  func targets(_ request: Request) throws(QueryRefusal) -> Response {
    let snapshot = history.snapshot()
    let chosen = try TargetFilter(request).choose(from: snapshot.targets)
    return .json(
      ["counts": counts(snapshot), "targets": .array(chosen.map(short))], generatedAt: snapshot.takenAt)
  }

  /// One target with its latest results.
  func target(_ name: String) -> Response {
    let snapshot = history.snapshot()
    guard let state = snapshot.target(name) else { return .unknownTarget }
    let target = state.target
    let delivery = snapshot.monitor.deliveries[name].map { JSON($0.facts) } ?? JSON.null
    return .json([
      "name": .string(target.name),
      "group": JSON(target.group),
      "labels": labels(target),
      "module": .string(target.module),
      "interval_seconds": JSON(target.interval),
      "state": .string(state.state.rawValue),
      "since": JSON(state.since),
      "consecutive_failures": .int(state.consecutiveFailures),
      "auth_paused_until": JSON(state.authPausedUntil),
      "next_run_at": JSON(state.nextRunAt),
      "next_message_at": JSON(snapshot.monitor.nextMessages[name]),
      "last": (state.last?.value).map(JSON.init) ?? nil,
      "last_failure": (state.lastFailure?.value).map(JSON.init) ?? nil,
      "uptime": .array(
        history.uptime(of: name).map { uptime in
          [
            "window": .string(uptime.window), "ratio": uptime.ratio.map(JSON.double) ?? nil,
            "horizon_seconds": JSON(uptime.horizon),
          ]
        }),
      "certificate": state.certificate.map { JSON($0) } ?? nil,
      "delivery": delivery,
    ])
  }

  /// A page of a target's results, newest first.
  func results(_ name: String, _ request: Request) throws(QueryRefusal) -> Response {
    let position = try PagePosition(request)
    let page = history.records(of: name, limit: position.limit, before: position.before)
    return answer(page, named: "results") { record in
      [
        "started_at": JSON(record.startedAt),
        "duration_seconds": JSON(record.duration),
        "outcome": .string(record.outcome.slug),
        "stage": JSON(record.stage?.slug),
        "reason": .string(record.reason.slug),
        "reply_code": JSON(record.replyCode == 0 ? nil : record.replyCode),
        "attempts": .int(record.attempts),
        "family": JSON(record.family?.rawValue),
        "phases": JSON(record.phases),
      ]
    }
  }

  /// A page of a target's events, newest first.
  func events(_ name: String, _ request: Request) throws(QueryRefusal) -> Response {
    let position = try PagePosition(request)
    let page = history.events(of: name, limit: position.limit, before: position.before)
    return answer(page, named: "events") { event in
      [
        "at": JSON(event.at),
        "kind": .string(event.kind.rawValue),
        "from": JSON(event.from),
        "to": JSON(event.to),
        "reason": JSON(event.reason?.slug),
        "duration_seconds": JSON(event.duration),
      ]
    }
  }

  /// The targets as service discovery of Prometheus, for scrapes of `/probe`.
  ///
  /// - Parameter page: The address of a target's page, by its name.
  func serviceDiscovery(page: (String) -> String) -> Response {
    .json(.array(history.snapshot().targets.map { discovered($0.target, page: page($0.target.name)) }))
  }

  private func discovered(_ target: Target, page: String) -> JSON {
    let host = target.host.contains(":") && target.mailDomain == nil ? "[\(target.host)]" : target.host
    let facts: [(name: String, value: String)] =
      [
        ("target", target.name), ("__param_module", target.module), ("__meta_smtpwatch_target", target.name),
        ("__meta_smtpwatch_module", target.module),
        ("__meta_smtpwatch_tls_mode", target.settings.tls.mode.rawValue),
        ("__meta_smtpwatch_group", target.group ?? ""), ("__meta_smtpwatch_page", page),
      ] + target.labels.map { ("__meta_smtpwatch_label_\($0.name)", $0.value) }
    return [
      // A domain's MX hosts have no port of their own to name.
      "targets": [.string(target.mailDomain == nil ? "\(host):\(target.port)" : host)],
      "labels": .object(facts.map { JSON.Member(name: $0.name, value: .string($0.value)) }),
    ]
  }

  private func answer<Item>(_ page: HistoryPage<Item>?, named name: String, _ item: (Item) -> JSON)
    -> Response
  {
    guard let page else { return .unknownTarget }
    return .json(
      .object([
        JSON.Member(name: name, value: .array(page.items.map(item))),
        JSON.Member(name: "next_before", value: JSON(page.nextBefore.flatMap { Int(exactly: $0) })),
      ]))
  }

  private func short(_ state: TargetSnapshot) -> JSON {
    [
      "name": .string(state.target.name),
      "group": JSON(state.target.group),
      "labels": labels(state.target),
      "module": .string(state.target.module),
      "interval_seconds": JSON(state.target.interval),
      "state": .string(state.state.rawValue),
      "since": JSON(state.since),
      "consecutive_failures": .int(state.consecutiveFailures),
      "next_run_at": JSON(state.nextRunAt),
      "last_run_at": JSON(state.last?.startedAt),
      "duration_seconds": JSON(state.last?.duration),
      "stage": JSON(state.last?.stage?.slug),
      "reason": JSON(state.last?.reason.slug),
      "message": JSON(state.last?.message),
    ]
  }

  private func labels(_ target: Target) -> JSON {
    .object(target.labels.map { JSON.Member(name: $0.name, value: .string($0.value)) })
  }

  private func counts(_ snapshot: Snapshot) -> JSON {
    let counts = snapshot.counts
    let byState = TargetState.allCases.map { JSON.Member(name: $0.rawValue, value: .int(counts[$0] ?? 0)) }
    return .object([JSON.Member(name: "total", value: .int(snapshot.targets.count))] + byState)
  }
}

extension Response {
  /// An answer in JSON, which nobody is to keep without asking again.
  static func json(_ json: JSON, status: Int = 200) -> Response {
    let body = json.bytes
    let response = Response(
      status: status, contentType: "application/json", headers: ["Cache-Control": "no-cache"], body: body)
    return status == 200 ? response.tagged(by: body) : response
  }

  /// An answer in JSON that says when it was made; two that differ in nothing else have the same tag.
  static func json(_ members: KeyValuePairs<String, JSON>, generatedAt: Timestamp) -> Response {
    let essence = members.map { JSON.Member(name: $0.key, value: $0.value) }
    let time = JSON.Member(name: "generated_at", value: JSON(generatedAt))
    return .json(.object([time] + essence)).tagged(by: JSON.object(essence).bytes)
  }

  /// A problem in JSON.
  static func problem(_ problem: Problem) -> Response {
    .json(["error": .string(problem.error), "hint": .string(problem.hint)], status: problem.status)
  }

  static let unknownTarget = Response.problem(
    Problem(
      status: 404, error: "No target has this name.", hint: "/api/v1/targets lists the names that there are.")
  )
}
