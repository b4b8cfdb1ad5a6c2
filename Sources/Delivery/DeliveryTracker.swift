package import Base
package import Model

/// What became of the test messages of one target, without a clock: sent, arrived, late, lost. Each server or address
/// of a target has a way of its own: what arrives on one says nothing of another.
package struct DeliveryTracker: Sendable {
  /// A message as people know it.
  package struct Name: Sendable, Equatable {
    package var sentAt: Timestamp
    /// What the server called it; nil where it gave no name.
    package var queueID: String?
    /// The server or address that took it over; empty where the target is one.
    package var route: String

    /// A message.
    package init(sentAt: Timestamp, queueID: String?, route: String = "") {
      self.sentAt = sentAt
      self.queueID = queueID
      self.route = route
    }
  }

  /// What is worth an event.
  package enum News: Sendable, Equatable {
    case late(Name)
    case lost(Name)
    /// One that was held to be lost.
    case foundAfterLoss(Name, latency: Duration)
  }

  /// All that is known, for a process that comes after this one.
  package struct Past: Sendable {
    package var facts: DeliveryFacts
    package var latency: Histogram
    package var journeys: [DeliveryJourney]

    /// What a process left.
    package init(facts: DeliveryFacts, latency: Histogram, journeys: [DeliveryJourney]) {
      self.facts = facts
      self.latency = latency
      self.journeys = journeys
    }
  }

  private let lateAfter: Duration
  private let lostAfter: Duration
  /// By token: those that may still arrive, lost ones among them.
  private var journeys: [String: DeliveryJourney] = [:]
  /// Whose arrival was seen before the probe that sent them had ended.
  private var early: [String: DeliveryFacts.Arrival] = [:]
  /// Until then nobody was there for messages to arrive at.
  private var absentUntil: Timestamp?
  package private(set) var facts = DeliveryFacts()
  package private(set) var latency = Histogram()

  /// As many are remembered that nobody can place: a sender cannot make us hold more.
  private static let memory = 256
  /// As many lost ones outlive a restart.
  private static let storedLosses = 16

  /// A target that has sent nothing, or what is known of it from before.
  ///
  /// - Parameter absentUntil: until when messages could not arrive, where they come to us: no time before counts
  ///   against them.
  package init(
    lateAfter: Duration, lostAfter: Duration, past: Past? = nil, absentUntil: Timestamp? = nil
  ) {
    self.lateAfter = lateAfter
    self.lostAfter = max(lostAfter, lateAfter)
    guard let past else { return }
    self.absentUntil = absentUntil
    facts = past.facts
    facts.mailboxError = nil
    latency = past.latency
    for journey in past.journeys { journeys[journey.token] = journey }
    facts.inFlight = past.journeys.count { !$0.isLost }
  }

  /// The settings changed; what is under way stays so.
  package func with(lateAfter: Duration, lostAfter: Duration) -> DeliveryTracker {
    var other = DeliveryTracker(lateAfter: lateAfter, lostAfter: lostAfter)
    other.journeys = journeys
    other.early = early
    other.absentUntil = absentUntil
    other.facts = facts
    other.latency = latency
    return other
  }

  /// What a later process should know.
  package var past: Past {
    let all = journeys.values.sorted { ($0.sentAt, $0.token) < ($1.sentAt, $1.token) }
    let lost = all.filter(\.isLost).suffix(Self.storedLosses)
    return Past(
      facts: facts, latency: latency, journeys: lost + all.filter { !$0.isLost }.suffix(Self.memory))
  }

  /// A server took a message over.
  package mutating func sent(_ token: String, _ name: Name) -> [News] {
    guard journeys[token] == nil else { return [] }
    journeys[token] = DeliveryJourney(
      token: token, sentAt: name.sentAt, queueID: name.queueID, route: name.route)
    facts.sent += 1
    facts.inFlight += 1
    if !name.route.isEmpty { facts.routes[name.route, default: DeliveryFacts.Route()].sent += 1 }
    guard let arrival = early.removeValue(forKey: token) else { return [] }
    return arrived(token, arrival.folder, arrival.verdicts, at: arrival.at)
  }

  /// Somebody has set the calendar: whatever was sent by it is as old as before.
  package mutating func calendarWasSet(by step: Duration) {
    for (token, journey) in journeys { journeys[token]?.sentAt = journey.sentAt + step }
    for (token, arrival) in early { early[token]?.at = arrival.at + step }
    for (route, loss) in facts.losses { facts.losses[route]?.sentAt = loss.sentAt + step }
    absentUntil = absentUntil.map { $0 + step }
  }

  /// The ways that the target has now: nothing is missing on one that it has no longer.
  package mutating func keep(routes: Set<String>) {
    facts.routes = facts.routes.filter { routes.contains($0.key) }
    facts.losses = facts.losses.filter { routes.contains($0.key) }
  }

  /// Whether a message is waited for here.
  package func awaits(_ token: String) -> Bool { journeys[token] != nil }

  /// A message with a token of ours was found. A second copy, or one of another process, counts nowhere.
  package mutating func arrived(
    _ token: String, _ folder: DeliveryFacts.FolderKind, _ verdicts: AuthenticationVerdicts,
    at time: Timestamp
  ) -> [News] {
    guard let journey = journeys.removeValue(forKey: token) else {
      if early.count >= Self.memory { early = [:] }
      early[token] = DeliveryFacts.Arrival(at: time, latency: .zero, folder: folder, verdicts: verdicts)
      return []
    }
    let took = max(.zero, time - journey.sentAt)
    facts.delivered += 1
    facts.folders[folder, default: 0] += 1
    facts.last = DeliveryFacts.Arrival(at: time, latency: took, folder: folder, verdicts: verdicts)
    facts.routes[journey.route]?.delivered += 1
    facts.routes[journey.route]?.lastLatency = took
    latency.observe(took)
    if let loss = facts.losses[journey.route], loss.sentAt <= journey.sentAt {
      facts.losses[journey.route] = nil
    }
    guard !journey.isLost else { return [.foundAfterLoss(Name(journey), latency: took)] }
    facts.inFlight -= 1
    if !journey.isLate, took > lateAfter { facts.late += 1 }
    return []
  }

  /// Time has gone on; the mailbox was last looked into at `lookedAt`. What nobody could have seen is not lost.
  package mutating func advance(lookedAt: Timestamp) -> [News] {
    var news: [News] = []
    for (token, var journey) in journeys.sorted(by: { $0.value.sentAt < $1.value.sentAt }) {
      let age = lookedAt - max(journey.sentAt, absentUntil ?? journey.sentAt)
      if age > lateAfter, !journey.isLate {
        journey.isLate = true
        facts.late += 1
        news.append(.late(Name(journey)))
      }
      if age > lostAfter, !journey.isLost {
        journey.isLost = true
        facts.lost += 1
        facts.inFlight -= 1
        facts.routes[journey.route]?.lost += 1
        facts.losses[journey.route] = DeliveryFacts.Missing(sentAt: journey.sentAt, queueID: journey.queueID)
        news.append(.lost(Name(journey)))
      }
      journeys[token] = journey
    }
    let lost = journeys.filter(\.value.isLost).sorted { $0.value.sentAt < $1.value.sentAt }
    for (token, _) in lost.dropLast(Self.memory) { journeys[token] = nil }
    return news
  }

  /// The mailbox was looked into, or could not be, for the reason given.
  package mutating func looked(at time: Timestamp, error: String?) {
    facts.mailboxError = error
    if error == nil { facts.lookedAt = time }
  }
}

extension DeliveryTracker.Name {
  fileprivate init(_ journey: DeliveryJourney) {
    self.init(sentAt: journey.sentAt, queueID: journey.queueID, route: journey.route)
  }
}
