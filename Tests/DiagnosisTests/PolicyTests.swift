import Diagnosis
import Model
import Testing

private func target(_ change: (inout PolicySettings) -> Void) -> Target {
  var settings = ProbeSettings()
  change(&settings.policy)
  return Target(name: "mx", host: "mx.test", port: 25, settings: settings)
}

private func dane(_ status: DANEFacts.Status) -> PolicyFacts {
  var facts = PolicyFacts()
  facts.dane = DANEFacts(name: "_25._tcp.mx.test", status: status, dnssec: .secure, detail: "so it is")
  return facts
}

@Suite struct PolicyTests {
  @Test(arguments: [
    (DANEFacts.Status.mismatch, Reason.daneMismatch), (.noRecords, .policyViolation),
    (.insecure, .policyViolation), (.unusable, .policyViolation), (.unknown, .dnsFailure),
  ])
  func requiredDANEHasAReasonForEachFault(_ status: DANEFacts.Status, _ reason: Reason) throws {
    let breach = try #require(dane(status).breach(for: target { $0.dane = .require }))
    #expect(breach.reason == reason)
    #expect(breach.message == "mx.test:25 fails DANE: so it is.")
    #expect(!breach.remedy.isEmpty)
    var observation = Observation(
      fault: .policy(breach), stage: .policy, target: target { $0.dane = .require },
      now: Timestamp(seconds: 0))
    observation.isInTLS = true
    let verdict = verdict(for: observation)
    #expect((verdict.stage, verdict.reason, verdict.outcome) == (.policy, reason, .down))
    #expect(verdict.remedy == breach.remedy)
  }

  @Test func whatIsOnlyReportedIsAWarning() {
    let facts = dane(.mismatch)
    #expect(facts.breach(for: target { $0.dane = .report }) == nil)
    #expect(facts.warnings == [.daneBroken])
    #expect(dane(.valid).warnings.isEmpty)
    #expect(dane(.valid).breach(for: target { $0.dane = .require }) == nil)
  }

  @Test(arguments: [
    MTASTSFacts.Status.noRecord, .badRecord, .unreachable, .badPolicy, .disabled, .hostNotCovered,
    .serverUntrusted, .unknown,
  ])
  func requiredPolicyHasACureForEachFault(_ status: MTASTSFacts.Status) throws {
    var facts = PolicyFacts()
    facts.mtaSTS = MTASTSFacts(domain: "a.test", status: status, detail: "so it is")
    let breach = try #require(facts.breach(for: target { $0.mtaSTS = .require }))
    #expect(breach.reason == (status == .unknown ? .dnsFailure : .policyViolation))
    #expect(!breach.remedy.isEmpty)
    #expect(facts.warnings == [.mtaStsBroken])
  }

  @Test func requiredReportsHaveACureToo() throws {
    var facts = PolicyFacts()
    facts.tlsRPT = TLSRPTFacts(domain: "a.test", status: .badRecord, detail: "so it is")
    let breach = try #require(facts.breach(for: target { $0.tlsRPT = .require }))
    #expect(breach.message == "a.test has no usable record for reports about TLS: so it is.")
  }
}

@Suite struct LifetimeTests {
  private static let day: Duration = .seconds(86_400)
  private static let now = Timestamp(seconds: 1_790_000_000)

  /// What a certificate that lives so many days, and has so many left, comes to.
  private func reason(lives: Int, left: Int) -> Reason {
    let end = Self.now + Self.day * left
    let link = ChainLink(subject: "CN=mx.test", notBefore: end + Self.day * -lives, notAfter: end)
    var probe = GoodProbe(target: target { _ in }, duration: .zero, now: Self.now)
    probe.certificate = CertificateFacts(
      subject: link.subject, issuer: "", issuerCommonName: "", names: [], fingerprintSHA256: "", serial: "",
      notBefore: link.notBefore, notAfter: end, chainNotAfter: end, chainLength: 1, isCommonNameOnly: false,
      isSelfIssued: false, namesIssuerLocation: false, chain: [link])
    return verdict(for: probe).reason
  }

  @Test func shortLivedCertificatesExpireSoonInTheirLastThird() {
    #expect(reason(lives: 6, left: 3) == .ok)
    #expect(reason(lives: 6, left: 1) == .certExpiring)
    #expect(reason(lives: 90, left: 15) == .ok)
    #expect(reason(lives: 90, left: 13) == .certExpiring)
    #expect(reason(lives: 30, left: 11) == .ok)
  }

  @Test func shareOfLifeGoesFromOneToZero() {
    let link = ChainLink(
      subject: "", notBefore: Self.now, notAfter: Self.now + Self.day * 10)
    #expect(link.remainingShare(at: Self.now + Self.day * -1) == 1)
    #expect(link.remainingShare(at: Self.now + Self.day * 5) == 0.5)
    #expect(link.remainingShare(at: Self.now + Self.day * 11) == 0)
  }
}
