import Model

// What makes an event: whatever a result tells that the one before it did not.
extension TargetState {
  /// STARTTLS is gone, which was offered before.
  func misses(_ result: Shared<ProbeResult>) -> Bool {
    result.offersSTARTTLS == false && offer?.starttlsSeenAt != nil
  }

  /// Writes down what is different from the last result.
  mutating func note(_ result: Shared<ProbeResult>, authPausedUntil: Timestamp?) -> [Event] {
    var news: [Event] = []
    if let event = noteOutcome(result) { news.append(event) }
    if let event = notePause(
      from: snapshot.authPausedUntil, to: authPausedUntil, at: result.startedAt, reason: result.reason)
    {
      news.append(event)
    }
    if let old = snapshot.certificate, let new = result.tls?.certificate, old !== new,
      old.fingerprintSHA256 != new.fingerprintSHA256
    {
      news.append(
        events.append(
          .certificate, at: result.startedAt, from: old.fingerprintSHA256, to: new.fingerprintSHA256))
    }
    news += noteOffer(result)
    if let new = result.policy?.mtaSTS?.id {
      if let old = policyID, old != new {
        news.append(events.append(.policy, at: result.startedAt, from: old, to: new))
      }
      policyID = new
    }
    return news
  }

  /// The state, or the reason within it. A first result that is good is none: nothing happened.
  mutating func noteOutcome(_ result: Shared<ProbeResult>) -> Event? {
    let at = result.startedAt
    guard let last = snapshot.last else {
      guard !result.outcome.isSuccess else { return nil }
      return events.append(.state, at: at, from: nil, to: result.outcome.slug, reason: result.reason)
    }
    if last.outcome != result.outcome {
      return events.append(
        .state, at: at, from: last.outcome.slug, to: result.outcome.slug, reason: result.reason,
        lasted: snapshot.since.map { at - $0 })
    }
    guard last.reason != result.reason else { return nil }
    return events.append(
      .reason, at: at, from: last.reason.slug, to: result.reason.slug, reason: result.reason,
      lasted: reasonSince.map { at - $0 })
  }

  /// The beginning or the end of a pause of logins; that it grows is none.
  mutating func notePause(
    from old: Timestamp?, to new: Timestamp?, at: Timestamp, reason: Reason?
  ) -> Event? {
    switch (old, new) {
    case (nil, let end?):
      authPausedSince = at
      return events.append(.authPaused, at: at, from: nil, to: "until \(end.spoken)", reason: reason)
    case (_?, nil):
      let since = authPausedSince
      authPausedSince = nil
      return events.append(
        .authResumed, at: at, from: nil, to: nil, reason: reason, lasted: since.map { at - $0 })
    default: return nil
    }
  }

  private mutating func noteOffer(_ result: Shared<ProbeResult>) -> [Event] {
    guard let old = offer else {
      offer = Offer(result)
      return []
    }
    guard let new = Offer(result, after: old) else { return [] }
    offer = new
    guard let (lost, gained) = old.change(to: new) else { return [] }
    return [events.append(.capabilities, at: result.startedAt, from: lost, to: gained)]
  }
}

/// What a server was seen to offer.
struct Offer: Sendable {
  /// The list of the last EHLO, the one inside TLS where there was TLS.
  private(set) var facts: SMTPFacts?
  private(set) var isInTLS = false
  /// Whether STARTTLS was offered, and when it was seen last; nil where the target does not ask for it.
  private(set) var offersSTARTTLS: Bool?
  private(set) var starttlsSeenAt: Timestamp?

  /// What was seen before a restart.
  init(facts: SMTPFacts?, isInTLS: Bool, offersSTARTTLS: Bool?, starttlsSeenAt: Timestamp?) {
    self.facts = facts
    self.isInTLS = isInTLS
    self.offersSTARTTLS = offersSTARTTLS
    self.starttlsSeenAt = starttlsSeenAt
  }

  /// What a result tells; nil where it tells nothing. A probe that failed early may have stopped at the list
  /// that is given in clear, which is another one.
  init?(_ result: Shared<ProbeResult>, after old: Offer? = nil) {
    let isWhole = result.outcome.isSuccess || result.isPastEHLO
    facts = isWhole ? result.smtp ?? old?.facts : old?.facts
    isInTLS = isWhole && result.smtp != nil ? result.tls != nil : old?.isInTLS ?? false
    offersSTARTTLS = result.offersSTARTTLS ?? old?.offersSTARTTLS
    starttlsSeenAt = result.offersSTARTTLS == true ? result.startedAt : old?.starttlsSeenAt
    guard facts != nil || offersSTARTTLS != nil else { return nil }
  }

  /// What the later offer lacks, and what it has in addition; nil where both are alike. Lists of different
  /// sides of TLS are not compared.
  func change(to new: Offer) -> (lost: String?, gained: String?)? {
    var (lost, gained): ([String], [String]) = ([], [])
    if offersSTARTTLS == true, new.offersSTARTTLS == false { lost.append("STARTTLS") }
    if offersSTARTTLS == false, new.offersSTARTTLS == true { gained.append("STARTTLS") }
    if let before = facts?.capabilities, let after = new.facts?.capabilities, before != after,
      isInTLS == new.isInTLS
    {
      let (old, now) = (Set(before), Set(after))
      lost += before.filter { !now.contains($0) && !lost.contains($0) }
      gained += after.filter { !old.contains($0) && !gained.contains($0) }
    }
    guard !lost.isEmpty || !gained.isEmpty else { return nil }
    let words = { (list: [String]) in list.isEmpty ? nil : list.joined(separator: ", ") }
    return (words(lost), words(gained))
  }
}

extension Shared<ProbeResult> {
  /// Whether STARTTLS was offered; nil where that was not seen.
  fileprivate var offersSTARTTLS: Bool? {
    if self.reason == .starttlsNotOffered || self.reason == .starttlsStripped { return false }
    switch self.tlsMode {
    case .starttls: return self.phases[.starttls] == nil ? nil : true
    case .opportunistic:
      return self.phases[.starttls] != nil ? true : self.outcome.isSuccess ? false : nil
    case .implicit, .none: return nil
    }
  }

  /// The probe failed behind the last EHLO.
  fileprivate var isPastEHLO: Bool {
    switch self.stage {
    case .auth, .mail, .rcpt, .data, .message: true
    default: false
    }
  }
}

extension ProbeResult {
  /// The result, saying until when STARTTLS was offered.
  func lackingSTARTTLS(since offer: Offer?) -> ProbeResult {
    guard let moment = offer?.starttlsSeenAt else { return self }
    var result = self
    result.evidence.append(Evidence(.note, "lost STARTTLS: last offered at \(moment.spoken)"))
    if !success { result.message += " It was offered until \(moment.spoken)." }
    return result
  }
}
