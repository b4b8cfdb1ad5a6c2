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

/// What a target has counted since it was configured.
package struct TargetCounters: Sendable, Equatable {
  package var runs = 0
  package var failures = 0
  package var inconclusive = 0
  package var retries = 0
  package var messagesSent = 0
  package var failureReasons: [FailureKind: Int] = [:]
  /// Durations of successes.
  package var latency = Histogram()

  /// All at 0.
  package init() {}
}

/// A stage with a reason.
package struct FailureKind: Sendable, Hashable {
  package var stage: Stage
  package var reason: Reason

  /// A stage with a reason.
  package init(stage: Stage, reason: Reason) {
    self.stage = stage
    self.reason = reason
  }
}

/// A latency histogram with the buckets of the interface.
package struct Histogram: Sendable, Equatable {
  /// Upper bounds in seconds; `+Inf` follows them.
  package static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

  /// Observations by bucket, not cumulated; the last is beyond every bound.
  package private(set) var counts: SIMD16<UInt32> = .zero
  /// Seconds in all.
  package private(set) var sum: Double = 0

  /// Nothing observed.
  package init() {}

  /// How many were observed.
  package var count: Int {
    Self.bounds.indices.reduce(Int(counts[Self.bounds.count])) { $0 + Int(counts[$1]) }
  }

  /// Adds one observation.
  package mutating func observe(_ duration: Duration) {
    let seconds = duration.seconds
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    counts[bucket] &+= 1
    sum += seconds
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
  package var shard = 0
  package var totalShards = 1

  /// The state of a monitor that has just begun.
  package init(startedAt: Timestamp) { self.startedAt = startedAt }
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

/// The past of a target as the API and pages ask for it.
package protocol HistoryReading: Sendable {
  /// The present state of everything.
  func snapshot() -> Snapshot
  /// Results of a target, newest first, older than `before`; nil where there is no such target.
  func records(of target: String, limit: Int, before: UInt64?) -> HistoryPage<ResultRecord>?
  /// Events of a target, newest first, older than `before`; nil where there is no such target.
  func events(of target: String, limit: Int, before: UInt64?) -> HistoryPage<Event>?
  /// Good probes as a share of conclusive ones over several windows, each with the time really covered.
  func uptime(of target: String) -> [Uptime]
  /// The last good transcripts and the last bad ones, newest first.
  func transcripts(of target: String) -> [ProbeResult]
}

/// A page of a history, and where the next one begins.
package struct HistoryPage<Item: Sendable>: Sendable {
  package var items: [Item]
  /// The `before` of the next page; nil at the end.
  package var nextBefore: UInt64?

  /// A page.
  package init(items: [Item], nextBefore: UInt64?) {
    self.items = items
    self.nextBefore = nextBefore
  }
}

/// A result as the ring keeps it: fixed in size.
package struct ResultRecord: Sendable, Equatable {
  /// Grows by one with each result of a target.
  package var sequence: UInt64
  package var startedAt: Timestamp
  package var duration: Duration
  package var outcome: Outcome
  package var stage: Stage?
  package var reason: Reason
  /// 0 where there was none.
  package var replyCode: Int
  package var attempts: Int
  package var family: AddressFamily?
  package var phases: PhaseTimings

  /// The record of a result.
  package init(sequence: UInt64, result: ProbeResult) {
    self.sequence = sequence
    startedAt = result.startedAt
    duration = result.duration
    outcome = result.outcome
    stage = result.stage
    reason = result.reason
    replyCode = result.reply?.code ?? 0
    attempts = result.attempts
    family = result.family
    phases = result.phases
  }
}

/// Something that happened to a target.
package struct Event: Sendable, Equatable {
  /// What sort of thing.
  package enum Kind: String, Sendable {
    /// The outcome changed.
    case state
    /// The outcome stayed, its reason changed.
    case reason
    /// The server offers more, or less, than before.
    case capabilities
    case certificate
    case authPaused = "auth_paused"
    case authResumed = "auth_resumed"
  }

  package var sequence: UInt64
  package var at: Timestamp
  package var kind: Kind
  package var from: String?
  package var to: String?
  package var reason: Reason?
  /// How long what ended had lasted.
  package var duration: Duration?

  /// An event.
  package init(
    sequence: UInt64, at: Timestamp, kind: Kind, from: String?, to: String?, reason: Reason?,
    duration: Duration?
  ) {
    self.sequence = sequence
    self.at = at
    self.kind = kind
    self.from = from
    self.to = to
    self.reason = reason
    self.duration = duration
  }
}

/// Good probes as a share of conclusive ones.
package struct Uptime: Sendable, Equatable {
  /// Such as `1h`, `24h`, `7d`, `30d`.
  package var window: String
  /// 0 to 1; nil where nothing conclusive was seen.
  package var ratio: Double?
  /// How much of the window is really covered.
  package var horizon: Duration

  /// A share.
  package init(window: String, ratio: Double?, horizon: Duration) {
    self.window = window
    self.ratio = ratio
    self.horizon = horizon
  }
}
