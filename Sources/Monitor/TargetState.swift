package import Model

/// How much of the past is kept for each target.
package struct HistoryLimits: Sendable, Equatable {
  /// Records of results.
  package var results: Int
  /// Results with their transcripts.
  package var transcripts: Int

  /// Limits.
  package init(results: Int = 512, transcripts: Int = 20) {
    self.results = results
    self.transcripts = transcripts
  }
}

/// All that is known of one target: the present, into which each result is folded, and the past.
package struct TargetState: Sendable {
  /// The present.
  package private(set) var snapshot: TargetSnapshot
  /// The last results as records.
  package private(set) var ring: ResultRing
  /// 30 days, hour by hour.
  package private(set) var rollups = Rollups()
  /// A few results with their transcripts.
  package private(set) var shelf: TranscriptShelf
  /// What changed, and when.
  package internal(set) var events = EventLog()
  /// When the first result's probe started.
  private var firstResultAt: Timestamp?
  /// Since when the reason is what it is.
  var reasonSince: Timestamp?
  /// Since when logins are paused.
  var authPausedSince: Timestamp?
  /// What the server offered when it was last asked.
  var offer: Offer?

  /// A target of which nothing is known yet.
  package init(target: Target, limits: HistoryLimits) {
    snapshot = TargetSnapshot(
      target: target, last: nil, lastFailure: nil, lastSuccessAt: nil, since: nil, consecutiveFailures: 0,
      counters: TargetCounters(), nextRunAt: nil, authPausedUntil: nil, certificate: nil)
    ring = ResultRing(capacity: limits.results)
    shelf = TranscriptShelf(capacity: limits.transcripts)
  }

  /// Folds a result in, and tells what is different from the last one.
  @discardableResult package mutating func record(
    _ result: ProbeResult, nextRunAt: Timestamp?, authPausedUntil: Timestamp? = nil
  ) -> [Event] {
    let result = result.misses(offer) ? result.lackingSTARTTLS(since: offer) : result
    let news = note(result, authPausedUntil: authPausedUntil)
    ring.append(result)
    rollups.add(result)
    shelf.add(result)
    firstResultAt = firstResultAt ?? result.startedAt
    let old = snapshot
    if old.last?.outcome != result.outcome || old.last?.reason != result.reason {
      reasonSince = result.startedAt
    }
    let failures =
      switch result.outcome {
      case .down: old.consecutiveFailures + 1
      case .inconclusive: old.consecutiveFailures
      case .up, .degraded: 0
      }
    snapshot = TargetSnapshot(
      target: old.target, last: result,
      lastFailure: result.outcome == .down ? result : old.lastFailure,
      lastSuccessAt: result.success ? result.startedAt : old.lastSuccessAt,
      since: old.last?.outcome == result.outcome ? old.since : result.startedAt,
      consecutiveFailures: failures, counters: old.counters.adding(result), nextRunAt: nextRunAt,
      authPausedUntil: authPausedUntil, certificate: result.tls?.certificate ?? old.certificate)
    return news
  }

  /// A closer look has given the last result a better name. It is the same result: nothing is counted again.
  /// One that another has followed meanwhile keeps its first name, and one that the monitor holds to be its own
  /// trouble does not become the target's.
  @discardableResult package mutating func amend(_ result: ProbeResult) -> [Event] {
    guard let last = snapshot.last, last.startedAt == result.startedAt,
      last.outcome != .inconclusive || result.outcome == .inconclusive
    else { return [] }
    let news = noteOutcome(result).map { [$0] } ?? []
    if last.reason != result.reason { reasonSince = result.startedAt }
    var amended = last
    amended.outcome = result.outcome
    amended.stage = result.stage
    amended.reason = result.reason
    amended.message = result.message
    amended.remedy = result.remedy
    amended.suggestion = result.suggestion
    amended.evidence = result.evidence
    ring.amendLast(amended)
    shelf.amend(amended)
    snapshot = snapshot.amended(
      amended, since: last.outcome == result.outcome ? snapshot.since : result.startedAt)
    return news
  }

  /// The configuration says something new of the target. What is known of another server's certificate and
  /// capabilities is forgotten, and another login has no pause: its end is the event.
  @discardableResult package mutating func change(to target: Target, at now: Timestamp) -> Event? {
    let old = snapshot
    let isSameServer = old.target.host == target.host && old.target.port == target.port
    if !isSameServer { offer = nil }
    let isSameLogin = old.target.logsInLike(target)
    snapshot = old.with(
      target: target, certificate: isSameServer ? old.certificate : nil,
      authPausedUntil: isSameLogin ? old.authPausedUntil : nil)
    return notePause(from: old.authPausedUntil, to: snapshot.authPausedUntil, at: now, reason: nil)
  }

  /// The target's next run is at another time than the last result said.
  package mutating func reschedule(to moment: Timestamp) { snapshot = snapshot.with(nextRunAt: moment) }

  /// Good probes as a share of conclusive ones over the windows of the interface.
  package func uptime(now: Timestamp) -> [Uptime] {
    Self.windows.map { name, window in
      guard let firstResultAt else { return Uptime(window: name, ratio: nil, horizon: .zero) }
      let exact = ring.tally(of: window, now: now)
      let hourly = rollups.tally(of: window, now: now, firstResult: firstResultAt)
      return (exact.since <= hourly.since ? exact : hourly).uptime(window: name, now: now)
    }
  }

  private static let windows: [(String, Duration)] = [
    ("1h", .seconds(3600)), ("24h", .seconds(86_400)), ("7d", .seconds(7 * 86_400)),
    ("30d", .seconds(30 * 86_400)),
  ]
}

extension TargetCounters {
  /// The counters after one more result.
  func adding(_ result: ProbeResult) -> TargetCounters {
    var counters = self
    counters.runs += 1
    counters.retries += max(0, result.attempts - 1)
    counters.messagesSent += result.messagesSent
    switch result.outcome {
    case .up, .degraded: counters.latency.observe(result.duration)
    case .inconclusive: counters.inconclusive += 1
    case .down:
      counters.failures += 1
      let kind = FailureKind(stage: result.stage ?? .internal, reason: result.reason)
      counters.failureReasons[kind, default: 0] += 1
    }
    return counters
  }
}

extension TargetSnapshot {
  /// The snapshot with the time of its next run.
  fileprivate func with(nextRunAt: Timestamp) -> TargetSnapshot {
    TargetSnapshot(
      target: target, last: last, lastFailure: lastFailure, lastSuccessAt: lastSuccessAt, since: since,
      consecutiveFailures: consecutiveFailures, counters: counters, nextRunAt: nextRunAt,
      authPausedUntil: authPausedUntil, certificate: certificate)
  }

  /// The snapshot with a better name for its last result.
  fileprivate func amended(_ result: ProbeResult, since: Timestamp?) -> TargetSnapshot {
    TargetSnapshot(
      target: target, last: result, lastFailure: result.success ? lastFailure : result,
      lastSuccessAt: lastSuccessAt, since: since, consecutiveFailures: consecutiveFailures,
      counters: counters,
      nextRunAt: nextRunAt, authPausedUntil: authPausedUntil, certificate: certificate)
  }

  /// The snapshot with another configuration.
  fileprivate func with(
    target: Target, certificate: CertificateFacts?, authPausedUntil: Timestamp?
  ) -> TargetSnapshot {
    TargetSnapshot(
      target: target, last: last, lastFailure: lastFailure, lastSuccessAt: lastSuccessAt, since: since,
      consecutiveFailures: consecutiveFailures, counters: counters, nextRunAt: nextRunAt,
      authPausedUntil: authPausedUntil, certificate: certificate)
  }
}
