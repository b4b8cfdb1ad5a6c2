import Model

// How a target's state is written down, and found again.
extension TargetState {
  /// The numbers, and which results have which part; the results themselves are written already.
  func packStanding(into packer: inout Packer, book: TargetBook) {
    packer.put(1, ring.nextSequence - 1)
    packer.put(2, firstResultAt)
    packer.put(3, reasonSince)
    packer.put(4, authPausedSince)
    packer.put(5, snapshot.lastSuccessAt)
    packer.put(6, snapshot.since)
    packer.put(7, count: snapshot.consecutiveFailures)
    packer.put(8, snapshot.authPausedUntil)
    packer.put(9) { snapshot.counters.pack(into: &$0) }
    if let hour = rollups.current { packer.put(10) { hour.pack(into: &$0) } }
    if let failure = snapshot.lastFailure { packer.put(11, book.sequence(of: failure)) }
    if let success = shelf.lastSuccess { packer.put(12, book.sequence(of: success)) }
    for failure in shelf.failures { packer.put(13, book.sequence(of: failure)) }
    packer.put(14, count: shelf.runLength)
    packer.put(15, events.nextSequence)
    if let offer {
      if offer.isInTLS { packer.put(16, 1) }
      if let offersSTARTTLS = offer.offersSTARTTLS { packer.put(17, offersSTARTTLS ? 1 : 0) }
      packer.put(18, offer.starttlsSeenAt)
    }
    if authGuard.refusals > 0 { packer.put(19) { authGuard.pack(into: &$0) } }
    if messages.lastAt != nil { packer.put(20) { messages.pack(into: &$0) } }
    packer.put(21, policyID)
  }

  /// Whether the result that began then is shown anywhere.
  func keeps(_ start: Timestamp) -> Bool {
    snapshot.last?.startedAt == start || snapshot.lastFailure?.startedAt == start
      || shelf.lastSuccess?.startedAt == start || shelf.failures.contains { $0.startedAt == start }
  }

  /// The state of a target with the past that a book's notes tell, nil where there is none; each of them is adopted
  /// or discarded.
  init(target: Target, limits: HistoryLimits, book: TargetBook, notes: [NoteHead]?, at now: Timestamp) {
    var past = StoredPast(of: target, in: book, notes)
    let standing = past.standing ?? past.derivedStanding(limits: limits)
    self.init(target: target, limits: limits)
    restore(standing, &past)
    if let server = past.server { compare(with: server, at: now) }
    past.book.forgetServer()
    self.book = past.book
    replay(past)
    write()
  }

  private mutating func restore(_ standing: Standing, _ past: inout StoredPast) {
    ring = ResultRing(area: past.book.area, nextSequence: standing.sequence + 1)
    rollups = Rollups(area: past.book.area, current: standing.hour)
    let failures = standing.failures.compactMap { past.results[$0]?.result }
    shelf = TranscriptShelf(
      capacity: shelf.capacity, lastSuccess: past.results[standing.lastSuccess]?.result, failures: failures,
      runLength: standing.runLength)
    events = EventLog(kept: past.events(before: standing), nextSequence: standing.nextEvent)
    past.book.keep(only: events)
    firstResultAt = standing.firstResultAt
    reasonSince = standing.reasonSince
    authPausedSince = standing.authPausedSince
    authGuard = standing.authGuard
    policyID = standing.policyID
    messages = standing.messages
    delivery = past.delivery
    let last =
      past.results[standing.sequence]?.result ?? standing.derivedLast ?? past.newest(upTo: standing.sequence)
    // The record may have been torn while it was written anew; the result is whole.
    if let last, past.results[standing.sequence] != nil { ring.amendLast(last) }
    snapshot = TargetSnapshot(
      target: snapshot.target, last: last,
      lastFailure: past.results[standing.lastFailure]?.result ?? standing.derivedLastFailure,
      lastSuccessAt: standing.lastSuccessAt, since: standing.since,
      consecutiveFailures: standing.consecutiveFailures, counters: standing.counters, nextRunAt: nil,
      authPausedUntil: standing.authPausedUntil,
      certificate: past.server?.certificate ?? last?.tls?.certificate)
    if past.server?.offer != nil || standing.offersSTARTTLS != nil {
      offer = Offer(
        facts: past.server?.offer, isInTLS: standing.isOfferInTLS, offersSTARTTLS: standing.offersSTARTTLS,
        starttlsSeenAt: standing.starttlsSeenAt)
    }
  }

  /// What was true of another server, or another login, is so no longer.
  private mutating func compare(with server: ServerNote, at now: Timestamp) {
    let target = snapshot.target
    change(
      to: target, isSameServer: server.host == target.host && server.port == target.port,
      isSameLogin: server.login == target.loginIdentity, at: now)
  }

  /// Results that were written down while the numbers were not, and after a failure of power records without
  /// either.
  private mutating func replay(_ past: StoredPast) {
    while true {
      let next = ring.nextSequence
      if let result = past.results[next]?.result {
        record(result, nextRunAt: nil, authPausedUntil: snapshot.authPausedUntil)
      } else if let record = past.book.area.record(next) {
        self.record(
          Shared(ProbeResult(record, of: snapshot.target)), nextRunAt: nil,
          authPausedUntil: snapshot.authPausedUntil)
      } else {
        return
      }
    }
  }
}

extension ProbeResult {
  /// As much of a result as its record tells.
  init(_ record: ResultRecord, of target: Target) {
    self.init(target: target, startedAt: record.startedAt)
    duration = record.duration
    outcome = record.outcome
    stage = record.stage
    reason = record.reason
    attempts = record.attempts
    family = record.family
    phases = record.phases
    if record.replyCode > 0 { reply = ReplyFacts(code: record.replyCode, enhanced: nil, text: "") }
  }
}
