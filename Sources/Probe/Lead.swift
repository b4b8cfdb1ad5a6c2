import Diagnosis
import Loop
import Model

/// What a probe came to: its result, and where a closer look is due, what to look at.
struct Probed {
  /// On the heap, for whoever waits with it.
  let sharedResult: Shared<ProbeResult>
  /// To be followed once the result is published; dropping it only forgoes the proof.
  let lead: Lead?

  /// Not inlined: the result would take room in the frame of whoever waits before.
  @inline(never)
  init(_ lead: Lead?, of run: ProbeRun) {
    sharedResult = Shared(run.finish())
    run.endLogin(sharedResult)
    self.lead = lead
    lead?.sharedResult = sharedResult
  }

  var result: ProbeResult { sharedResult.value }
}

/// A failure that a closer look may prove a cause of: the checks that are due, and all that they need.
///
/// Safe to send: it lives on the loop, as the probe did, from one task there to another.
final class Lead: @unchecked Sendable {
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
  /// The target of which the plan's is a member, and which one; nil for a target of its own.
  var membership: (target: Target, index: Int)?
  fileprivate(set) var sharedResult: Shared<ProbeResult>

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
    sharedResult = Shared(ProbeResult(target: plan.target, startedAt: observation.now))
  }

  /// The result that the verdict belongs to.
  var result: ProbeResult { sharedResult.value }

  /// A check goes on with the connection that failed, as long as that is in clear.
  var needsConnection: Bool {
    checks.contains { $0 == .clientHelloOnSameConnection || $0 == .otherNames }
  }

  /// The result with what the checks came to.
  func result(with findings: [Finding]) -> ProbeResult {
    let verdict = refine(symptom, with: findings, observation: observation)
    place.verdict = verdict
    var result = result
    if let (target, index) = membership {
      result.apply(verdict, toMember: index, of: target)
    } else {
      result.apply(verdict)
    }
    return result
  }
}
