import Model

// From a name that did not resolve to a reason.
extension Inquiry {
  /// The verdict on a name without an address.
  func unresolved(_ failure: NameFailure) -> Verdict {
    let host = text(seen.target.mailDomain.map(String.init) ?? seen.target.host, limit: 120)
    switch failure {
    case .notFound:
      var verdict = Verdict(
        .dns, .dnsNotFound, "The name \(host) does not exist.", evidence: [Evidence(.dns, "NXDOMAIN")])
      if Providers.nameMeant(by: seen.target.host) != nil { verdict.add(.dnsTypo) }
      return verdict
    case .noAddress:
      let family =
        switch seen.target.settings.addresses {
        case .ipv4: "IPv4 address (A record)"
        case .ipv6: "IPv6 address (AAAA record)"
        case .any, .each: "address (neither A nor AAAA record)"
        }
      return Verdict(
        .dns, .dnsNoAddress, "The name \(host) exists but has no \(family).",
        evidence: [Evidence(.dns, "NOERROR without addresses")])
    case .acceptsNoMail:
      return Verdict(
        .dns, .dnsNoAddress, "The domain \(host) says that it takes no mail (null MX).",
        evidence: [Evidence(.dns, "MX 0 . (RFC 7505)")])
    case .refused(let words):
      let words = text(words, limit: 120)
      return Verdict(
        .dns, .dnsFailure, "The resolver could not answer for \(host): \(words).",
        evidence: [Evidence(.dns, words)])
    case .timeout:
      return Verdict(
        .dns, .dnsFailure, "No resolver answered for \(host) within \(seen.limit.spoken).",
        evidence: [Evidence(.dns, "timeout")])
    case .malformed(let words):
      return Verdict(
        .config, .configInvalid, "The setting host is unusable: \(clause(words)).",
        evidence: [Evidence(.dns, "host=\(host)")])
    case .nowhere(let address):
      return Verdict(
        .config, .configInvalid,
        "The name \(host) resolves to \(address), which is no destination: a hosts file or a blocking resolver has "
          + "put it there.",
        evidence: [Evidence(.dns, address)])
    }
  }
}
