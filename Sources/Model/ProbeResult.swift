/// What one probe found: the value behind the JSON, the metrics and the pages.
package struct ProbeResult: Sendable, Equatable {
  package var target: String
  package var host: String
  package var port: Int
  package var tlsMode: TLSMode
  package var startedAt: Timestamp
  package var duration: Duration
  package var outcome: Outcome
  /// nil for a good probe.
  package var stage: Stage?
  package var reason: Reason
  package var attempts: Int
  /// One sentence for a person; empty for a good probe.
  package var message: String
  /// What to change; empty for a good probe.
  package var remedy: String
  /// A setting that a follow-up check proved.
  package var suggestion: Suggestion?
  package var evidence: [Evidence]
  package var warnings: Set<Warning>
  /// The address that the probe reached or last tried.
  package var address: String?
  package var family: AddressFamily?
  package var phases: PhaseTimings
  /// The last complete reply; QUIT's only where nothing else came.
  package var reply: ReplyFacts?
  /// The last reply's code by stage.
  package var replyCodes: [ReplyCode]
  package var smtp: SMTPFacts?
  package var tls: TLSFacts?
  /// nil where no policy is looked up.
  package var policy: PolicyFacts?
  /// nil where no access token is asked for.
  package var accessToken: TokenFacts?
  /// The probe was to log in and did not, so that the account is not locked.
  package var isLoginWithheld = false
  package var transcript: Transcript
  /// Messages that a server took over.
  package var messagesSent: Int
  /// The token of the message that a server took over.
  package var sentToken: String?
  /// What each server or address came to, where the target is several; the rest is their roll-up.
  package var members: [ProbeResult]

  package var success: Bool { outcome.isSuccess }
  /// Until when the access token is good; members of a target share one.
  package var tokenExpiry: Timestamp? { accessToken?.expiry ?? members.first?.accessToken?.expiry }
  /// A retry in seconds or minutes can help.
  package var retryable: Bool {
    // Refused for now or for good: here the reply tells, not the reason (RFC 5321 section 4.2.1).
    if reason == .starttlsRefused, let reply { return reply.code < 500 }
    return reason.retry == .soon || reason.retry == .later
  }

  /// A good result with nothing seen yet; a probe fills it in.
  package init(target: Target, startedAt: Timestamp) {
    self.init(
      target: target.name, host: target.host, port: target.port, tlsMode: target.settings.tls.mode,
      startedAt: startedAt)
  }

  /// A good result with nothing seen yet, of a target by its name.
  package init(target: String, host: String, port: Int, tlsMode: TLSMode, startedAt: Timestamp) {
    self.target = target
    self.host = host
    self.port = port
    self.tlsMode = tlsMode
    self.startedAt = startedAt
    duration = .zero
    outcome = .up
    reason = .ok
    attempts = 1
    message = ""
    remedy = ""
    evidence = []
    warnings = []
    phases = PhaseTimings()
    replyCodes = []
    transcript = []
    messagesSent = 0
    members = []
  }
}

/// A port and a mode that were seen to work.
package struct Suggestion: Sendable, Equatable {
  package var port: Int
  package var tlsMode: TLSMode

  /// A setting.
  package init(port: Int, tlsMode: TLSMode) {
    self.port = port
    self.tlsMode = tlsMode
  }
}

/// The family of an address.
package enum AddressFamily: String, Sendable {
  case ipv4
  case ipv6

  /// 4 or 6.
  package var number: Int { self == .ipv4 ? 4 : 6 }
}

/// A reply as it is reported.
package struct ReplyFacts: Sendable, Equatable {
  package var code: Int
  /// Such as `5.7.8` (RFC 3463).
  package var enhanced: String?
  /// All lines, joined by line feeds, escaped and capped.
  package var text: String

  /// A reply.
  package init(code: Int, enhanced: String?, text: String) {
    self.code = code
    self.enhanced = enhanced
    self.text = text
  }
}

/// The last reply code of a stage.
package struct ReplyCode: Sendable, Equatable {
  package var stage: Stage
  package var code: Int

  /// A code at a stage.
  package init(stage: Stage, code: Int) {
    self.stage = stage
    self.code = code
  }
}

/// What the server said of itself. Shared by every result that saw the same.
package final class SMTPFacts: Sendable, Equatable {
  /// The greeting's text, escaped and capped.
  package let banner: String
  /// The EHLO lines after the first, as in the last EHLO; empty after HELO.
  package let capabilities: [String]
  /// The mechanisms of the AUTH line.
  package let authMechanisms: [String]
  /// The mechanism used.
  package let authMechanism: String?
  /// The value of SIZE; nil where it is not offered.
  package let sizeLimit: Int?

  /// What a server said.
  package init(
    banner: String, capabilities: [String], authMechanisms: [String], authMechanism: String?, sizeLimit: Int?
  ) {
    self.banner = banner
    self.capabilities = capabilities
    self.authMechanisms = authMechanisms
    self.authMechanism = authMechanism
    self.sizeLimit = sizeLimit
  }

  package static func == (left: SMTPFacts, right: SMTPFacts) -> Bool {
    left === right
      || (left.banner == right.banner && left.capabilities == right.capabilities
        && left.authMechanisms == right.authMechanisms && left.authMechanism == right.authMechanism
        && left.sizeLimit == right.sizeLimit)
  }
}

extension ProbeResult {
  /// Warns that the refresh token of a login is in memory only, for a reason in words.
  package mutating func note(unsavedRefreshToken why: String) {
    guard warnings.insert(.refreshTokenUnsaved).inserted else { return }
    evidence.append(
      Evidence(
        .note, "the token endpoint replaced the refresh token, and the new one is in memory only: \(why)"))
  }
}
