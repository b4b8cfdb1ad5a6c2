import Model
import SMTP
import Testing

@testable import Diagnosis

@Suite struct RemedyTests {
  @Test(arguments: Reason.allCases.filter { $0 != .ok }, TLSMode.allCases)
  func `every reason has a cure that names a setting`(reason: Reason, mode: TLSMode) {
    for port in [25, 465, 587] {
      for secured in [true, false] {
        for stage in [Stage.banner, .tls, .auth, .message, .internal] {
          let seen = observation(.timeout, stage, target(port: port, mode: mode, user: "probe")) {
            $0.isInTLS = secured
          }
          let cure = Inquiry(seen).remedy(for: Verdict(stage: stage, reason: reason, message: "", remedy: ""))
          #expect(cure.contains("`"), "\(reason) \(stage)")
          #expect(cure.hasSuffix("."))
        }
      }
    }
  }

  private func refused(_ host: String, user: String, password: String = "correct horse") -> Verdict {
    verdict(
      for: observation(
        .rejected(reply("535 5.7.8 no")), .auth, target(host: host, user: user, password: password)))
  }

  @Test(arguments: [
    ("smtp.gmail.com", "a@gmail.com", "app password"), ("email-smtp.eu-west-1.amazonaws.com", "me", "AKIA"),
    ("smtp.sendgrid.net", "me", "apikey"), ("smtp.useplunk.com", "me", "plunk"),
    ("smtp.office365.com", "a@b.c", "SMTP AUTH"), ("smtp.qq.com", "a", "authorization code"),
    ("smtp-relay.brevo.com", "a", "SMTP key"), ("smtp.zoho.eu", "a", "region"),
    ("smtp.mailgun.org", "me", "full address"),
    ("smtp.yandex.ru", "a", "app password"),
  ])
  func `a provider's rules are hints beside the remedy`(host: String, user: String, words: String) {
    let found = refused(host, user: user)
    #expect(found.reason == .authRejected)
    #expect(found.remedy.contains("Hint for"))
    #expect(found.remedy.contains(words))
    #expect(found.hints == [.providerRule])
  }

  @Test func `a user that follows the rule is not blamed`() {
    #expect(!refused("smtp.sendgrid.net", user: "apikey").remedy.contains("Likely:"))
    #expect(refused("smtp.sendgrid.net", user: "me").remedy.contains("Likely:"))
    #expect(!refused("mail.example.test", user: "me").remedy.contains("Hint for"))
    #expect(Providers.of(host: "notgmail.com") == nil)
  }

  @Test(arguments: [
    ("hunter2abc\n", "line end"), (" hunter2abc", "blank"), ("'hunter2abc'", "quotation"),
    ("${SECRET_ONE}", "variable"),
    ("$SECRET_ONE", "variable"), ("hunter%40abc", "%"), ("", "empty"), ("hüntér2abc", "ASCII"),
  ])
  func `a damaged secret is described, never shown`(password: String, words: String) {
    let found = refused("mail.example.test", user: "probe", password: password)
    #expect(found.reason == .authRejected)
    #expect(found.remedy.contains(words))
    #expect(found.evidence.contains { $0.kind == .note && $0.text.contains("configured password") })
    if !password.isEmpty { #expect(!allText(of: found).contains(password)) }
  }

  @Test func `a sound secret is not suspected`() {
    #expect(
      !refused("mail.example.test", user: "probe").evidence.contains {
        $0.text.contains("configured password")
      })
  }

  @Test(
    arguments: [
      (456, 465), (578, 587), (857, 587), (26, 25), (2526, 2525), (588, 587), (466, 465), (587, nil),
      (80, nil), (993, nil),
      (1025, nil), (443, nil),
    ] as [(Int, Int?)])
  func `a mistyped port is recognized`(port: Int, meant: Int?) {
    #expect(MailPort.meant(by: port) == meant)
  }

  @Test(arguments: [
    ("456", "465", 1), ("abc", "abc", 0), ("", "ab", 2), ("kitten", "sitting", 3), ("ca", "abc", 3),
  ])
  func `edits are counted`(first: String, second: String, distance: Int) {
    #expect(EditDistance.between(first, second) == distance)
    #expect(EditDistance.between(second, first) == distance)
  }

  @Test(
    arguments: [
      ("220 mail ESMTP Exim 4.96 Mon, 23 Nov 2026 10:00:00 +0000", Int64(1_795_428_000)),
      ("220 mail ESMTP Sendmail; Mon, 23 Nov 2026 11:00:00 +0100", 1_795_428_000),
      ("220 mail ready at Mon, 23 Nov 2026 10:00:00 GMT", 1_795_428_000),
      ("220 mail Thu, 1 Jan 1970 00:00:00 +0000", 0), ("220 mail 29 Feb 2024 00:00:01 UTC", 1_709_164_801),
      ("220 mail Mon, 23 Nov 2026 10:00:00 CEST", nil), ("220 mail", nil),
      ("220 31 Foo 2026 10:00:00 GMT", nil),
    ] as [(String, Int64?)])
  func `a greeting's date is read`(line: String, seconds: Int64?) {
    #expect(GreetingDate.moment(in: reply(line)) == seconds.map(Timestamp.init(seconds:)))
  }
}

@Suite struct EvidenceTests {
  @Test func `the last reply is kept whatever comes after it`() {
    let seen = observation(.closed(reset: true), .tls) {
      $0.lastReply = reply("220 2.0.0 Ready to start TLS")
    }
    #expect(
      verdict(for: seen).evidence.contains(Evidence(.reply, "last reply: 220 2.0.0 Ready to start TLS")))
  }

  @Test func `what was said in clear outranks how the connection ended`() {
    for fault in [Fault.closed(reset: true), .closed(reset: false), .timeout, .tls(tlsFault(294))] {
      let seen = observation(fault, .tls, target(mode: .implicit)) {
        $0.rawBytes = Array("220 mail\r\n".utf8)
      }
      #expect(verdict(for: seen).reason == .portSpeaksPlaintext)
    }
  }

  @Test func `the words of a reply refine its cure`() {
    func cure(_ stage: Stage, _ line: String) -> String {
      verdict(for: observation(.rejected(reply(line)), stage)).remedy
    }
    #expect(cure(.rcpt, "450 4.7.1 Client host rejected: cannot find your hostname").contains("PTR"))
    #expect(cure(.banner, "421 4.3.2 No system resources").contains("PROXY"))
    #expect(cure(.mail, "421 4.7.66 TLS 1.0 and 1.1 are not supported").contains("tls.min_version"))
    #expect(cure(.starttls, "454 4.7.0 TLS not available").contains("certificate"))
    #expect(cure(.starttls, "500 what").contains("firewall"))
    #expect(cure(.auth, "525 5.7.1 Unauthorized IP address").contains("listed addresses"))
  }

  @Test(arguments: [
    ("(vsFTPd 3.0.3)", Service.ftp), ("ProFTPD 1.3.5 Server ready", .ftp), ("Microsoft FTP Service", .ftp),
    ("FTP server ready", .ftp), ("ftp.example.test ready", .smtp), ("ftp.example.test ESMTP ftp ", .smtp),
    ("mail.example.test", .smtp), ("", .smtp),
  ])
  func `a 220 is mail's or a file server's`(text: String, service: Service) {
    #expect(Service.recognized(in: reply("220 \(text)")) == service)
  }

  @Test func `a directory is no blocklist`() {
    let line = "550 5.1.1 a@b User not listed in Domino Directory"
    #expect(verdict(for: observation(.rejected(reply(line)), .rcpt)).reason == .recipientRejected)
    #expect(verdict(for: observation(.rejected(reply("550 listed by x")), .rcpt)).reason == .blocklisted)
  }

  @Test func `an instant refusal from afar points to the own host`() {
    var seen = unconnected(refused)
    seen.attempts[0].elapsed = .microseconds(80)
    #expect(verdict(for: seen).evidence.contains { $0.text.contains("own host") })
    seen.attempts[0].address = "127.0.0.1"
    #expect(!verdict(for: seen).evidence.contains { $0.text.contains("own host") })
  }
}

@Suite struct GoodProbeTests {
  private func probe(_ change: (inout GoodProbe) -> Void = { _ in }) -> GoodProbe {
    var subject = target()
    subject.settings.slowAfter = .seconds(3)
    var probe = GoodProbe(target: subject, duration: .seconds(1), now: testMoment)
    change(&probe)
    return probe
  }

  @Test func `a good probe is just that`() {
    let found = verdict(for: probe { $0.certificate = certificate(days: -30...60) })
    #expect((found.reason, found.outcome) == (.ok, .up))
    #expect(found.message.isEmpty && found.remedy.isEmpty)
  }

  @Test func `the one thing to know comes in its order`() {
    let first = Verdict(stage: .connect, reason: .connectTimeout, message: "It did not answer.", remedy: "r")
    let grey = verdict(for: observation(.rejected(reply("450 4.2.0 greylisted")), .rcpt))
    var subject = probe { $0.duration = .seconds(4) }
    #expect(verdict(for: subject).reason == .slow)
    subject.certificate = certificate(days: -80...9)
    #expect(verdict(for: subject).reason == .certExpiring)
    #expect(verdict(for: subject).message.contains("9 days"))
    subject.recovered = first
    #expect(verdict(for: subject).reason == .recoveredOnRetry)
    #expect(verdict(for: subject).message.contains("It did not answer."))
    subject.greylisted = grey
    #expect(verdict(for: subject).reason == .greylisted)
    #expect(verdict(for: subject).outcome == .degraded)
    #expect(!verdict(for: subject).remedy.isEmpty)
  }
}

@Suite struct ContradictionTests {
  private func refined(_ seen: Observation, _ findings: Finding...) -> Verdict {
    refine(verdict(for: seen), with: findings, observation: seen)
  }

  @Test func `a mode that a check has tried in vain is not advised`() {
    for fault in [Fault.timeout, .closed(reset: false)] {
      let seen = observation(fault, .banner, target(port: 587))
      #expect(verdict(for: seen).remedy.contains("tls.mode: implicit"))
      let found = refined(seen, .clientHelloFailed("no answer in time"))
      #expect(!found.remedy.contains("tls.mode"), "\(found.remedy)")
      #expect(found.remedy.contains("log"))
    }
  }

  @Test(arguments: [Finding.siblingRefused(port: 465), .siblingSilent(port: 465)])
  func `a port that a check found dead is not advised`(finding: Finding) {
    let seen = observation(.connect, .connect, target(port: 456)) {
      $0.attempts = [
        ConnectionAttempt(
          address: "192.0.2.1", family: .ipv4,
          failure: .system(errno: 111, text: "connect: Connection refused (ECONNREFUSED)"), elapsed: .zero)
      ]
    }
    #expect(verdict(for: seen).remedy.contains("Set `port: 465`"))
    let found = refined(seen, finding)
    #expect(
      found.remedy.contains("did you mean 465?") && !found.remedy.contains("Set `port"), "\(found.remedy)")
  }

  @Test func `an address is not said twice`() {
    let seen = observation(.connect, .connect, target(host: "192.0.2.1")) {
      $0.attempts = [
        ConnectionAttempt(
          address: "192.0.2.1", family: .ipv4,
          failure: .system(errno: 111, text: "connect: Connection refused (ECONNREFUSED)"), elapsed: .zero)
      ]
    }
    #expect(
      verdict(for: seen).message
        == "Nothing accepts connections on 192.0.2.1:587: the connection was refused.")
  }
}
