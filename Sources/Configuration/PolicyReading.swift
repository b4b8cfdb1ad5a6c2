import Model

extension Section {
  /// The policies of the domain that are looked up: the one whose MX hosts are probed, where no other is named.
  /// `isWhole` false lets what a target may still add be missing.
  func policySettings(isWhole: Bool) -> PolicySettings {
    var policy = PolicySettings()
    guard let section = section("policy", keys: Keys.policy) else { return policy }
    section.choice("dane", PolicySettings.Level.allCases).map { policy.dane = $0 }
    section.choice("mta_sts", PolicySettings.Level.allCases).map { policy.mtaSTS = $0 }
    section.choice("tls_rpt", PolicySettings.Level.allCases).map { policy.tlsRPT = $0 }
    policy.domain = section.parsed("domain", PolicyText.domain) ?? (section.has("domain") ? nil : mailDomain)
    policy.resolver = section.parsed("resolver", PolicyText.resolver)
    if let path = section.file("ca_file") {
      TLSMaterial.check(
        path, .authorities, named: section.name("ca_file"), at: section.place("ca_file"), reading)
      policy.caFile = path
    }
    for (key, level) in [("mta_sts", policy.mtaSTS), ("tls_rpt", policy.tlsRPT)]
    where isWhole && level != .off && policy.domain == nil && !section.has("domain") {
      reading.error(
        section.place(key), "\(section.name(key)) needs \(section.name("domain"))",
        cure: "name the domain behind the @ of the mail addresses")
    }
    return policy
  }

  /// The domain of a target whose host is `mx:DOMAIN`, in lower case.
  private var mailDomain: String? {
    guard has("host"), let host = text("host")?.lowercased(), host.hasPrefix("mx:") else { return nil }
    return try? PolicyText.domain(String(host.dropFirst(3)))
  }
}

/// The rules for what names a policy.
package enum PolicyText {
  /// The domain of mail addresses, in lower case.
  package static func domain(_ text: String) throws(Complaint) -> String {
    let domain = try HostName.check(text).lowercased()
    guard !AddressLiteral.isIPv4(domain), !AddressLiteral.isIPv6(domain) else {
      throw Complaint("is an address", cure: "name the domain behind the @ of the mail addresses")
    }
    return domain
  }

  /// A resolver as `ADDRESS:PORT`.
  package static func resolver(_ text: String) throws(Complaint) -> String {
    let (host, port) = try Endpoint.hostAndPort(text)
    guard AddressLiteral.isIPv4(host) || AddressLiteral.isIPv6(host) else {
      throw Complaint("must be an address", cure: "write ADDRESS or ADDRESS:PORT, such as 127.0.0.1:53")
    }
    return "\(HostPort(host: host, port: port ?? 53))"
  }
}
