import Base
import Delivery
import Loop
import Model
import Monitor
import OAuth
import Probe

/// Makes the attempts that the schedule asks for, and tells everybody whom they concern.
struct ScheduledProbes: Sendable {
  let plans: Locked<[String: ProbePlan]>
  let prober: Prober
  let tokens: TokenKeeper
  let delivery: DeliveryWatch
  let board: Board
  let log: TransitionLog
  let loop: EventLoop

  /// One attempt. Its result is published at once; what checks prove later is added to it when it is known.
  func attempt(_ attempt: AttemptContext, at target: Target) async -> Shared<ProbeResult> {
    guard let plan = plan(of: target) else { return unplanned(target) }
    if plan.needsToken { await waitForToken(plan) }
    let result = await prober.probe(
      plan, timeLimit: attempt.timeLimit, messages: attempt.messages, logsIn: attempt.logsIn,
      isFinal: isFinal(attempt, of: plan), on: loop, amend: board.amend)
    return noted(result, of: plan)
  }

  /// Only before its first probe does anybody wait for a token.
  @inline(never)
  private func waitForToken(_ plan: ProbePlan) async {
    if let grant = plan.grant { await tokens.firstAnswer(for: grant) }
  }

  // What else an attempt needs is not inlined: it would take room in the frames of all that wait.

  @inline(never)
  private func plan(of target: Target) -> ProbePlan? { plans.withLock { $0[target.name] } }

  @inline(never)
  private func isFinal(_ attempt: AttemptContext, of plan: ProbePlan) -> Bool {
    attempt.attempt > plan.target.settings.retries
  }

  @inline(never)
  private func noted(_ result: Shared<ProbeResult>, of plan: ProbePlan) -> Shared<ProbeResult> {
    if let grant = plan.grant, result.value.refusesToken { tokens.renew(grant) }
    log.note(result)
    guard plan.target.settings.delivery != nil else { return result }
    return Shared(delivery.judged(result.value))
  }

  @inline(never)
  private func unplanned(_ target: Target) -> Shared<ProbeResult> { Shared(.unplanned(target)) }
}
