package import Base
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
  package let last: Shared<ProbeResult>?
  /// The latest probe that was `down`.
  package let lastFailure: Shared<ProbeResult>?
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

  /// A target's state; as far as nothing is said, one of which nothing is known yet.
  package init(
    target: Target, last: Shared<ProbeResult>? = nil, lastFailure: Shared<ProbeResult>? = nil,
    lastSuccessAt: Timestamp? = nil,
    since: Timestamp? = nil, consecutiveFailures: Int = 0, counters: TargetCounters = TargetCounters(),
    nextRunAt: Timestamp? = nil, authPausedUntil: Timestamp? = nil, certificate: CertificateFacts? = nil
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

  /// The same with what is given, which may be that there is none.
  func with(
    target: Target? = nil, last: Shared<ProbeResult>? = nil, lastFailure: Shared<ProbeResult>?? = nil,
    since: Timestamp?? = nil,
    counters: TargetCounters? = nil, nextRunAt: Timestamp?? = nil, authPausedUntil: Timestamp?? = nil,
    certificate: CertificateFacts?? = nil
  ) -> TargetSnapshot {
    TargetSnapshot(
      target: target ?? self.target, last: last ?? self.last, lastFailure: lastFailure ?? self.lastFailure,
      lastSuccessAt: lastSuccessAt, since: since ?? self.since, consecutiveFailures: consecutiveFailures,
      counters: counters ?? self.counters, nextRunAt: nextRunAt ?? self.nextRunAt,
      authPausedUntil: authPausedUntil ?? self.authPausedUntil, certificate: certificate ?? self.certificate)
  }
}

/// What is read again while the program runs.
package enum ConfigurationFile: Sendable {
  /// What to watch, and how.
  case watch
  /// The doors of the pages.
  case web
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
  /// When a reload last left no file refused.
  package var lastReloadSuccessAt: Timestamp?
  /// Why the last reload of a file was refused; none where it was not.
  package var reloadErrors: [ConfigurationFile: String] = [:]
  package var lastReloadSucceeded: Bool { reloadErrors.isEmpty }
  /// The lists of targets beside the configuration's own.
  package var lists: [ListSnapshot] = []
  /// Why the monitor itself is suspect; empty where it is not.
  package var suspicions: [Suspicion] = []
  /// What became of test messages, by target; only of those whose mailbox is looked into.
  package var deliveries: [String: DeliverySnapshot] = [:]
  /// When the next test message is due, by target; only of those that send.
  package var nextMessages: [String: Timestamp] = [:]
  /// How the stored history fares; nil where none is stored.
  package var history: HistoryHealth?
  package var shard = 0
  package var totalShards = 1

  /// The state of a monitor that has just begun.
  package init(startedAt: Timestamp) { self.startedAt = startedAt }
}

/// What became of the test messages of one target.
package struct DeliverySnapshot: Sendable, Equatable {
  package var facts: DeliveryFacts
  /// From the server's last reply to the arrival.
  package var latency: Histogram
  /// Those under way, and the last that were lost.
  package var journeys: [DeliveryJourney]

  /// What became of messages.
  package init(facts: DeliveryFacts, latency: Histogram, journeys: [DeliveryJourney] = []) {
    self.facts = facts
    self.latency = latency
    self.journeys = journeys
  }
}

/// A list of targets beside the configuration's own.
package struct ListSnapshot: Sendable, Equatable {
  /// The file's path.
  package var name: String
  /// How many targets of it are in use, whichever shard they are of.
  package var targets: Int
  /// What it holds now is in use; otherwise what it held before.
  package var isInUse: Bool
  /// Why it is not in use, and what to do; nil where it is.
  package var trouble: String?

  /// A list.
  package init(name: String, targets: Int, isInUse: Bool, trouble: String? = nil) {
    self.trouble = trouble
    self.name = name
    self.targets = targets
    self.isInUse = isInUse
  }
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
