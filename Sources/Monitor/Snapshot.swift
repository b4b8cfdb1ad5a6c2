package import Model

/// Everything that pages and metrics are made of, at one moment: immutable, and cheap to hand out.
package struct Snapshot: Sendable {
  package var takenAt: Timestamp
  /// In the order of the configuration.
  package var targets: [TargetSnapshot]
  package var monitor: MonitorSnapshot

  /// A snapshot.
  package init(takenAt: Timestamp, targets: [TargetSnapshot], monitor: MonitorSnapshot) {
    self.takenAt = takenAt
    self.targets = targets
    self.monitor = monitor
  }
}

/// One target at one moment. A class, so that a snapshot of thousands copies references only.
package final class TargetSnapshot: Sendable {
  package let target: Target
  /// The latest completed probe.
  package let last: ProbeResult?
  /// The latest probe that was `down`.
  package let lastFailure: ProbeResult?
  package let lastSuccessAt: Timestamp?
  /// Since when the outcome is what it is.
  package let since: Timestamp?
  package let consecutiveFailures: Int
  package let counters: TargetCounters
  package let nextRunAt: Timestamp?
  /// Logins are suspended until then.
  package let authPausedUntil: Timestamp?
  /// The latest certificate facts seen, also while handshakes fail.
  package let certificate: CertificateFacts?

  /// A target's state.
  package init(
    target: Target, last: ProbeResult?, lastFailure: ProbeResult?, lastSuccessAt: Timestamp?,
    since: Timestamp?,
    consecutiveFailures: Int, counters: TargetCounters, nextRunAt: Timestamp?, authPausedUntil: Timestamp?,
    certificate: CertificateFacts?
  ) {
    self.target = target
    self.last = last
    self.lastFailure = lastFailure
    self.lastSuccessAt = lastSuccessAt
    self.since = since
    self.consecutiveFailures = consecutiveFailures
    self.counters = counters
    self.nextRunAt = nextRunAt
    self.authPausedUntil = authPausedUntil
    self.certificate = certificate
  }
}

/// The monitor's own state.
package struct MonitorSnapshot: Sendable {
  package var startedAt: Timestamp
  package var lastTickAt: Timestamp?
  package var lag = Histogram()
  package var probesInFlight = 0
  package var probeSlots = 0
  package var skipped: [SkipCause: Int] = [:]
  /// Durations by phase, summed over a module's targets.
  package var phaseLatency: [ModulePhase: Histogram] = [:]
  package var lastReloadSucceeded = true
  package var lastReloadSuccessAt: Timestamp?
  /// Why the last reload was refused.
  package var lastReloadError: String?
  /// Why the monitor itself is suspect; empty where it is not.
  package var suspicions: [Suspicion] = []
  package var shard = 0
  package var totalShards = 1

  /// The state of a monitor that has just begun.
  package init(startedAt: Timestamp) { self.startedAt = startedAt }
}

/// A reason to doubt the monitor rather than its targets.
package struct Suspicion: Sendable, Equatable {
  /// The same as long as it is the same suspicion; the words may change with their counts.
  package var about: String
  /// One sentence for a person.
  package var words: String

  /// A suspicion.
  package init(about: String, words: String) {
    self.about = about
    self.words = words
  }
}

/// Why a probe that was due did not run.
package enum SkipCause: String, CaseIterable, Sendable {
  /// The target's previous probe was still running.
  case overrun
  /// No slot was free in time.
  case slots
  case shutdown
}

/// A phase of a module's probes.
package struct ModulePhase: Sendable, Hashable {
  package var module: String
  package var phase: Phase

  /// A phase of a module's probes.
  package init(module: String, phase: Phase) {
    self.module = module
    self.phase = phase
  }
}
