package import Model

/// Whom a login is for: what a server locks, whichever targets and ports were refused.
package struct Account: Sendable, Hashable {
  private let host: String
  private let username: String

  /// The account of a target; nil where it does not log in.
  package init?(of target: Target) {
    guard let auth = target.settings.auth else { return nil }
    host = target.host.lowercased()
    username = auth.username
  }
}

/// Where a login is said, and with what: what one door accepts another may refuse.
package struct Login: Sendable, Equatable {
  private let port: Int
  /// The password, token or certificate.
  let proof: LoginProof

  /// The login of a target; nil where it does not log in.
  package init?(of target: Target) {
    guard let auth = target.settings.auth else { return nil }
    port = target.port
    proof = auth.proof
  }
}

/// Keeps the monitor from locking an account: after two refusals of its credentials in a row all targets of the
/// account are probed without login, and a login is tried again after 2, 4, 8 … and at most 60 minutes. As long as
/// it is not known whether credentials are good, no more logins are under way at once than may be refused.
///
/// Times are durations since the monitor's start. A pure value: it knows no clock.
package struct AuthGuard: Sendable {
  /// So many refusals in a row begin a pause.
  package static let tolerated = 2
  /// The first pause; each further refusal doubles it.
  package static let firstPause = Duration.seconds(120)
  package static let longestPause = Duration.seconds(3600)

  /// What the last refused login came to.
  struct Refusal {
    var stage: Stage?
    var reason: Reason
    var outcome: Outcome
    var message: String
    var remedy: String
    var evidence: [Evidence]
  }

  /// The span without logins.
  struct Pause {
    var length: Duration
    var end: Duration
    /// Its end by the calendar.
    var endTime: Timestamp
  }

  var refusals = 0
  var refusal: Refusal?
  var pause: Pause?
  /// What was refused, and not accepted since.
  var refused: [Login] = []
  /// What was accepted, and not refused since.
  private var accepted: [Login] = []
  /// Logins under way of which nobody knows how they will end.
  private var uncertain = 0

  /// Whether a login may begin.
  package enum Admission: Sendable {
    case welcome
    /// It may begin; `ended` tells when it is over.
    case uncertain
    /// Not before one that is under way is over.
    case wait
    /// Not before the pause is over.
    case paused
  }

  /// Nothing was refused yet.
  package init() {}

  /// Until when logins with these credentials are suspended, or were: a pause that is over counts until a login is
  /// accepted.
  package func pausedUntil(for login: Login) -> Timestamp? {
    accepted.contains(login) ? nil : pause?.endTime
  }

  /// The credentials were accepted, and not refused since.
  func accepts(_ login: Login) -> Bool { accepted.contains(login) }

  /// No login is under way of which nobody knows how it will end.
  var isIdle: Bool { uncertain == 0 }

  /// Whether a probe that begins now may log in with these credentials. Those that were accepted are not held up
  /// by the refusal of others.
  package func logsIn(with login: Login, at now: Duration) -> Bool {
    accepted.contains(login) || pause.map { $0.end <= now } ?? true
  }

  /// Asks for a login.
  package mutating func admit(_ login: Login, at now: Duration) -> Admission {
    guard logsIn(with: login, at: now) else { return .paused }
    guard !accepted.contains(login) else { return .welcome }
    guard uncertain < max(1, Self.tolerated - refusals) else { return .wait }
    uncertain += 1
    return .uncertain
  }

  /// A login that was uncertain is over, and noted.
  package mutating func ended() { uncertain -= 1 }

  /// Ends the pause, though not the count: who is refused again waits longer than before.
  package mutating func tryAgain(at now: Duration) {
    guard let pause, pause.end > now else { return }
    self.pause?.end = now
  }

  /// Takes in what a probe that was to log in came to. One that ended before its login says nothing.
  ///
  /// - Parameters:
  ///   - login: what it logged in with.
  ///   - now: the end of the probe; pauses are counted from it.
  ///   - time: the same moment by the calendar.
  package mutating func note(
    _ result: ProbeResult, with login: Login, at now: Duration, time: Timestamp
  ) {
    if let member = result.refusedLogin {
      refusals += 1
      accepted.removeAll { $0 == login }
      if !refused.contains(login) { refused.append(login) }
      refusal = Refusal(
        stage: member.stage, reason: member.reason, outcome: result.outcome, message: member.message,
        remedy: member.remedy, evidence: member.evidence)
      guard refusals >= Self.tolerated else { return }
      let length = pause.map { min($0.length * 2, Self.longestPause) } ?? Self.firstPause
      pause = Pause(length: length, end: now + length, endTime: time + length)
    } else if result.success || result.smtp?.authMechanism != nil {
      if !accepted.contains(login) { accepted.append(login) }
      // What other doors refuse, or other credentials of the account, still counts.
      if refused.contains(login) { forgive { $0 == login } }
    }
  }

  /// Forgets all logins but these: the others are used no more, and their secrets shall go.
  mutating func keep(only used: [Login]) {
    accepted.removeAll { !used.contains($0) }
    forgive { !used.contains($0) }
  }

  /// Some of what was refused no longer counts: it was accepted, or nobody uses it any more.
  mutating func forgive(_ isForgiven: (Login) -> Bool) {
    guard !refused.isEmpty else { return }
    refused.removeAll(where: isForgiven)
    guard refused.isEmpty else { return }
    refusals = 0
    refusal = nil
    pause = nil
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
