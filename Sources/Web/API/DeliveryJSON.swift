import Model

extension JSON {
  /// What became of test messages.
  init(_ facts: DeliveryFacts) {
    self = [
      "sent": .int(facts.sent), "delivered": .int(facts.delivered), "late": .int(facts.late),
      "lost": .int(facts.lost), "in_flight": .int(facts.inFlight),
      "last": facts.last.map(JSON.init) ?? nil,
      "missing": facts.latestLoss.map { JSON($0.loss, $0.route) } ?? nil,
      "servers": .array(facts.routes.sorted { $0.key < $1.key }.map { JSON($1, $0) }),
      "mailbox_error": JSON(facts.mailboxError),
      "mailbox_looked_at": JSON(facts.lookedAt),
    ]
  }

  private init(_ loss: DeliveryFacts.Missing, _ route: String) {
    self = [
      "sent_at": JSON(loss.sentAt), "queue_id": JSON(loss.queueID),
      "server": route.isEmpty ? nil : .string(route),
    ]
  }

  private init(_ route: DeliveryFacts.Route, _ name: String) {
    self = [
      "server": .string(name), "sent": .int(route.sent), "delivered": .int(route.delivered),
      "lost": .int(route.lost), "last_latency_seconds": JSON(route.lastLatency),
    ]
  }

  private init(_ arrival: DeliveryFacts.Arrival) {
    self = [
      "arrived_at": JSON(arrival.at), "latency_seconds": JSON(arrival.latency),
      "folder": .string(arrival.folder.rawValue), "spf": .string(arrival.verdicts.spf.rawValue),
      "dkim": .string(arrival.verdicts.dkim.rawValue), "dmarc": .string(arrival.verdicts.dmarc.rawValue),
    ]
  }
}
