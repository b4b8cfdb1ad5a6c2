import Base
import Model
import Monitor

/// A history of a handful of targets, one in each state, at 10 o'clock on a certain day.
struct FakeHistory: HistoryReading {
  static let now = Timestamp(seconds: 1_795_428_000)

  var targets: [TargetSnapshot]
  var monitor = MonitorSnapshot(startedAt: now + .seconds(-7200))
  /// How many results each target with a result has.
  var depth: UInt64 = 60

  init(_ targets: [TargetSnapshot] = [.rejected, .working, .slow, .unknown, .waiting, .hostile]) {
    self.targets = targets
    monitor.lastTickAt = Self.now
    monitor.lastReloadSuccessAt = monitor.startedAt
    monitor.probesInFlight = 2
    monitor.probeSlots = 1000
    monitor.history = HistoryHealth()
    monitor.history?.bytes = 4096
    monitor.history?.dropped = 3
    monitor.skipped = [.overrun: 3]
    monitor.deliveries["mail a/b"] = .sample
    monitor.lag.observe(.milliseconds(2))
    monitor.phaseLatency[ModulePhase(module: "submission", phase: .tls), default: Histogram()]
      .observe(.milliseconds(60))
  }

  func snapshot() -> Snapshot { Snapshot(takenAt: Self.now, targets: targets, monitor: monitor) }

  func records(of target: String, limit: Int, before: UInt64?) -> HistoryPage<ResultRecord>? {
    guard let state = targets.first(where: { $0.target.name == target }) else { return nil }
    guard let last = state.last else { return HistoryPage(items: [], nextBefore: nil) }
    let newest = min(depth, before ?? depth)
    let items = (0..<newest).reversed().prefix(limit).map { sequence in
      var result = last.value
      result.startedAt = last.startedAt + .seconds(-30 * Int64(depth - 1 - sequence))
      result.duration = last.duration + .milliseconds(Int64(sequence * 7 % 40))
      if sequence % 9 < 6 && sequence < depth - 8 || sequence < 4 { result = result.recovered }
      return ResultRecord(sequence: sequence, result: Shared(result))
    }
    let oldest = items.last?.sequence ?? 0
    return HistoryPage(items: items, nextBefore: oldest > 0 ? oldest : nil)
  }

  func events(of target: String, limit: Int, before: UInt64?) -> HistoryPage<Event>? {
    guard let state = targets.first(where: { $0.target.name == target }) else { return nil }
    guard let last = state.last, last.outcome == .down else { return HistoryPage(items: [], nextBefore: nil) }
    let events = [
      Event(
        sequence: 3, at: Self.now + .seconds(-300), kind: .state, from: "up", to: "down", reason: last.reason,
        duration: .seconds(6000)),
      Event(
        sequence: 2, at: Self.now + .seconds(-900), kind: .capabilities, from: "CHUNKING", to: nil,
        reason: nil,
        duration: nil),
      Event(
        sequence: 1, at: Self.now + .seconds(-6300), kind: .certificate, from: nil, to: "fingerprint ab12",
        reason: nil, duration: nil),
    ]
    let chosen = events.filter { before == nil || $0.sequence < before ?? 0 }
    let items = Array(chosen.prefix(limit))
    return HistoryPage(items: items, nextBefore: chosen.count > limit ? items.last?.sequence : nil)
  }

  func uptime(of target: String) -> [Uptime] {
    guard let last = targets.first(where: { $0.target.name == target })?.last else { return [] }
    let ratio = last.success ? 0.99957 : last.outcome == .down ? 0.9312 : nil
    return [
      Uptime(window: "1h", ratio: ratio, horizon: .seconds(3600)),
      Uptime(window: "24h", ratio: ratio, horizon: .seconds(7200)),
    ]
  }

  func transcripts(of target: String) -> [Shared<ProbeResult>] {
    guard let state = targets.first(where: { $0.target.name == target }), let last = state.last else {
      return []
    }
    return last.success ? [last] : [last, Shared(last.value.recovered)]
  }
}

extension DeliverySnapshot {
  /// Two messages arrived, one of them in junk, one is under way and one is lost.
  static let sample: DeliverySnapshot = {
    var facts = DeliveryFacts()
    (facts.sent, facts.delivered, facts.late, facts.lost, facts.inFlight) = (4, 2, 1, 1, 1)
    facts.folders = [.inbox: 1, .junk: 1]
    var verdicts = AuthenticationVerdicts()
    (verdicts.spf, verdicts.dkim, verdicts.dmarc) = (.pass, .temperror, .none)
    facts.last = DeliveryFacts.Arrival(
      at: FakeHistory.now + .seconds(-40), latency: .milliseconds(2500), folder: .junk, verdicts: verdicts)
    facts.losses[""] = DeliveryFacts.Missing(sentAt: FakeHistory.now + .seconds(-4000), queueID: "4XYZ")
    facts.lookedAt = FakeHistory.now + .seconds(-10)
    var latency = Histogram()
    for time in [800, 2500] { latency.observe(.milliseconds(time)) }
    return DeliverySnapshot(facts: facts, latency: latency)
  }()
}

extension ProbeResult {
  /// The same probe without its trouble.
  var recovered: ProbeResult {
    var result = self
    result.outcome = .up
    result.stage = nil
    result.reason = .ok
    result.reply = ReplyFacts(code: 221, enhanced: "2.0.0", text: "2.0.0 Bye")
    return result
  }
}
