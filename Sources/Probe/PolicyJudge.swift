import Base
import DNS
import Diagnosis
import Loop
import Model
import Policy
import TLS

/// Holds the policies that a domain publishes against what a probe saw.
struct PolicyJudge {
  let lookups: PolicyLookups

  /// The TLSA records of the target against the chain that it showed.
  func dane(_ run: ProbeRun, on loop: isolated EventLoop) async -> DANEFacts {
    let target = run.plan.target
    guard SocketAddress(literal: target.host) == nil else {
      return DANEFacts(
        name: run.plan.tlsaName(of: target.host), status: .noRecords, dnssec: .unknown,
        detail: "TLSA records belong to names, and \(target.host) is an address")
    }
    let found: TLSALookup
    do throws(Unanswered) {
      if let known = run.tlsa {
        found = known
      } else {
        found = try await tlsa(run, until: run.deadline, on: loop)
      }
    } catch {
      let name = run.plan.tlsaName(of: target.host.lowercased())
      return DANEFacts(name: name, status: .unknown, dnssec: .unknown, detail: error.words)
    }
    switch found.outcome {
    case .insecure(let words):
      return DANEFacts(
        name: found.name, status: .insecure, dnssec: .insecure,
        detail:
          "\(words), so that senders look up no TLSA records: the zone is not signed, or the resolver does "
          + "not validate")
    case .answer(let answer):
      let records = answer.records.map {
        TLSARecord(data: $0) ?? TLSARecord(usage: 255, selector: 255, matching: 255, association: $0)
      }
      return DANEFacts(
        name: found.name, dnssec: answer.isAuthenticated ? .secure : .insecure, records: records,
        matches: run.peerChain.map { chain in
          { Self.matches($0, chain, hosts: found.referenceNames, at: run.result.startedAt) }
        })
    }
  }

  /// `hosts` are the names that a certificate may be for where an authority vouches for it (RFC 7672 section 3.2.2).
  private static func matches(
    _ record: TLSARecord, _ chain: PeerChain, hosts: [String], at now: Timestamp
  ) -> Bool {
    guard record.isAuthority else {
      return chain.isServer(record.association, selector: record.selector, matching: record.matching)
    }
    return hosts.contains { host in
      chain.leadsToAuthority(
        record.association, selector: record.selector, matching: record.matching, name: host, at: now)
    }
  }

  /// The domain's MTA-STS policy against the target and its certificate.
  func mtaSTS(_ run: ProbeRun, domain: String, on loop: isolated EventLoop) async -> MTASTSFacts {
    let settings = run.plan.target.settings.policy
    let question = PolicyLookups.Domain(
      domain: domain, resolver: settings.resolver, caFile: settings.caFile)
    guard let published = await lookups.policy(of: question, until: run.deadline, on: loop) else {
      return MTASTSFacts(
        domain: domain, status: .unknown,
        detail: "the policy of \(domain) was not there before the probe's time was over")
    }
    var facts = MTASTSFacts(domain: domain, status: .valid)
    facts.id = published.record?.id
    facts.certificateExpiry = published.certificateExpiry
    if let (policy, fetchedAt) = published.policy {
      facts.mode = policy.mode.rawValue
      facts.maxAge = policy.maxAge
      facts.mx = policy.mx
      facts.fetchedAt = fetchedAt
      judge(&facts, policy, run)
    } else if let fault = published.fault {
      (facts.status, facts.detail) = fault.verdict
    }
    return facts
  }

  private func judge(_ facts: inout MTASTSFacts, _ policy: MTASTSPolicy, _ run: ProbeRun) {
    let host = run.plan.target.host
    guard policy.mode != .none else {
      return (facts.status, facts.detail) = (.disabled, "the policy is switched off (mode none)")
    }
    facts.isHostCovered = policy.covers(host)
    if facts.isHostCovered == false {
      facts.status = .hostNotCovered
      facts.detail = "\(host) is none of the policy's mx (\(policy.mx.prefix(4).joined(separator: ", ")))"
    } else if run.result.tls?.verified != true {
      facts.status = .serverUntrusted
      let fault = run.result.tls?.faults.first?.text
      facts.detail = fault.map { "the certificate does not pass: \($0)" } ?? "there was no TLS"
    }
  }

  /// The domain's record for reports about TLS.
  func tlsRPT(_ run: ProbeRun, domain: String, on loop: isolated EventLoop) async -> TLSRPTFacts {
    do throws(Unanswered) {
      let answer = try await records(
        .txt, at: "_smtp._tls.\(domain)", run, until: run.deadline, on: loop)
      do throws(RecordFault) {
        let record = try TLSRPTRecord(answer.texts)
        return TLSRPTFacts(domain: domain, status: .valid, reportsTo: record.reportsTo)
      } catch {
        return TLSRPTFacts(
          domain: domain, status: error.isAbsence ? .noRecord : .badRecord, detail: "\(error)")
      }
    } catch {
      return TLSRPTFacts(domain: domain, status: .unknown, detail: error.words)
    }
  }
}

extension RecordFault {
  fileprivate var isAbsence: Bool {
    if case .missing = self { true } else { false }
  }
}

extension PublishedPolicy.Fault {
  fileprivate var verdict: (MTASTSFacts.Status, String) {
    switch self {
    case .lookup(let words): (.unknown, "the record cannot be looked up: \(words)")
    case .record(let fault): (fault.isAbsence ? .noRecord : .badRecord, fault.description)
    case .fetch(let words): (.unreachable, "the policy cannot be fetched: \(words)")
    case .policy(let words): (.badPolicy, words)
    }
  }
}

extension ProbeRun {
  /// Looks at every policy that the settings ask for and that has not been looked at yet.
  func judgePolicies(by judge: PolicyJudge, on loop: isolated EventLoop) async {
    awaitsPolicies()
    let settings = plan.target.settings.policy
    var facts = result.policy ?? PolicyFacts()
    if settings.dane != .off, facts.dane == nil { facts.dane = await judge.dane(self, on: loop) }
    if let domain = settings.domain {
      if settings.mtaSTS != .off { facts.mtaSTS = await judge.mtaSTS(self, domain: domain, on: loop) }
      if settings.tlsRPT != .off { facts.tlsRPT = await judge.tlsRPT(self, domain: domain, on: loop) }
    }
    result.policy = facts
    result.warnings.formUnion(facts.warnings)
  }
}
