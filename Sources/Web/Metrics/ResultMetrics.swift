import Metrics
import Model
import Monitor

/// What targets are, and what their latest probes found.
private enum Families {
  static let info = MetricFamily(
    "smtp_target_info", .info, help: "A target as it is configured; joins with other families on target.")
  static let interval = MetricFamily(
    "smtp_probe_interval_seconds", .gauge, unit: "seconds", help: "Time from one probe's start to the next.")
  static let timeout = MetricFamily(
    "smtp_probe_timeout_seconds", .gauge, unit: "seconds", help: "What a whole probe may take.")

  static let success = MetricFamily(
    "smtp_probe_success", .gauge, help: "1 where the latest completed probe was up or degraded, else 0.")
  static let conclusive = MetricFamily(
    "smtp_probe_conclusive", .gauge,
    help: "0 where the latest completed probe could not tell, for a reason on the monitor's side, else 1.")
  static let degraded = MetricFamily(
    "smtp_probe_degraded", .gauge,
    help: "1 where the latest completed probe worked and something needs a person, else 0.")
  static let reason = MetricFamily(
    "smtp_probe_status_reason", .gauge,
    help: "1 for the stage and reason of the latest completed probe; a good one has none and ok.")
  static let duration = MetricFamily(
    "smtp_probe_duration_seconds", .gauge, unit: "seconds",
    help: "How long the latest completed probe took in all.")
  static let phaseDuration = MetricFamily(
    "smtp_probe_phase_duration_seconds", .gauge, unit: "seconds",
    help: "How long each phase of the latest completed probe took; phases that were not reached are absent.")
  static let lastRun = MetricFamily(
    "smtp_probe_last_run_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the latest completed probe began, as Unix time.")
  static let lastSuccess = MetricFamily(
    "smtp_probe_last_success_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the latest successful probe began, as Unix time.")
  static let failures = MetricFamily(
    "smtp_probe_consecutive_failures", .gauge,
    help: "Failed probes since the last success, up to the latest completed probe.")
  static let replyCode = MetricFamily(
    "smtp_probe_reply_code", .gauge,
    help: "The last SMTP reply code at each stage of the latest completed probe.")
  static let ipProtocol = MetricFamily(
    "smtp_probe_ip_protocol", .gauge, help: "4 or 6, the IP version of the latest completed probe.")
  static let authPaused = MetricFamily(
    "smtp_probe_auth_paused", .gauge, help: "1 while logins are suspended to protect the account, else 0.")
  static let warning = MetricFamily(
    "smtp_probe_warning", .gauge, help: "1 for each oddity that the latest completed probe saw.")
}

extension Exposition {
  /// What holds of targets before their first result.
  mutating func writeTargets(_ targets: [LabelledTarget]) {
    family(Families.info)
    for target in targets { sample(target.labels.adding(facts: target.state.target), true) }
    write(Families.timeout, targets) { $0.target.settings.timeout.seconds }
  }

  /// What holds of targets with a schedule: what lies between one result and the next.
  mutating func writeSchedules(_ targets: [LabelledTarget]) {
    write(Families.interval, targets) { $0.target.interval.seconds }
    write(Families.lastSuccess, targets) { $0.lastSuccessAt?.seconds }
    write(Families.failures, targets) { $0.last == nil ? nil : $0.consecutiveFailures }
  }

  /// The latest results.
  mutating func writeResults(_ targets: [LabelledTarget], now: Timestamp) {
    write(Families.success, targets) { $0.last?.success }
    write(Families.conclusive, targets) { $0.last.map { $0.outcome != .inconclusive } }
    write(Families.degraded, targets) { $0.last.map { $0.outcome == .degraded } }
    family(Families.reason)
    for target in targets {
      guard let last = target.state.last else { continue }
      sample(target.labels.adding("stage", last.stage?.slug ?? "none"), "reason", last.reason.slug, 1)
    }
    write(Families.duration, targets) { $0.last?.duration.seconds }
    write(Families.lastRun, targets) { $0.last?.startedAt.seconds }
    writeReplyCodes(targets)
    write(Families.ipProtocol, targets) { $0.last?.family?.number }
    write(Families.authPaused, targets) { target in
      target.target.settings.auth.map { _ in target.loginPause(at: now) != nil }
    }
    family(Families.warning)
    for target in targets {
      guard let warnings = target.state.last?.warnings else { continue }
      for warning in Warning.allCases where warnings.contains(warning) {
        sample(target.labels, "warning", warning.rawValue, 1)
      }
    }
  }

  /// The phases of the latest results.
  mutating func writePhases(_ targets: [LabelledTarget]) {
    family(Families.phaseDuration)
    for target in targets {
      guard let phases = target.state.last?.phases else { continue }
      for (phase, time) in phases.reached { sample(target.labels, "phase", phase.slug, time.seconds) }
    }
  }

  private mutating func writeReplyCodes(_ targets: [LabelledTarget]) {
    family(Families.replyCode)
    for target in targets {
      guard let codes = target.state.last?.replyCodes else { continue }
      // One series a stage, whatever a result says: a repeated one would cost the scraper the whole page.
      for (index, code) in codes.enumerated()
      where !codes[(index + 1)...].contains(where: { $0.stage == code.stage }) {
        sample(target.labels, "stage", code.stage.slug, code.code)
      }
    }
  }
}

extension LabelSet {
  private static let reserved: Set<String> = ["target", "host", "port", "module", "tls_mode", "group"]

  /// The labels of `smtp_target_info`. The user's own may not hide ours, nor break the page.
  fileprivate func adding(facts target: Target) -> LabelSet {
    var labels = self
    labels.append("host", target.host)
    labels.append("port", String(target.port))
    labels.append("module", target.module)
    labels.append("tls_mode", target.settings.tls.mode.rawValue)
    if let group = target.group { labels.append("group", group) }
    var known = Self.reserved
    for (name, value) in target.labels where LabelSet.isValidName(name) && known.insert(name).inserted {
      labels.append(name, value)
    }
    return labels
  }
}
