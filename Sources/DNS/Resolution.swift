package import Loop

/// Which addresses are wanted.
package enum FamilyChoice: Sendable, Hashable {
  case any, ipv4, ipv6

  /// Whether an address of this family will do.
  package func includes(_ family: SocketAddress.Family) -> Bool {
    switch self {
    case .any: true
    case .ipv4: family == .ipv4
    case .ipv6: family == .ipv6
    }
  }
}

/// What a name led to.
package struct Resolution: Sendable, Equatable {
  /// Who knew.
  package enum Source: Sendable, Equatable {
    /// The name is an address itself.
    case literal
    case hostsFile
    case dns
  }

  /// What the resolver said of one family.
  package struct Answer: Sendable, Equatable {
    /// From the question to the answer, or to the moment when it was no longer waited for.
    package var elapsed: Duration
    /// False where addresses of the other family were there and this answer was still missing after
    /// `Resolver.grace`, or at the deadline.
    package var isAnswered: Bool
    /// Why it has no addresses.
    package var failure: DNSError?
  }

  package var source: Source
  /// In the order in which to try them, at least one.
  package var addresses: [SocketAddress]
  /// Nil where IPv4 addresses were not asked for in the DNS.
  package var ipv4: Answer?
  /// Nil where IPv6 addresses were not asked for in the DNS.
  package var ipv6: Answer?
}
