package import Base
package import Model

/// What a target has counted since it was configured.
package struct TargetCounters: Sendable, Equatable {
  package var runs = 0
  package var failures = 0
  package var inconclusive = 0
  package var retries = 0
  package var messagesSent = 0
  /// Were due and not sent, because so many were before.
  package var messagesLeftOut = 0
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
