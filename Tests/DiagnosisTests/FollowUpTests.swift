import Model
import SMTP
import Testing

@testable import Diagnosis

private let greeting = reply("220 mail.example.test ESMTP")
private func facts(_ version: String = "TLSv1.3") -> TLSFacts {
  TLSFacts(
    version: version, cipher: "C", verified: false, faults: [], certificate: nil,
    clientCertificateRequested: false)
}

private func followed(_ seen: Observation, _ findings: Finding...) -> Verdict {
  refine(verdict(for: seen), with: findings, observation: seen)
}

@Suite struct FollowUpTests {
  private func checks(_ seen: Observation, level: DiagnosisLevel = .active) -> [FollowUpCheck] {
    plan(after: verdict(for: seen), observation: seen, level: level)
  }

  @Test func `a silent port is first asked in TLS on the same connection`() {
    let plan = checks(observation(.timeout, .banner, target(mode: .none)))
    #expect(plan.first == .clientHelloOnSameConnection)
    #expect(plan.contains(.sibling(port: 465, mode: .implicit)))
  }

  @Test func `nobody speaks first on port 25`() {
    let plan = checks(observation(.timeout, .banner, target(port: 25, mode: .none)))
    #expect(!plan.contains(.clientHelloOnSameConnection))
    #expect(checks(observation(.closed(reset: false), .banner, target(port: 25))) == [])
    #expect(checks(observation(.closed(reset: false), .banner)) == [.clientHelloFirst])
  }

  @Test(arguments: allVectors)
  func `a plan stays within its limits`(vector: Vector) {
    let plan = checks(vector.seen)
    #expect(plan.map(\.connections).reduce(0, +) <= 4)
    #expect(!plan.contains(.sibling(port: vector.seen.target.port, mode: .starttls)))
    #expect(checks(vector.seen, level: .passive) == [])
    #expect(checks(vector.seen, level: .off) == [])
    let unwelcome: Set<Reason> = [
      .authRejected, .authAppPassword, .rateLimited, .blocklisted, .bannerRejected, .serverBusy, .greylisted,
    ]
    if unwelcome.contains(vector.reason) { #expect(plan == []) }
  }

  @Test func `each symptom has its checks`() {
    #expect(checks(observation(.name(.notFound), .dns)) == [.resolvers])
    #expect(checks(unconnected(refused)).first == .otherAddresses(limit: 1))
    #expect(checks(unconnected(refused, port: 456))[1] == .sibling(port: 465, mode: .implicit))
    #expect(checks(unconnected(.timeout, refused)).allSatisfy { $0 != .otherAddresses(limit: 1) })
    #expect(
      checks(unconnected(.system(errno: 101, text: "Network is unreachable"))) == [.otherAddresses(limit: 3)])
    #expect(checks(observation(.rejected(reply("501 bad")), .ehlo)) == [.otherNames])
    #expect(checks(observation(.rejected(reply("421 go away (EHLO)")), .ehlo)) == [])
    #expect(
      checks(observation(.tls(tlsFault(1040)), .tls)) == [
        .handshake(.upToTLS12), .handshake(.legacy), .handshake(.withoutServerName),
      ])
    #expect(checks(observation(.starttlsNotOffered, .starttls)).first == .sibling(port: 465, mode: .implicit))
    #expect(checks(distrusted([10])) == [])
  }
}

@Suite struct RefinementTests {
  @Test func `V09: a silent port that answers a ClientHello expects TLS`() {
    let found = followed(
      observation(.timeout, .banner, target(mode: .none)), .implicitTLSGreeted(facts(), greeting: greeting))
    #expect((found.stage, found.reason) == (.banner, .portExpectsTls))
    #expect(found.suggestion == Suggestion(port: 587, tlsMode: .implicit))
    #expect(found.remedy.contains("tls.mode: implicit"))
    #expect(found.evidence.contains { $0.kind == .check })
    #expect(found.hints == [.implicitTlsHere])
  }

  @Test func `a handshake without a greeting proves no setting`() {
    let found = followed(
      observation(.closed(reset: false), .banner), .implicitTLSGreeted(facts(), greeting: nil))
    #expect(found.reason == .portExpectsTls)
    #expect(found.suggestion == nil)
  }

  @Test func `what greets inside TLS may be another service`() {
    let found = followed(
      observation(.timeout, .banner), .implicitTLSGreeted(facts(), greeting: reply("220 FTP server ready")))
    #expect(found.reason == .notSmtp)
    #expect(found.suggestion == nil)
  }

  @Test func `what answers a ClientHello in its own language is named, and nothing more is asked`() {
    let answer = Finding.clientHelloFailed(
      "wrong version number", heard: Array("HTTP/1.1 400 Bad Request\r\n".utf8))
    let found = followed(observation(.timeout, .banner), answer)
    #expect((found.stage, found.reason) == (.banner, .notSmtp))
    #expect(found.message.contains("in HTTP (\"HTTP/1.1 400 Bad Request\")"))
    #expect(found.remedy.contains("Set `port`") && found.hints.isEmpty)
    #expect(answer.isDecisive)
    // A mail server that chokes on a ClientHello is one all the same.
    let choked = Finding.clientHelloFailed("wrong version number", heard: Array("500 5.5.2 Error\r\n".utf8))
    #expect(followed(observation(.timeout, .banner), choked).reason == .bannerTimeout)
    #expect(!choked.isDecisive)
  }

  @Test(arguments: [24, 25, 587])
  func `where the host answers and a port does not, it may be a filter or a full server`(port: Int) {
    let seen = observation(.connect, .connect, target(port: port))
    let found = followed(seen, .siblingRefused(port: 465))
    #expect(found.reason == .connectTimeout)
    #expect(found.message.contains("likely a firewall drops what goes to port \(port), or the server there"))
    #expect(found.remedy.contains("at its limit of connections") == (port != 25))
  }

  @Test func `a limit is told as it was set, not as its first milliseconds left it`() {
    #expect(Duration.microseconds(9_998_123).spoken == "10 s")
    #expect(Duration.milliseconds(10_000).spoken == "10 s" && Duration.milliseconds(1_500).spoken == "1.5 s")
    #expect(Duration.milliseconds(250).spoken == "250 ms" && Duration.milliseconds(1_940).spoken == "1.9 s")
  }

  @Test func `a port that answers neither way stays silent`() {
    let found = followed(
      observation(.timeout, .banner), .clientHelloFailed("no answer"),
      .siblingGreeted(port: 465, mode: .implicit, greeting: greeting))
    #expect(found.reason == .bannerTimeout)
    #expect(found.hints.contains(.sibling465))
    #expect(found.hints.contains(.listenerWedged))
    #expect(found.suggestion == Suggestion(port: 465, tlsMode: .implicit))
  }

  @Test func `V19: one family fails, the other works`() {
    let seen = observation(.connect, .connect) {
      $0.attempts = [
        ConnectionAttempt(address: "::1", family: .ipv6, failure: refused, elapsed: .milliseconds(1))
      ]
    }
    let found = followed(seen, .addressAnswered(address: "127.0.0.1", family: .ipv4))
    #expect((found.stage, found.reason) == (.connect, .ipFamilyBroken))
    #expect(found.message.contains("IPv6"))
    #expect(found.message.contains("127.0.0.1"))
    #expect(found.suggestion == nil)
  }

  @Test func `one dead address of several keeps its symptom and is named`() {
    let found = followed(unconnected(refused), .addressAnswered(address: "203.0.113.9", family: .ipv4))
    #expect(found.reason == .connectRefused)
    #expect(found.message.contains("203.0.113.9"))
  }

  @Test func `a sibling that greets is the right port`() {
    let found = followed(
      unconnected(refused, port: 456), .siblingGreeted(port: 465, mode: .implicit, greeting: greeting))
    #expect(found.reason == .wrongPort)
    #expect(found.suggestion == Suggestion(port: 465, tlsMode: .implicit))
    #expect(found.remedy.contains("SMTP_PORT=465"))
    #expect(found.outcome == .down)
  }

  @Test func `only an unfiltered port gets through: the way out is blocked`() {
    let found = followed(
      unconnected(.timeout, port: 587), .siblingSilent(port: 465),
      .siblingGreeted(port: 2525, mode: .starttls, greeting: greeting))
    #expect(found.reason == .egressBlocked)
    #expect(found.outcome == .inconclusive)
    #expect(found.message.contains("465 and 587"))
    #expect(found.suggestion == Suggestion(port: 2525, tlsMode: .starttls))
  }

  @Test func `silence everywhere proves nothing`() {
    let seen = unconnected(.timeout)
    let found = followed(seen, .siblingSilent(port: 465), .siblingSilent(port: 25))
    #expect(found.reason == .connectTimeout)
    #expect(found.suggestion == nil)
    #expect(found.message == verdict(for: seen).message)
  }

  @Test func `a host that refuses elsewhere is up: the port is filtered`() {
    let found = followed(unconnected(.timeout), .siblingRefused(port: 465))
    #expect(found.reason == .connectTimeout)
    #expect(found.message.contains("firewall"))
  }

  @Test func `one mask and a sibling that cannot be masked prove the firewall`() {
    let masked = observation(.starttlsNotOffered, .starttls) { $0.clearCapabilities = ["XXXXXXXA"] }
    let sibling = Finding.siblingGreeted(port: 465, mode: .implicit, greeting: greeting)
    #expect(followed(masked, sibling).reason == .starttlsStripped)
    let plain = followed(observation(.starttlsNotOffered, .starttls), sibling)
    #expect(plain.reason == .starttlsNotOffered)
    #expect(plain.suggestion == Suggestion(port: 465, tlsMode: .implicit))
  }

  @Test(arguments: [
    (Fault.tls(tlsFault(1040)), TLSRung.legacy, "TLSv1", Reason.tlsVersion, Hint?.some(.legacyTls)),
    (.tls(tlsFault(1040)), .legacy, "TLSv1.2", .tlsRejected, .legacyTls),
    (.tls(tlsFault(394)), .legacy, "TLSv1.2", .tlsWeakPeer, .legacyTls),
    (.closed(reset: false), .legacy, "TLSv1.1", .tlsVersion, .legacyTls),
    (.closed(reset: false), .upToTLS12, "TLSv1.2", .tlsVersion, nil),
    (.tls(tlsFault(1040)), .withoutServerName, "TLSv1.3", .tlsSni, .sni),
  ])
  func `the ladder tells which knob`(
    fault: Fault, rung: TLSRung, version: String, reason: Reason, hint: Hint?
  ) {
    let found = followed(
      observation(fault, .tls, target(mode: .implicit)), .ladder(rung, .succeeded(facts(version))))
    #expect(found.reason == reason)
    #expect(found.stage == .tls)
    if let hint { #expect(found.hints.contains(hint)) }
    #expect(found.evidence.contains { $0.kind == .check && $0.text.contains(version) })
  }

  @Test func `a ladder without a hold leaves the symptom`() {
    let seen = observation(.tls(tlsFault(1040)), .tls)
    #expect(followed(seen, .ladder(.legacy, .failed("alert 40"))).reason == .tlsRejected)
  }

  @Test(arguments: [
    (NameFailure.timeout, Finding.ResolverAnswer.refused("SERVFAIL"), Reason.dnsFailure, "SERVFAIL"),
    (.timeout, .notFound, .dnsNotFound, "does not exist"),
    (.notFound, .noAddress, .dnsNoAddress, "no address"),
    (.notFound, .notFound, .dnsNotFound, "NXDOMAIN"),
    (.timeout, .silent, .dnsFailure, "127.0.0.53"),
    (.refused("SERVFAIL"), .addresses(["192.0.2.1"]), .dnsFailure, "192.0.2.1"),
  ])
  func `a resolver that is asked directly tells`(
    failure: NameFailure, answer: Finding.ResolverAnswer, reason: Reason, words: String
  ) {
    let found = followed(
      observation(.name(failure), .dns), .resolver(address: "127.0.0.53", answer))
    #expect(found.reason == reason)
    #expect(allText(of: found).contains(words))
  }

  @Test func `an EHLO name that pleases is the remedy`() {
    let found = followed(observation(.rejected(reply("501 bad")), .ehlo), .nameAccepted("[192.0.2.1]"))
    #expect(found.reason == .ehloRejected)
    #expect(found.remedy == "Set `ehlo: [192.0.2.1]`, which the server accepts.")
  }

  @Test func `no findings, no change`() {
    for vector in allVectors {
      let symptom = verdict(for: vector.seen)
      #expect(refine(symptom, with: [], observation: vector.seen) == symptom)
    }
  }

  @Test func `a suggestion reads as settings`() {
    #expect(
      settings(for: Suggestion(port: 465, tlsMode: .implicit), host: "mail.example.test") == [
        "port: 465", "tls: { mode: implicit }", "SMTP_PORT=465", "smtps://mail.example.test:465",
      ])
    #expect(
      settings(for: Suggestion(port: 587, tlsMode: .implicit), host: "2001:db8::1") == [
        "port: 587", "tls: { mode: implicit }", "smtps://[2001:db8::1]:587",
      ])
  }
}

/// A message that is not answered (passive: what the kernel says of the connection is all there is).
@Suite struct UnsentBytesTests {
  private func silence(_ stage: Stage, unsent: Int?) -> Verdict {
    verdict(for: observation(.timeout, stage) { $0.unsentBytes = unsent })
  }

  @Test(arguments: [Stage.data, .message])
  func `bytes that do not arrive point to the network`(stage: Stage) {
    let found = silence(stage, unsent: 1448)
    #expect((found.stage, found.reason) == (stage, .replyTimeout))
    #expect(found.hints == [.pmtu])
    #expect(found.evidence.contains { $0.text.hasPrefix("1448 bytes were not acknowledged") })
    #expect(found.remedy.contains("path MTU"))
  }

  @Test(arguments: [Stage.data, .message])
  func `where all has arrived the server is thinking`(stage: Stage) {
    let found = silence(stage, unsent: 0)
    #expect(found.reason == .replyTimeout)
    #expect(found.hints == [])
    #expect(found.evidence.contains { $0.text.hasSuffix("the server is thinking") })
    #expect(!found.remedy.contains("MTU"))
  }

  @Test func `where the system does not say nothing is claimed`() {
    let found = silence(.message, unsent: nil)
    #expect(found.hints == [])
    #expect(!found.evidence.contains { $0.text.contains("acknowledged") })
  }

  @Test func `in other stages it says nothing`() {
    #expect(silence(.rcpt, unsent: 100).hints == [])
  }
}
