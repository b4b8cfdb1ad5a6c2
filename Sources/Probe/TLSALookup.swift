import Base
import DNS
import Loop
import Model
import Policy

/// The TLSA records of a server, looked for where senders look (RFC 7672 section 2.2), for one probe.
struct TLSALookup: Sendable {
  /// Where they are, or would be.
  var name: String
  /// The host whose records they are: the name of SNI, and the first that an authority may vouch for.
  var base: String
  /// Whom a certificate may be for where an authority vouches for it (RFC 7672 section 3.2.2): the base, and the domain
  /// or host that mail is for.
  var referenceNames: [String]
  /// What is there, or why senders do not look.
  var outcome: Outcome

  enum Outcome: Sendable {
    case answer(RecordAnswer)
    /// In words: who is not vouched for.
    case insecure(String)
  }

  /// The name for SNI, where there are records that a sender uses (RFC 7672 section 8.1).
  var serverName: String? {
    guard case .answer(let answer) = outcome, answer.isAuthenticated,
      answer.records.contains(where: { TLSARecord(data: $0)?.isUsable == true })
    else { return nil }
    return base
  }
}

/// Why records are not known, in words.
struct Unanswered: Error {
  var words: String
}

extension PolicyJudge {
  /// Looks for the TLSA records before the connection where they decide what to ask the server for. Slow resolvers get
  /// half of the time that is left: what was not there by then is asked for again after the handshake.
  @inline(never)
  func prepare(_ run: ProbeRun, on loop: isolated EventLoop) async {
    let now = MonotonicInstant.now()
    let limit = now.advanced(by: now.duration(to: run.deadline) / 2)
    run.tlsa = try? await tlsa(run, until: limit, on: loop)
  }

  /// The TLSA records of the server that is probed, which has a name.
  func tlsa(
    _ run: ProbeRun, until limit: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(Unanswered) -> TLSALookup {
    let host = run.plan.target.host.lowercased()
    var found = TLSALookup(
      name: run.plan.tlsaName(of: host), base: host, referenceNames: [host], outcome: .insecure(""))
    if let domain = run.plan.mailDomain {
      let exchangers = try await records(.mx, at: domain, run, until: limit, on: loop)
      if let words = exchangers.doubt(that: host, takesMailFor: domain) {
        found.outcome = .insecure(words)
        return found
      }
      found.referenceNames = [host, domain] + (exchangers.canonicalName.map { [$0] } ?? [])
    }
    found.outcome = .insecure("the DNS does not vouch for the address of \(host)")
    // Where there are none that count under the one name, those under the next do (RFC 7672 section 2.2.2).
    for base in try await baseDomains(of: host, run, until: limit, on: loop) where !found.hasRecords {
      (found.name, found.base) = (run.plan.tlsaName(of: base), base)
      found.outcome = .answer(try await records(.tlsa, at: found.name, run, until: limit, on: loop))
    }
    // What an MX host is an alias of stands in its place; a host that mail is sent to straight is a name of its own.
    if run.plan.mailDomain != nil { found.referenceNames.removeFirst() }
    found.referenceNames = [found.base] + found.referenceNames.filter { $0 != found.base }
    return found
  }

  /// Under which names the TLSA records of a host are looked for, by what the DNS says of the address that was probed.
  private func baseDomains(
    of host: String, _ run: ProbeRun, until limit: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(Unanswered) -> [String] {
    let type: RecordType = run.address?.family == .ipv6 ? .aaaa : .a
    let addresses = try await records(type, at: host, run, until: limit, on: loop)
    var isAliasSecure = false
    if addresses.canonicalName != nil, !addresses.isAuthenticated {
      isAliasSecure = try await records(.cname, at: host, run, until: limit, on: loop).isAuthenticated
    }
    return TLSABase.domains(
      of: host, canonicalName: addresses.canonicalName, isAddressSecure: addresses.isAuthenticated,
      isAliasSecure: isAliasSecure)
  }

  /// The records of a kind at a name, by the resolver that the target's policies are asked of.
  func records(
    _ type: RecordType, at name: String, _ run: ProbeRun, until limit: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws(Unanswered) -> RecordAnswer {
    let question = PolicyLookups.Name(
      name: name, type: type, resolver: run.plan.target.settings.policy.resolver)
    switch await lookups.records(at: question, until: limit, on: loop) {
    case .success(let answer): return answer
    case .failure(let error):
      throw Unanswered(words: "the \(type.name) records at \(name) cannot be looked up: \(error)")
    case nil:
      throw Unanswered(
        words: "the \(type.name) records at \(name) were not there before the probe's time was over")
    }
  }
}

extension TLSALookup {
  /// There are records, and the DNS vouches for them.
  fileprivate var hasRecords: Bool {
    if case .answer(let answer) = outcome { answer.isAuthenticated && !answer.records.isEmpty } else { false }
  }
}

extension ProbePlan {
  /// Where the TLSA records of a host are (RFC 6698 section 3).
  func tlsaName(of host: String) -> String { "_\(target.port)._tcp.\(host)" }
}

extension RecordAnswer {
  /// Why these MX records do not prove that a host takes a domain's mail, in words; nil where they do.
  fileprivate func doubt(that host: String, takesMailFor domain: String) -> String? {
    guard isAuthenticated else { return "the DNS does not vouch for the MX records of \(domain)" }
    // A domain without any takes its mail itself.
    let hosts = records.isEmpty ? [Array(domain.utf8)] : records
    return hosts.contains(Array(host.utf8))
      ? nil : "the MX records of \(domain) that the DNS vouches for do not name \(host)"
  }
}
