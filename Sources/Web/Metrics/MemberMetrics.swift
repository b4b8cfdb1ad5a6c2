import Metrics
import Model
import Monitor

/// Targets that are several servers or addresses, by family of addresses: names and addresses are the other
/// side's, and no labels.
private enum Families {
  static let members = MetricFamily(
    "smtp_probe_members", .gauge,
    help: "Servers and addresses that the latest completed probe visited, of a target that is several.")
  static let working = MetricFamily(
    "smtp_probe_members_working", .gauge, help: "Those of smtp_probe_members that were up or degraded.")
  static let success = MetricFamily(
    "smtp_probe_family_success", .gauge,
    help: "1 where as many members of the family work as the target's rollup asks for, else 0.")
  static let duration = MetricFamily(
    "smtp_probe_family_duration_seconds", .gauge, unit: "seconds",
    help: "How long the slowest member of the family took.")
}

extension Exposition {
  /// The members of the latest results.
  mutating func writeMembers(_ targets: [LabelledTarget]) {
    let several = targets.filter { $0.state.last?.members.isEmpty == false }
    write(Families.members, several) { _, members in members.count }
    write(Families.working, several) { _, members in members.count(where: \.success) }
    write(Families.success, several) { target, members in
      members.count(where: \.success) >= target.rollUp.needed(of: members.count) ? 1 : 0
    }
    family(Families.duration)
    for target in several {
      for (family, members) in target.byFamily {
        let slowest = members.map(\.duration).max() ?? .zero
        sample(target.labels, "family", family, slowest.seconds)
      }
    }
  }

  private mutating func write(
    _ family: MetricFamily, _ targets: [LabelledTarget], _ value: (Target, [ProbeResult]) -> Int
  ) {
    self.family(family)
    for target in targets {
      for (name, members) in target.byFamily {
        sample(target.labels, "family", name, value(target.state.target, members))
      }
    }
  }
}

extension LabelledTarget {
  /// The members by family; `none` are those whose name led to no address.
  fileprivate var byFamily: [(String, [ProbeResult])] {
    let members = state.last?.members ?? []
    let families: [(String, AddressFamily?)] = [("ipv4", .ipv4), ("ipv6", .ipv6), ("none", nil)]
    return families.compactMap { name, family in
      let own = members.filter { $0.family == family }
      return own.isEmpty ? nil : (name, own)
    }
  }
}
