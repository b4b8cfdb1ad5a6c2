import Base
import Model
import Monitor

extension CertificateFacts {
  static let leaf = CertificateFacts(
    subject: "CN=smtp.useplunk.com", issuer: "C=US,O=Let's Encrypt,CN=R11", issuerCommonName: "R11",
    names: ["smtp.useplunk.com", "*.useplunk.com"],
    fingerprintSHA256: "0f".padded(to: 64), serial: "04a1b2",
    notBefore: FakeHistory.now + .seconds(-30 * 86_400),
    notAfter: FakeHistory.now + .seconds(60 * 86_400 + 3600),
    chainNotAfter: FakeHistory.now + .seconds(60 * 86_400 + 3600), chainLength: 2, isCommonNameOnly: false,
    isSelfIssued: false, namesIssuerLocation: true)

  static let expired = CertificateFacts(
    subject: "CN=<script>alert(1)</script>", issuer: "CN=Evil \"CA\"\u{7}",
    issuerCommonName: "Evil \"CA\"\u{7}",
    names: ["<img src=x>"], fingerprintSHA256: "1e".padded(to: 64), serial: "01",
    notBefore: FakeHistory.now + .seconds(-90 * 86_400), notAfter: FakeHistory.now + .seconds(-86_400),
    chainNotAfter: FakeHistory.now + .seconds(-86_400), chainLength: 1, isCommonNameOnly: false,
    isSelfIssued: true, namesIssuerLocation: false)
}

extension TargetSnapshot {
  /// A login that the server refuses.
  static let rejected: TargetSnapshot = {
    var settings = ProbeSettings()
    settings.auth = AuthSettings(username: "plunk", password: Secret("hunter2"))
    let target = Target(
      name: "plunk", host: "smtp.useplunk.com", port: 587, module: "submission", group: "providers",
      labels: [("team", "messaging"), ("host", "hidden"), ("not-a-label", "x")], settings: settings)
    var result = ProbeResult(target: target, startedAt: FakeHistory.now + .seconds(-12))
    result.duration = .milliseconds(231)
    result.outcome = .down
    result.stage = .auth
    result.reason = .authRejected
    result.message = "The server refused the login of user plunk."
    result.remedy = "Check auth.username and auth.password_file: the server does not know this pair."
    result.evidence = [
      Evidence(.reply, "535 5.7.8 Authentication credentials invalid"),
      Evidence(.hint, "provider_rule: the user name is always plunk, the password is the secret API key"),
    ]
    result.address = "203.0.113.7"
    result.family = .ipv4
    result.phases = .sample
    result.reply = ReplyFacts(code: 535, enhanced: "5.7.8", text: "5.7.8 Authentication credentials invalid")
    result.replyCodes = [
      ReplyCode(stage: .banner, code: 220), ReplyCode(stage: .ehlo, code: 250),
      ReplyCode(stage: .starttls, code: 220),
      ReplyCode(stage: .ehlo, code: 250), ReplyCode(stage: .auth, code: 535),
    ]
    result.smtp = SMTPFacts(
      banner: "smtp.useplunk.com ESMTP ready",
      capabilities: ["SIZE 10240000", "AUTH PLAIN LOGIN X-EVIL", "x-evil"],
      authMechanisms: ["PLAIN", "LOGIN", "X-EVIL"], authMechanism: "PLAIN", sizeLimit: 10_240_000)
    result.tls = TLSFacts(
      version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", verified: true, faults: [], certificate: .leaf,
      clientCertificateRequested: false, staple: .sample)
    result.transcript = .sample
    var counters = TargetCounters()
    counters.runs = 240
    counters.failures = 10
    counters.failureReasons = [
      FailureKind(stage: .auth, reason: .authRejected): 8,
      FailureKind(stage: .connect, reason: .connectTimeout): 2,
    ]
    counters.retries = 2
    for time in [4, 80, 230, 1200] { counters.latency.observe(.milliseconds(time)) }
    return TargetSnapshot(
      target: target, last: Shared(result), lastFailure: Shared(result),
      lastSuccessAt: FakeHistory.now + .seconds(-330),
      since: FakeHistory.now + .seconds(-300), consecutiveFailures: 8, counters: counters,
      nextRunAt: FakeHistory.now + .seconds(18), authPausedUntil: FakeHistory.now + .seconds(600),
      certificate: .leaf)
  }()

  static let working: TargetSnapshot = {
    var settings = ProbeSettings()
    settings.tls.mode = .implicit
    settings.send = SendSettings(envelope: Envelope(from: "a@example.net", to: "b@example.net"))
    settings.delivery = DeliverySettings(mailbox: .maildir("/var/mail/probe"))
    let target = Target(
      name: "mail a/b", host: "mail.example.net", port: 465, module: "submission", group: "own",
      settings: settings)
    var result = good(target)
    result.family = .ipv6
    result.policy = PolicyFacts()
    result.policy?.dane = DANEFacts(
      name: "_465._tcp.mail.example.net", status: .valid, dnssec: .secure,
      records: [
        DANEFacts.Record(text: "3 1 1 0b9f", isUsable: true, matches: true),
        DANEFacts.Record(text: "3 1 1 77aa", isUsable: true, matches: false),
        DANEFacts.Record(text: "1 1 1 00ff", isUsable: false, matches: false),
      ], isRolloverReady: true)
    return of(target, result, certificate: .leaf)
  }()

  /// A server that took a message over which is nowhere.
  static let losing: TargetSnapshot = {
    var settings = ProbeSettings()
    settings.send = SendSettings(envelope: Envelope(from: "a@example.net", to: "b@example.net"))
    settings.delivery = DeliverySettings(mailbox: .maildir("/var/mail/probe"))
    let target = Target(name: "losing", host: "mail.example.org", port: 25, module: "mx", settings: settings)
    var result = good(target)
    result.outcome = .degraded
    result.warnings = [.messageLost]
    result.message = "The server accepted the test message, and it did not arrive: queue id 4XYZ."
    result.remedy = "Look for `4XYZ` in the mail log of mail.example.org: it says where the message went."
    return of(target, result, certificate: nil)
  }()

  static let slow: TargetSnapshot = {
    let target = Target(name: "relay", host: "relay.example.org", port: 25, module: "mx")
    var result = good(target)
    result.outcome = .degraded
    result.reason = .slow
    result.duration = .milliseconds(4210)
    result.message = "The probe took 4.2 s; slow_after is 3 s."
    result.remedy = "See which phase takes the time, or raise slow_after."
    result.warnings = [.quitUnclean]
    return of(target, result, certificate: nil)
  }()

  static let unknown: TargetSnapshot = {
    let target = Target(name: "offsite", host: "mx.example.com", port: 25, module: "mx")
    var result = good(target)
    result.outcome = .inconclusive
    result.stage = .connect
    result.reason = .egressBlocked
    result.message = "No outside host answers on port 25 from here."
    result.remedy = "Ask the provider of this host to open outgoing port 25."
    result.smtp = nil
    result.reply = nil
    return of(target, result, certificate: nil)
  }()

  static let waiting = TargetSnapshot(
    target: Target(name: "fresh", host: "new.example.net", port: 587), last: nil, lastFailure: nil,
    lastSuccessAt: nil, since: nil, consecutiveFailures: 0, counters: TargetCounters(),
    nextRunAt: FakeHistory.now + .seconds(7), authPausedUntil: nil, certificate: nil)

  /// Whatever the other side may write is here as it would be at its worst.
  static let hostile: TargetSnapshot = {
    let evil = "</pre><script>alert('x')</script> \"quoted\" & \u{202e}"
    let target = Target(name: "<b>&\"\n\\", host: "evil.example", port: 587)
    var result = good(target)
    result.outcome = .down
    result.stage = .tls
    result.reason = .certExpired
    result.message = "The certificate ended: \(evil)"
    result.remedy = "Renew it: \(evil)"
    result.evidence = [Evidence(.certificate, evil)]
    result.reply = ReplyFacts(code: 220, enhanced: nil, text: evil)
    result.smtp = SMTPFacts(
      banner: evil, capabilities: [evil], authMechanisms: [evil], authMechanism: nil, sizeLimit: nil)
    result.tls = TLSFacts(
      version: "TLSv1.2", cipher: "ECDHE", verified: false,
      faults: [CertificateFault(code: 10, depth: 0, text: "certificate has expired")], certificate: .expired,
      clientCertificateRequested: false)
    result.transcript = [TranscriptLine(at: .milliseconds(31), from: .server, tls: false, text: evil)]
    return of(target, result, certificate: .expired)
  }()

  private static func good(_ target: Target) -> ProbeResult {
    var result = ProbeResult(target: target, startedAt: FakeHistory.now + .seconds(-21))
    result.duration = .milliseconds(187)
    result.family = .ipv4
    result.address = "198.51.100.4"
    result.phases = .sample
    result.reply = ReplyFacts(code: 221, enhanced: "2.0.0", text: "2.0.0 Bye")
    result.smtp = SMTPFacts(
      banner: "mail.example.net ESMTP Postfix", capabilities: ["PIPELINING", "8BITMIME", "SIZE 0"],
      authMechanisms: [], authMechanism: nil, sizeLimit: 0)
    result.transcript = .sample
    return result
  }

  private static func of(
    _ target: Target, _ result: ProbeResult, certificate: CertificateFacts?
  ) -> TargetSnapshot {
    var counters = TargetCounters()
    counters.runs = 240
    counters.inconclusive = result.outcome == .inconclusive ? 5 : 0
    return TargetSnapshot(
      target: target, last: Shared(result), lastFailure: nil,
      lastSuccessAt: result.success ? result.startedAt : nil,
      since: FakeHistory.now + .seconds(-6800), consecutiveFailures: result.outcome == .down ? 3 : 0,
      counters: counters, nextRunAt: FakeHistory.now + .seconds(9), authPausedUntil: nil,
      certificate: certificate)
  }
}

extension PhaseTimings {
  fileprivate static let sample: PhaseTimings = {
    var phases = PhaseTimings()
    phases[.dns] = .milliseconds(4)
    phases[.connect] = .milliseconds(20)
    phases[.banner] = .milliseconds(31)
    phases[.ehlo] = .milliseconds(20)
    phases[.starttls] = .microseconds(19_700)
    phases[.tls] = .milliseconds(62)
    phases[.ehloTls] = .milliseconds(21)
    phases[.auth] = .milliseconds(53)
    return phases
  }()
}

extension Transcript {
  fileprivate static let sample: Transcript = [
    TranscriptLine(
      at: .milliseconds(55), from: .server, tls: false, text: "220 smtp.useplunk.com ESMTP ready"),
    TranscriptLine(at: .milliseconds(55), from: .client, tls: false, text: "EHLO monitor.example.net"),
    TranscriptLine(at: .milliseconds(75), from: .server, tls: false, text: "250-smtp.useplunk.com"),
    TranscriptLine(at: .milliseconds(75), from: .server, tls: false, text: "250 STARTTLS"),
    TranscriptLine(at: .milliseconds(75), from: .client, tls: false, text: "STARTTLS"),
    TranscriptLine(at: .milliseconds(95), from: .server, tls: false, text: "220 2.0.0 Ready"),
    TranscriptLine(at: .milliseconds(157), from: .note, tls: true, text: "TLSv1.3, TLS_AES_256_GCM_SHA384"),
    TranscriptLine(at: .milliseconds(178), from: .client, tls: true, text: "AUTH PLAIN <secret>"),
    TranscriptLine(
      at: .milliseconds(231), from: .server, tls: true, text: "535 5.7.8 Authentication credentials invalid"),
  ]
}

extension String {
  fileprivate func padded(to length: Int) -> String { String(repeating: self, count: length / count) }
}

extension StapleFacts {
  /// One that vouches for its certificate until tomorrow.
  static var sample: StapleFacts {
    var staple = StapleFacts(status: .good, isDemanded: true)
    staple.thisUpdate = FakeHistory.now + .seconds(-3600)
    staple.nextUpdate = FakeHistory.now + .seconds(86_400)
    return staple
  }
}
