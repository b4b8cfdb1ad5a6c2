import Metrics
import Model
import Monitor

private enum Families {
  static let sent = MetricFamily(
    "smtp_probe_delivery_sent_total", .counter, help: "Test messages taken over whose arrival is watched.")
  static let delivered = MetricFamily(
    "smtp_probe_delivery_delivered_total", .counter, help: "Test messages found, by sort of folder.")
  static let late = MetricFamily(
    "smtp_probe_delivery_late_total", .counter, help: "Test messages under way for longer than late_after.")
  static let lost = MetricFamily(
    "smtp_probe_delivery_lost_total", .counter, help: "Test messages not found within lost_after.")
  static let inFlight = MetricFamily(
    "smtp_probe_delivery_in_flight", .gauge, help: "Test messages under way.")
  static let missing = MetricFamily(
    "smtp_probe_delivery_last_lost", .gauge,
    help: "1 where the last test message whose fate is known is lost, else 0.")
  static let readable = MetricFamily(
    "smtp_probe_delivery_mailbox_up", .gauge, help: "1 where the mailbox can be looked into, else 0.")
  static let lookedAt = MetricFamily(
    "smtp_probe_delivery_mailbox_last_look_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the mailbox was last looked into, as Unix time.")
  static let arrivedAt = MetricFamily(
    "smtp_probe_delivery_last_arrival_timestamp_seconds", .gauge, unit: "seconds",
    help: "When a test message was last found, as Unix time.")
  static let lastLatency = MetricFamily(
    "smtp_probe_delivery_last_latency_seconds", .gauge, unit: "seconds",
    help: "How long the test message that was found last was under way.")
  static let folder = MetricFamily(
    "smtp_probe_delivery_last_folder", .gauge, help: "Where the last test message was found.")
  static let verdict = MetricFamily(
    "smtp_probe_delivery_authentication", .gauge,
    help: "What the receiving server found of the last test message's sender, by method.")
  static let latency = MetricFamily(
    "smtp_probe_delivery_latency_seconds", .histogram, unit: "seconds",
    help: "Times from the server's last reply to a test message's arrival.")
}

extension Exposition {
  /// What became of test messages; nothing where nobody looks for them.
  mutating func writeDeliveries(_ targets: [LabelledTarget], _ deliveries: [String: DeliverySnapshot]) {
    let watched = targets.compactMap { target in
      deliveries[target.state.target.name].map { (labels: target.labels, facts: $0.facts) }
    }
    guard !watched.isEmpty else { return }
    func write(_ family: MetricFamily, _ value: (DeliveryFacts) -> Int?) {
      self.family(family)
      for (labels, facts) in watched { value(facts).map { sample(labels, $0) } }
    }
    func write(_ family: MetricFamily, seconds value: (DeliveryFacts) -> Double?) {
      self.family(family)
      for (labels, facts) in watched { value(facts).map { sample(labels, $0) } }
    }
    write(Families.sent) { $0.sent }
    family(Families.delivered)
    for (labels, facts) in watched {
      for kind in DeliveryFacts.FolderKind.allCases {
        sample(labels, "folder", kind.rawValue, facts.folders[kind] ?? 0)
      }
    }
    write(Families.late) { $0.late }
    write(Families.lost) { $0.lost }
    write(Families.inFlight) { $0.inFlight }
    write(Families.missing) { $0.missing == nil ? 0 : 1 }
    write(Families.readable) { $0.mailboxError == nil ? ($0.lookedAt == nil ? nil : 1) : 0 }
    write(Families.lookedAt, seconds: { $0.lookedAt.map { Double($0.microseconds) / 1e6 } })
    write(Families.arrivedAt, seconds: { $0.last.map { Double($0.at.microseconds) / 1e6 } })
    write(Families.lastLatency, seconds: { $0.last?.latency.seconds })
    family(Families.folder)
    for (labels, facts) in watched { facts.last.map { sample(labels, "folder", $0.folder.rawValue, 1) } }
    family(Families.verdict)
    for (labels, facts) in watched {
      guard let verdicts = facts.last?.verdicts else { continue }
      for (method, verdict) in verdicts.all {
        sample(labels.adding("method", method), "verdict", verdict.rawValue, 1)
      }
    }
  }

  /// How long test messages were under way.
  mutating func writeDeliveryLatencies(_ targets: [LabelledTarget], _ deliveries: [String: DeliverySnapshot])
  {
    let watched = targets.compactMap { target in
      deliveries[target.state.target.name].map { (target.labels, $0.latency) }
    }
    guard !watched.isEmpty else { return }
    family(Families.latency)
    for (labels, latency) in watched { histogram(labels, latency) }
  }
}
