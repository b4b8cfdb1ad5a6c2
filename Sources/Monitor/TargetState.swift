import Base
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
  package internal(set) var snapshot: TargetSnapshot
  /// The last results as records.
  package internal(set) var ring: ResultRing
  /// 30 days, hour by hour.
  package internal(set) var rollups = Rollups()
  /// A few results with their transcripts.
  package internal(set) var shelf: TranscriptShelf
  /// What changed, and when.
  package internal(set) var events = EventLog()
  /// When the first result's probe started.
  var firstResultAt: Timestamp?
  /// Since when the reason is what it is.
  var reasonSince: Timestamp?
  /// Since when logins are paused.
  var authPausedSince: Timestamp?
  /// What the server offered when it was last asked.
  var offer: Offer?
  /// The id of the MTA-STS policy that the target was last seen under.
  var policyID: String?
  /// A closer look that was over before its result was written down.
  private var earlyAmendment: ProbeResult?
  /// What came of logins lately.
  package internal(set) var authGuard = AuthGuard()
  /// What was sent lately.
  package internal(set) var messages = MessageLedger()
  /// What became of test messages, as it was last told; nil where nobody looks for them.
  package internal(set) var delivery: DeliverySnapshot?
  /// Where all of this is written down; nil where it is not.
  var book: TargetBook?

  /// A target of which nothing is known yet.
  package init(target: Target, limits: HistoryLimits) {
    snapshot = TargetSnapshot(target: target)
    ring = ResultRing(capacity: limits.results)
    shelf = TranscriptShelf(capacity: limits.transcripts)
  }

  /// Folds a result in, and tells what is different from the last one.
  @discardableResult package mutating func record(
    _ result: Shared<ProbeResult>, nextRunAt: Timestamp?, authPausedUntil: Timestamp? = nil
  ) -> [Event] {
    let news = take(result, nextRunAt: nextRunAt, authPausedUntil: authPausedUntil)
    return news + (earlyAmendment.take().map { amend($0) } ?? [])
  }

  private mutating func take(
    _ result: Shared<ProbeResult>, nextRunAt: Timestamp?, authPausedUntil: Timestamp?
  ) -> [Event] {
    let result = misses(result) ? Shared(result.value.lackingSTARTTLS(since: offer)) : result
    // First of all: what a kill leaves half done is done again with it.
    book?.write(result.value, sequence: ring.nextSequence)
    let news = note(result, authPausedUntil: authPausedUntil)
    ring.append(result)
    rollups.add(result)
    shelf.add(result)
    // A wall clock that was ahead at first does not make the target younger than it is.
    firstResultAt = min(firstResultAt ?? result.startedAt, result.startedAt)
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
      lastSuccessAt: result.outcome.isSuccess ? result.startedAt : old.lastSuccessAt,
      since: old.last?.outcome == result.outcome ? old.since : result.startedAt,
      consecutiveFailures: failures, counters: old.counters.adding(result), nextRunAt: nextRunAt,
      authPausedUntil: authPausedUntil, certificate: result.tls?.certificate ?? old.certificate)
    write()
    return news
  }

  /// Writes down what is new.
  mutating func write() {
    guard var book else { return }
    // Nobody else has the book meanwhile, so that its lists are not copied.
    self.book = nil
    book.write(self)
    self.book = book
  }

  /// A closer look has given the last result a better name. It is the same result: nothing is counted again.
  /// One that another has followed meanwhile keeps its first name, and one that the monitor holds to be its own
  /// trouble does not become the target's. One that is still to be written down gets it then.
  @discardableResult package mutating func amend(_ result: ProbeResult) -> [Event] {
    guard let last = snapshot.last, last.startedAt >= result.startedAt else {
      earlyAmendment = result
      return []
    }
    guard last.startedAt == result.startedAt,
      last.outcome != .inconclusive || result.outcome == .inconclusive
    else { return [] }
    let news = noteOutcome(Shared(result)).map { [$0] } ?? []
    if last.reason != result.reason { reasonSince = result.startedAt }
    var amended = last.value
    amended.outcome = result.outcome
    amended.stage = result.stage
    amended.reason = result.reason
    amended.message = result.message
    amended.remedy = result.remedy
    amended.suggestion = result.suggestion
    amended.evidence = result.evidence
    book?.write(amended, sequence: ring.nextSequence - 1)
    let shared = Shared(amended)
    ring.amendLast(shared)
    shelf.amend(shared)
    snapshot = snapshot.with(
      last: shared, lastFailure: amended.success ? snapshot.lastFailure : shared,
      since: last.outcome == result.outcome ? snapshot.since : result.startedAt)
    write()
    return news
  }

  /// The configuration says something new of the target. What is known of another server's certificate and
  /// capabilities is forgotten, and another login has no pause: its end is the event.
  @discardableResult package mutating func change(to target: Target, at now: Timestamp) -> Event? {
    let old = snapshot.target
    return change(
      to: target, isSameServer: old.host == target.host && old.port == target.port,
      isSameLogin: old.logsInLike(target), at: now)
  }

  @discardableResult mutating func change(
    to target: Target, isSameServer: Bool, isSameLogin: Bool, at now: Timestamp
  ) -> Event? {
    let old = snapshot
    if !isSameServer { (offer, policyID) = (nil, nil) }
    if !isSameLogin { authGuard = AuthGuard() }
    if target.settings.delivery == nil { delivery = nil }
    snapshot = old.with(
      target: target, authPausedUntil: isSameLogin ? old.authPausedUntil : nil,
      certificate: isSameServer ? old.certificate : nil)
    book?.forgetServer()
    defer { write() }
    return notePause(from: old.authPausedUntil, to: snapshot.authPausedUntil, at: now, reason: nil)
  }

  /// What became of test messages has changed; each of `words` is an event.
  mutating func deliver(_ delivery: DeliverySnapshot, events words: [String], at now: Timestamp) -> [Event] {
    if self.delivery?.says(theSameAs: delivery) != true { book?.write(delivery) }
    self.delivery = delivery
    let news = words.map { events.append(.delivery, at: now, from: nil, to: $0) }
    if !news.isEmpty { write() }
    return news
  }

  /// Test messages that were due are not sent.
  mutating func leftOutMessages(_ count: Int) {
    var counters = snapshot.counters
    counters.messagesLeftOut += count
    snapshot = snapshot.with(counters: counters)
    write()
  }

  /// The target's next run is at another time than the last result said.
  package mutating func reschedule(to moment: Timestamp) { snapshot = snapshot.with(nextRunAt: moment) }

  /// Good probes as a share of conclusive ones over the windows of the interface.
  package func uptime(now: Timestamp) -> [Uptime] {
    Self.windows.map { name, window in
      guard let firstResultAt else { return Uptime(window: name, ratio: nil, horizon: .zero) }
      let hourly = rollups.tally(of: window, now: now, firstResult: firstResultAt)
      let begin = ring.tallyBegin(of: window, now: now)
      let isExact = begin.map { $0 <= hourly.since } ?? true
      return (isExact ? ring.tally(of: window, now: now) : hourly).uptime(window: name, now: now)
    }
  }

  private static let windows: [(String, Duration)] = [
    ("1h", .seconds(3600)), ("24h", .seconds(86_400)), ("7d", .seconds(7 * 86_400)),
    ("30d", .seconds(30 * 86_400)),
  ]
}

extension TargetCounters {
  /// The counters after one more result.
  func adding(_ result: Shared<ProbeResult>) -> TargetCounters {
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
