package import Base
import CAres
package import Loop

/// The hosts that take a domain's mail (RFC 5321 section 5.1).
package struct MailExchangers: Sendable, Equatable {
  /// One of them.
  package struct Host: Sendable, Equatable {
    /// In lower case, without a dot at its end.
    package var name: String
    /// The lower, the earlier it is tried.
    package var preference: UInt16

    /// A host.
    package init(name: String, preference: UInt16) {
      self.name = name
      self.preference = preference
    }
  }

  /// Each name once, in the order of preference; equal ones by name, so that the order is the same at each probe.
  package var hosts: [Host]
  /// The domain has no MX record, and takes its mail itself.
  package var isImplicit: Bool

  /// What the MX records of a domain come to; throws where they say that there is no mail.
  init(_ records: [Host], of domain: String) throws(DNSError) {
    isImplicit = records.isEmpty
    hosts = isImplicit ? [Host(name: domain, preference: 0)] : []
    for record in records.sorted(by: { ($0.preference, $0.name) < ($1.preference, $1.name) }) {
      var host = record
      host.name = host.name.lowercased()
      if host.name.hasSuffix(".") { host.name.removeLast() }
      // The root of the DNS is no host: alone it is the null MX, among others a mistake (RFC 7505 section 3).
      guard !host.name.isEmpty, !hosts.contains(where: { $0.name == host.name }) else { continue }
      hosts.append(host)
    }
    guard !hosts.isEmpty else { throw .acceptsNoMail }
  }
}

extension Resolver {
  /// The hosts that take a domain's mail, from the DNS alone: by its MX records, or the domain itself where it
  /// has none. Whether they have addresses is another question.
  package func mailExchangers(
    of domain: String, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(DNSError) -> MailExchangers {
    claim(loop)
    let name = try checked(domain)
    var answer = try await ask(name, by: try currentChannel(), until: deadline, on: loop)
    if answer.status == ARES_ECONNREFUSED {
      // The library passes over a server that refuses: one is asked again for its own words.
      let channel = try Channel(options, showsRefusals: true)
      answer = try await ask(name, by: channel, until: deadline, on: loop)
    }
    switch answer.status {
    case ARES_SUCCESS, ARES_ENODATA: return try MailExchangers(answer.hosts, of: name)
    case let status: throw DNSError(status: status)
    }
  }

  private func ask(
    _ name: String, by channel: Channel, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(DNSError) -> ExchangerAnswer {
    let question = Question<ExchangerAnswer>()
    channel.ask(name, question, on: loop)
    if await question.wait(until: deadline, on: loop) == .ended { throw .ended }
    guard let answer = question.answers.first else { throw .timeout }
    return answer
  }
}
