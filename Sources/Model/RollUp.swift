/// How many members of a target must work for the target to count as working.
package enum RollUp: String, CaseIterable, Sendable {
  /// Every one.
  case all
  /// More than half.
  case quorum
  /// One.
  case any

  /// The least number of `count` members.
  package func needed(of count: Int) -> Int {
    switch self {
    case .all: count
    case .quorum: count / 2 + 1
    case .any: min(1, count)
    }
  }
}

extension Target {
  /// The domain whose MX hosts are probed, as `mx:example.com` names it; nil where the host is one server.
  package var mailDomain: Substring? { host.hasPrefix("mx:") ? host.dropFirst(3) : nil }

  /// The target is probed at several servers or addresses.
  package var hasMembers: Bool { settings.addresses == .each || mailDomain != nil }

  /// How its members count. Mail for a domain goes through as long as one MX host takes it (RFC 5321 section
  /// 5.1); a client of a single host may pick any of its addresses.
  package var rollUp: RollUp { settings.rollUp ?? (mailDomain == nil ? .all : .any) }
}

extension ProbeResult {
  /// The member among others of its target, such as `mx1.example.com (192.0.2.1)`.
  package var place: String {
    guard let address, address != host else { return host }
    return "\(host) (\(address))"
  }
}
