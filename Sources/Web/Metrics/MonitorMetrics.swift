import Base
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
  static let listIsInUse = MetricFamily(
    "smtpwatch_target_list_last_read_successful", .gauge,
    help:
      "1 where what a list of targets holds is in use, 0 where it was refused and what it held before stays.")
  static let listTargets = MetricFamily(
    "smtpwatch_target_list_targets", .gauge, help: "Targets of a list, whichever process watches them.")
  static let targets = MetricFamily("smtpwatch_targets", .gauge, help: "Targets that this process watches.")
  static let lag = MetricFamily(
    "smtpwatch_scheduler_lag_seconds", .histogram, unit: "seconds",
    help: "From the moment that a probe was due to its start.")
  static let observationLag = MetricFamily(
    "smtpwatch_observation_lag_seconds", .histogram, unit: "seconds",
    help: "From the arrival of bytes at this host to when a probe read them; phases leave it out.")
  static let lastTick = MetricFamily(
    "smtpwatch_scheduler_last_tick_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the scheduler last ran, as Unix time.")
  static let inFlight = MetricFamily("smtpwatch_probes_in_flight", .gauge, help: "Probes under way.")
  static let slots = MetricFamily(
    "smtpwatch_probe_slots", .gauge, help: "Probes that may be under way at once.")
  static let skipped = MetricFamily(
    "smtpwatch_probes_skipped_total", .counter, help: "Probes that were due and did not run.")
  static let historyTrouble = MetricFamily(
    "smtpwatch_history_degraded", .gauge,
    help: "1 where not all of the history can be stored at present, 0 where it can; the log says why.")
  static let historyDropped = MetricFamily(
    "smtpwatch_history_dropped_total", .counter,
    help: "Stored pieces that were torn or flipped, and were left out.")
  static let historyFailedWrites = MetricFamily(
    "smtpwatch_history_failed_writes_total", .counter,
    help: "Results, events and counts that could not be stored.")
  static let historyBytes = MetricFamily(
    "smtpwatch_history_size_bytes", .gauge, unit: "bytes", help: "Size of the stored history.")
  static let shard = MetricFamily(
    "smtpwatch_shard_ordinal", .gauge, help: "Which share of the targets this process watches, from 0.")
  static let shards = MetricFamily(
    "smtpwatch_total_shards", .gauge, help: "Among how many processes the targets are shared.")
}

extension Exposition {
  /// The monitor's own state.
  mutating func writeMonitor(_ monitor: MonitorSnapshot, targets: Int, observationLag: Histogram) {
    family(Families.reloaded)
    sample(.none, monitor.lastReloadSucceeded)
    family(Families.reloadedAt)
    if let moment = monitor.lastReloadSuccessAt { sample(.none, moment.seconds) }
    family(Families.listIsInUse)
    for list in monitor.lists { sample(.none, "list", list.name, list.isInUse ? 1 : 0) }
    family(Families.listTargets)
    for list in monitor.lists { sample(.none, "list", list.name, list.targets) }
    family(Families.targets)
    sample(.none, targets)
    family(Families.lag)
    histogram(.none, monitor.lag)
    family(Families.observationLag)
    histogram(.none, observationLag)
    family(Families.lastTick)
    if let moment = monitor.lastTickAt { sample(.none, moment.seconds) }
    family(Families.inFlight)
    sample(.none, monitor.probesInFlight)
    family(Families.slots)
    sample(.none, monitor.probeSlots)
    family(Families.skipped)
    for cause in SkipCause.allCases { sample(.none, "cause", cause.rawValue, monitor.skipped[cause] ?? 0) }
    if let history = monitor.history { writeHistory(history) }
    family(Families.shard)
    sample(.none, monitor.shard)
    family(Families.shards)
    sample(.none, monitor.totalShards)
  }
  /// How the stored history fares, where there is one.
  private mutating func writeHistory(_ history: HistoryHealth) {
    family(Families.historyTrouble)
    sample(.none, history.trouble != nil)
    family(Families.historyDropped)
    sample(.none, history.dropped)
    family(Families.historyFailedWrites)
    sample(.none, history.failedWrites)
    family(Families.historyBytes)
    sample(.none, history.bytes)
  }
}
