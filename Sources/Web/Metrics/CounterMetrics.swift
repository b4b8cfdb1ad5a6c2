import Metrics
import Model
import Monitor

private enum Families {
  static let runs = MetricFamily("smtp_probe_runs_total", .counter, help: "Probes completed.")
  static let failures = MetricFamily(
    "smtp_probe_failures_total", .counter, help: "Probes that found the target down.")
  static let inconclusive = MetricFamily(
    "smtp_probe_inconclusive_total", .counter,
    help: "Probes that could not tell, for a reason on the monitor's side.")
  static let retries = MetricFamily(
    "smtp_probe_retries_total", .counter, help: "Further attempts within probes.")
  static let messages = MetricFamily(
    "smtp_probe_messages_sent_total", .counter, help: "Test messages that a server took over.")
  static let leftOut = MetricFamily(
    "smtp_probe_messages_left_out_total", .counter,
    help: "Test messages that were due and not sent, because of max_per_day.")
  static let reasons = MetricFamily(
    "smtp_probe_failure_reasons_total", .counter,
    help: "Probes that found the target down, by stage and reason; a series begins with its first failure.")
  static let latency = MetricFamily(
    "smtp_probe_latency_seconds", .histogram, unit: "seconds", help: "Durations of successful probes.")
  static let phaseLatency = MetricFamily(
    "smtp_probe_phase_latency_seconds", .histogram, unit: "seconds",
    help: "Durations of phases over all targets of a module.")
}

extension Exposition {
  /// What was counted since targets were configured; no probe is lost between two scrapes.
  mutating func writeCounters(_ targets: [LabelledTarget]) {
    write(Families.runs, targets) { $0.counters.runs }
    write(Families.failures, targets) { $0.counters.failures }
    write(Families.inconclusive, targets) { $0.counters.inconclusive }
    write(Families.retries, targets) { $0.counters.retries }
    write(Families.messages, targets) { $0.counters.messagesSent }
    let senders = targets.filter { $0.state.target.settings.send != nil }
    if !senders.isEmpty { write(Families.leftOut, senders) { $0.counters.messagesLeftOut } }
    family(Families.reasons)
    for target in targets {
      let reasons = target.state.counters.failureReasons.sorted {
        ($0.key.stage.rawValue, $0.key.reason.rawValue) < ($1.key.stage.rawValue, $1.key.reason.rawValue)
      }
      for (kind, count) in reasons {
        sample(target.labels.adding("stage", kind.stage.slug), "reason", kind.reason.slug, count)
      }
    }
  }

  /// How long things took.
  mutating func writeLatencies(_ targets: [LabelledTarget], _ monitor: MonitorSnapshot) {
    family(Families.latency)
    for target in targets { histogram(target.labels, target.state.counters.latency) }
    family(Families.phaseLatency)
    let phases = monitor.phaseLatency.sorted {
      ($0.key.module, $0.key.phase.rawValue) < ($1.key.module, $1.key.phase.rawValue)
    }
    for (key, latency) in phases {
      histogram(LabelSet("module", key.module).adding("phase", key.phase.slug), latency)
    }
  }
}
