import Model
import Testing

@testable import Diagnosis

private func member(
  _ outcome: Outcome, _ reason: Reason, at stage: Stage? = nil, _ address: String
) -> ProbeResult {
  let target = Target(name: "t", host: "mail.example.test", port: 25)
  var result = ProbeResult(target: target, startedAt: testMoment)
  (result.outcome, result.reason, result.stage, result.address) = (outcome, reason, stage, address)
  result.message = reason == .ok ? "" : "\(reason.slug) it is."
  return result
}

private let up = member(.up, .ok, "192.0.2.1")
private let slow = member(.degraded, .slow, "192.0.2.2")
private let refusing = member(.down, .connectRefused, at: .connect, "192.0.2.3")
private let silent = member(.down, .bannerTimeout, at: .banner, "192.0.2.4")
private let unknown = member(.inconclusive, .localError, at: .internal, "192.0.2.5")

private func rolled(_ members: [ProbeResult], _ rule: RollUp) -> RolledUp {
  var target = Target(name: "t", host: "mail.example.test", port: 25)
  target.settings.addresses = .each
  target.settings.rollUp = rule
  return rollUp(members, of: target)
}

@Test(arguments: [
  ([up, up], RollUp.all, Outcome.up, Reason.ok, 0),
  ([up, slow], .all, .degraded, .slow, 1),
  ([up, refusing], .all, .down, .connectRefused, 1),
  ([up, refusing], .any, .degraded, .connectRefused, 1),
  ([up, refusing], .quorum, .down, .connectRefused, 1),
  ([up, up, refusing], .quorum, .degraded, .connectRefused, 2),
  ([refusing, silent, silent], .any, .down, .bannerTimeout, 1),
  ([up, unknown], .all, .inconclusive, .localError, 1),
  ([up, unknown], .any, .degraded, .localError, 1),
  ([refusing, unknown], .any, .inconclusive, .localError, 1),
  ([refusing, unknown], .all, .down, .connectRefused, 0),
  ([unknown, unknown], .any, .inconclusive, .localError, 0),
  ([slow, refusing], .any, .degraded, .connectRefused, 1),
])
func `members decide by the rule, and what cannot be told decides nothing`(
  members: [ProbeResult], rule: RollUp, outcome: Outcome, reason: Reason, index: Int
) {
  let rolledUp = rolled(members, rule)
  #expect(rolledUp.verdict.outcome == outcome)
  #expect(rolledUp.verdict.reason == reason)
  #expect(rolledUp.member == index)
}

@Test func `the sentence counts, tells the rule, and names the member`() {
  let verdict = rolled([up, refusing, silent], .quorum).verdict
  #expect(
    verdict.message
      == "1 of 3 addresses of mail.example.test works, and 2 must. "
      + "mail.example.test (192.0.2.3): connect_refused it is.")
  #expect(
    verdict.evidence.map(\.text) == [
      "mail.example.test (192.0.2.3): down, connect / connect_refused",
      "mail.example.test (192.0.2.4): down, banner / banner_timeout",
    ])
}

@Test func `a single member speaks for itself`() {
  #expect(rolled([refusing], .all).verdict.message == "connect_refused it is.")
}

@Test func `a domain goes by any of its hosts, a host by all of its addresses, unless told`() {
  #expect(Target(name: "t", host: "mx:example.test", port: 25).rollUp == .any)
  #expect(Target(name: "t", host: "mail.example.test", port: 25).rollUp == .all)
}
