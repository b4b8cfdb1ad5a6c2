package import Model

/// Keeps the monitor from locking an account: after two refusals of a target's credentials in a row it is
/// probed without login, and a login is tried again after 2, 4, 8 … and at most 60 minutes.
///
/// Times are durations since the monitor's start. A pure value: it knows no clock.
package struct AuthGuard: Sendable {
  /// So many refusals in a row begin a pause.
  package static let tolerated = 2
  /// The first pause; each further refusal doubles it.
  package static let firstPause = Duration.seconds(120)
  package static let longestPause = Duration.seconds(3600)

  /// What the last refused login came to.
  private struct Refusal {
    var stage: Stage?
    var reason: Reason
    var outcome: Outcome
    var message: String
    var remedy: String
    var evidence: [Evidence]
  }

  /// The span without logins.
  private struct Pause {
    var length: Duration
    var end: Duration
    /// Its end by the calendar.
    var endTime: Timestamp
  }

  private var refusals = 0
  private var refusal: Refusal?
  private var pause: Pause?

  /// Nothing was refused yet.
  package init() {}

  /// Until when logins are suspended, or were: a pause that is over counts until a login is accepted.
  package var pausedUntil: Timestamp? { pause?.endTime }

  /// Whether a probe that begins now may log in.
  package func logsIn(at now: Duration) -> Bool { pause.map { $0.end <= now } ?? true }

  /// Ends the pause, though not the count: who is refused again waits longer than before.
  package mutating func tryAgain(at now: Duration) {
    guard let pause, pause.end > now else { return }
    self.pause?.end = now
  }

  /// Takes in what a probe that was to log in came to. One that ended before its login says nothing.
  ///
  /// - Parameters:
  ///   - now: the end of the probe; pauses are counted from it.
  ///   - time: the same moment by the calendar.
  package mutating func note(_ result: ProbeResult, at now: Duration, time: Timestamp) {
    if result.hasRefusedCredentials {
      refusals += 1
      refusal = Refusal(
        stage: result.stage, reason: result.reason, outcome: result.outcome, message: result.message,
        remedy: result.remedy, evidence: result.evidence)
      guard refusals >= Self.tolerated else { return }
      let length = pause.map { min($0.length * 2, Self.longestPause) } ?? Self.firstPause
      pause = Pause(length: length, end: now + length, endTime: time + length)
    } else if refusals > 0, result.success || result.smtp?.authMechanism != nil {
      self = AuthGuard()
    }
  }

  /// What a probe that was not allowed to log in tells: its own failure, or else the refusal that the pause is
  /// about. Phases, certificate and conversation are those of the probe.
  package func shown(_ result: ProbeResult) -> ProbeResult {
    guard let refusal, let pause, result.success else { return result }
    var shown = result
    shown.outcome = refusal.outcome
    shown.stage = refusal.stage
    shown.reason = refusal.reason
    shown.message =
      "The login is paused until \(pause.endTime.spoken), after \(refusals) refusals in a row, so that the "
      + "account is not locked; all before the login works. The last refusal: \(refusal.message)"
    shown.remedy = refusal.remedy
    shown.evidence = refusal.evidence + [Evidence(.note, "this probe did not log in")]
    return shown
  }
}

extension ProbeResult {
  /// The server looked at the credentials and refused them, or the account: what locks one if it is repeated.
  package var hasRefusedCredentials: Bool {
    guard stage == .auth, !success else { return false }
    return switch reason {
    case .authRejected, .authAppPassword, .authDisabled, .authToken, .configCredentials: true
    default: false
    }
  }
}

extension Target {
  /// Whether a login of this target is the same as one of another: same server, same credentials.
  func logsInLike(_ other: Target) -> Bool {
    host == other.host && port == other.port && settings.auth == other.settings.auth
  }
}

extension Timestamp {
  /// `2026-11-23 10:00:00 UTC`: for sentences.
  var spoken: String { String(rfc3339.prefix(19).map { $0 == "T" ? " " : $0 }) + " UTC" }
}
