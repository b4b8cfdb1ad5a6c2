package import Model

/// What the members of a target come to together.
package struct RolledUp: Sendable, Equatable {
  package var verdict: Verdict
  /// The member that the verdict speaks of: the first where all is well.
  package var member: Int
  /// The verdict names a member that does not work, although enough others do.
  package var isPartial: Bool
}

/// Judges a target by its members. One that could not be told counts neither way: where it would decide, the
/// whole cannot be told.
///
/// - Parameter members: at least one.
package func rollUp(_ members: [ProbeResult], of target: Target) -> RolledUp {
  let needed = target.rollUp.needed(of: members.count)
  let working = members.workingCount
  let unknown = members.count { $0.outcome == .inconclusive }
  let outcome: Outcome
  let worst: Int?
  if working >= needed {
    worst = members.commonest(.down) ?? members.commonest(.inconclusive) ?? members.commonest(.degraded)
    outcome = worst == nil ? .up : .degraded
  } else if working + unknown < needed {
    outcome = .down
    worst = members.commonest(.down)
  } else {
    outcome = .inconclusive
    worst = members.commonest(.inconclusive)
  }
  let index = worst ?? 0
  let member = members[index]
  var verdict = Verdict(
    stage: member.stage ?? .quit, reason: member.reason, message: "", remedy: member.remedy,
    evidence: member.evidence, suggestion: member.suggestion)
  verdict.outcome = outcome
  guard outcome != .up else { return RolledUp(verdict: verdict, member: index, isPartial: false) }
  let isPartial = outcome == .degraded && !member.success
  guard members.count > 1 else {
    verdict.message = member.message
    return RolledUp(verdict: verdict, member: index, isPartial: isPartial)
  }
  verdict.message = "\(summary(of: members, of: target)) \(member.place): \(member.message)"
  verdict.evidence =
    members.filter { $0.outcome != .up }.map {
      Evidence(
        .note, "\($0.place): \($0.outcome.slug), \($0.stage.map { "\($0.slug) / " } ?? "")\($0.reason.slug)")
    } + member.evidence
  return RolledUp(verdict: verdict, member: index, isPartial: isPartial)
}

/// `2 of 3 addresses of mail.example.com work, and all must.`
private func summary(of members: [ProbeResult], of target: Target) -> String {
  let working = members.workingCount
  let kind =
    target.mailDomain == nil ? "addresses" : target.settings.addresses == .each ? "MX addresses" : "MX hosts"
  let host = target.mailDomain.map(String.init) ?? target.host
  let rule =
    switch target.rollUp {
    case .all: "all must"
    case .quorum: "\(target.rollUp.needed(of: members.count)) must"
    case .any: "one must"
    }
  return "\(working) of \(members.count) \(kind) of \(host) \(working == 1 ? "works" : "work"), and \(rule)."
}

extension [ProbeResult] {
  fileprivate var workingCount: Int { count(where: \.success) }

  /// The first member with the reason that most of those with an outcome have; nil where none has the outcome.
  fileprivate func commonest(_ outcome: Outcome) -> Int? {
    var counts: [Reason: Int] = [:]
    for member in self where member.outcome == outcome { counts[member.reason, default: 0] += 1 }
    guard let most = counts.values.max() else { return nil }
    return firstIndex { $0.outcome == outcome && counts[$0.reason] == most }
  }
}
