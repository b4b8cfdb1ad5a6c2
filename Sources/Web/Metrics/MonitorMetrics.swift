import Metrics
import Model
import Monitor

private enum Families {
  static let reloaded = MetricFamily(
    "smtpwatch_config_last_reload_successful", .gauge,
    help: "1 where the last configuration file read is the one in use, 0 where it was refused.")
  static let reloadedAt = MetricFamily(
    "smtpwatch_config_last_reload_success_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the configuration in use was read, as Unix time.")
  static let targets = MetricFamily("smtpwatch_targets", .gauge, help: "Targets that this process watches.")
  static let lag = MetricFamily(
    "smtpwatch_scheduler_lag_seconds", .histogram, unit: "seconds",
    help: "From the moment that a probe was due to its start.")
  static let lastTick = MetricFamily(
    "smtpwatch_scheduler_last_tick_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the scheduler last ran, as Unix time.")
  static let inFlight = MetricFamily("smtpwatch_probes_in_flight", .gauge, help: "Probes under way.")
  static let slots = MetricFamily(
    "smtpwatch_probe_slots", .gauge, help: "Probes that may be under way at once.")
  static let skipped = MetricFamily(
    "smtpwatch_probes_skipped_total", .counter, help: "Probes that were due and did not run.")
  static let shard = MetricFamily(
    "smtpwatch_shard_ordinal", .gauge, help: "Which share of the targets this process watches, from 0.")
  static let shards = MetricFamily(
    "smtpwatch_total_shards", .gauge, help: "Among how many processes the targets are shared.")
}

extension Exposition {
  /// The monitor's own state.
  mutating func writeMonitor(_ monitor: MonitorSnapshot, targets: Int) {
    family(Families.reloaded)
    sample(.none, monitor.lastReloadSucceeded)
    family(Families.reloadedAt)
    if let moment = monitor.lastReloadSuccessAt { sample(.none, moment.seconds) }
    family(Families.targets)
    sample(.none, targets)
    family(Families.lag)
    histogram(.none, monitor.lag)
    family(Families.lastTick)
    if let moment = monitor.lastTickAt { sample(.none, moment.seconds) }
    family(Families.inFlight)
    sample(.none, monitor.probesInFlight)
    family(Families.slots)
    sample(.none, monitor.probeSlots)
    family(Families.skipped)
    for cause in SkipCause.allCases { sample(.none, "cause", cause.rawValue, monitor.skipped[cause] ?? 0) }
    family(Families.shard)
    sample(.none, monitor.shard)
    family(Families.shards)
    sample(.none, monitor.totalShards)
  }
}
