import Diagnosis
import Loop
package import Model

/// What a probe came to: its result, and where a closer look is due, what to look at.
package struct Probed: ~Copyable, Sendable {
  package let result: ProbeResult
  /// To be followed once the result is published; dropping it only forgoes the proof.
  package var lead: Lead?

  init(_ lead: consuming Lead?, of run: ProbeRun) {
    result = run.finish()
    self.lead = lead
    self.lead?.result = result
  }
}

/// A failure that a closer look may prove a cause of: the checks that are due, and all that they need.
package struct Lead: ~Copyable, Sendable {
  let plan: ProbePlan
  let checks: [FollowUpCheck]
  let symptom: Verdict
  let observation: Observation
  /// The address probed.
  let address: SocketAddress?
  let otherAddresses: [SocketAddress]
  /// The connection that failed, where a check goes on with it.
  var socket: Socket?
  var place: FollowUpPlace
  /// The result that the verdict belongs to.
  var result: ProbeResult

  init(
    plan: ProbePlan, checks: [FollowUpCheck], symptom: Verdict, observation: Observation,
    address: SocketAddress?, otherAddresses: [SocketAddress], place: consuming FollowUpPlace
  ) {
    self.plan = plan
    self.checks = checks
    self.symptom = symptom
    self.observation = observation
    self.address = address
    self.otherAddresses = otherAddresses
    self.place = place
    result = ProbeResult(target: plan.target, startedAt: observation.now)
  }

  /// A check goes on with the connection that failed, as long as that is in clear.
  var needsConnection: Bool {
    checks.contains { $0 == .clientHelloOnSameConnection || $0 == .otherNames }
  }
}
