import Logging
import Model
import Monitor
import OAuth
import Probe

/// Writes what happens to targets, each event once; single probes are for the level debug.
struct TransitionLog: Sendable {
  let logger: Logger

  /// Something happened to a target, which stands as the snapshot says.
  func note(_ event: Event, _ state: TargetSnapshot) {
    let (level, words) = headline(event)
    logger.log(level: level, "\(words)", metadata: facts(event, state))
  }

  /// What speaks against the monitor itself; nothing means that all is well again.
  func note(_ suspicions: [Suspicion]) {
    guard !suspicions.isEmpty else { return logger.info("The monitor is no longer suspect") }
    for suspicion in suspicions {
      logger.warning("The monitor itself is suspect", metadata: ["message": "\(suspicion.words)"])
    }
  }

  /// One probe that has ended.
  func note(_ result: Shared<ProbeResult>) {
    logger.debug(
      "Probe",
      metadata: [
        "target": "\(result.target)", "outcome": "\(result.outcome.slug)",
        "stage": "\(result.stage?.slug ?? "none")", "reason": "\(result.reason.slug)",
        "duration": "\(result.duration.seconds)",
      ])
  }

  /// One check of a closer look at a failure.
  func note(_ followUp: FollowUpNote) {
    let finding = followUp.findings.isEmpty ? "nothing" : followUp.findings.joined(separator: "; ")
    logger.debug(
      "Follow-up check",
      metadata: ["target": "\(followUp.target)", "check": "\(followUp.check)", "finding": "\(finding)"])
  }

  /// What became of access tokens.
  func note(_ news: TokenKeeper.News) {
    switch news {
    case .failed(let url, let fault):
      logger.warning("No access token comes", metadata: ["endpoint": "\(url)", "message": "\(fault)"])
    case .recovered(let url): logger.info("Access tokens come again", metadata: ["endpoint": "\(url)"])
    case .notWritten(let url, let why):
      logger.warning(
        "A new refresh token is kept in memory only; after a restart the file's old one may be refused",
        metadata: ["endpoint": "\(url)", "message": "\(why)"])
    }
  }

  private func headline(_ event: Event) -> (Logger.Level, String) {
    switch (event.kind, event.to) {
    case (.state, "down"?): (.warning, "Target is down")
    case (.state, "inconclusive"?): (.warning, "Target cannot be judged")
    case (.state, "degraded"?): (.warning, "Target is degraded")
    case (.state, _): (.info, "Target is up again")
    case (.reason, _): (.info, "Target has another reason")
    case (.capabilities, _): (.info, "Target offers something else")
    case (.certificate, _): (.info, "Target has another certificate")
    case (.authPaused, _): (.warning, "Logins are paused")
    case (.authResumed, _): (.info, "Logins are resumed")
    case (.delivery, _): (.warning, "News of a test message")
    case (.policy, _): (.info, "The domain has another MTA-STS policy")
    }
  }

  private func facts(_ event: Event, _ state: TargetSnapshot) -> Logger.Metadata {
    var facts: Logger.Metadata = ["target": "\(state.target.name)"]
    if let duration = event.duration { facts["duration"] = "\(duration.seconds)" }
    switch event.kind {
    case .state, .reason:
      if let last = state.last, !last.message.isEmpty {
        facts["stage"] = "\(last.stage?.slug ?? "none")"
        facts["reason"] = "\(last.reason.slug)"
        facts["message"] = "\(last.message)"
      }
    case .capabilities:
      if let lost = event.from { facts["lost"] = "\(lost)" }
      if let gained = event.to { facts["gained"] = "\(gained)" }
    case .certificate, .policy:
      facts["from"] = "\(event.from ?? "")"
      facts["to"] = "\(event.to ?? "")"
    case .delivery: facts["message"] = "\(event.to ?? "")"
    case .authPaused, .authResumed:
      if let until = state.authPausedUntil { facts["until"] = "\(until.rfc3339)" }
      if let reason = event.reason, reason != .ok { facts["reason"] = "\(reason.slug)" }
    }
    return facts
  }
}
