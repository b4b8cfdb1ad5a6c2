package import Model

/// What the scheduler tells the prober of one attempt.
package struct AttemptContext: Sendable, Equatable {
  /// From 1; more after retries.
  package var attempt: Int
  /// What the attempt may take: the target's timeout, or less where its next run is near.
  package var timeLimit: Duration
  /// How many test messages of `send` may go with this attempt, one to each of the target's servers: 0 where none is
  /// due, and the conversation ends before it.
  package var messages: Int
  /// False while the target's logins are paused: the conversation ends where the login would begin.
  package var logsIn: Bool

  /// An attempt.
  package init(attempt: Int, timeLimit: Duration, messages: Int, logsIn: Bool = true) {
    self.attempt = attempt
    self.timeLimit = timeLimit
    self.messages = messages
    self.logsIn = logsIn
  }
}

/// Probes a target once. It never throws: a failed probe is a result.
package typealias ProbeFunction = @Sendable (Target, AttemptContext) async -> Shared<ProbeResult>

extension ProbeResult {
  /// MAIL was said: a message may be on its way, or a server counts our tries.
  package var reachedMail: Bool {
    if phases[.mail] != nil || messagesSent > 0 || members.contains(where: \.reachedMail) { return true }
    return switch stage {
    case .mail, .rcpt, .data, .message, .quit: true
    default: false
    }
  }

  /// Messages that a server has, or may have: of one whose last reply never came nobody knows.
  var messagesGiven: Int {
    guard members.isEmpty else { return members.reduce(0) { $0 + $1.messagesGiven } }
    return messagesSent > 0 || phases[.data] != nil || stage == .message ? max(1, messagesSent) : 0
  }

  /// Another attempt in a few seconds can help, and does no harm.
  package var mayRetrySoon: Bool { !success && reason.retry == .soon && !reachedMail }

  /// The good result of a later attempt, which tells how the first one failed. One that is degraded for a
  /// reason of its own keeps that.
  package func recovered(from first: ProbeResult) -> ProbeResult {
    var result = self
    result.evidence += first.evidence
    guard outcome == .up else { return result }
    result.outcome = .degraded
    result.reason = .recoveredOnRetry
    result.message = "It works on attempt \(attempts); the first failed: \(first.message)"
    result.remedy = first.remedy
    return result
  }
}
