import Base
import DNS
import Diagnosis
import Loop
import Model
import TLS

/// Makes the follow-up checks: decides which are due, runs them under the limits of politeness, and remembers
/// what they proved, so that an equal symptom keeps its name.
final class FollowUpRunner: Sendable {
  /// What to do about a failure.
  enum Decision {
    /// The symptom is all there is.
    case symptom
    /// An equal symptom was diagnosed before.
    case known(Verdict)
    case follow([FollowUpCheck])
  }

  private let judge: CertificateJudge
  private let cache = Locked(VerdictCache())
  private let start = MonotonicInstant.now()

  init(judge: CertificateJudge) { self.judge = judge }

  /// What to do about a failed probe. `.follow` reserves a place, which `run` gives back.
  func decide(_ symptom: Verdict, _ observation: Observation) -> Decision {
    let target = observation.target
    let checks = plan(after: symptom, observation: observation, level: target.settings.diagnosis)
    guard !checks.isEmpty else { return .symptom }
    let now = start.duration(to: .now())
    switch cache.withLock({ $0.decide(target: target.name, symptom: symptom, at: now) }) {
    case .keep: return .symptom
    case .reuse(let verdict): return .known(verdict)
    case .diagnose: return .follow(checks)
    }
  }

  /// A target works: what was proved of it no longer holds.
  func succeeded(_ target: String) { cache.withLock { $0.succeeded(target: target) } }

  /// Runs the checks, the cheap ones first, until one decides or the time is up.
  func run(_ lead: consuming Lead, on loop: isolated EventLoop) async -> ProbeResult {
    var result = lead.result
    let symptom = lead.symptom
    let observation = lead.observation
    let checks = lead.checks
    let deadline = MonotonicInstant.now().advanced(by: FollowUpLimits.time)
    var visits = FollowUpVisits(lead, judge: judge, until: deadline)
    var findings: [Finding] = []
    for check in checks where MonotonicInstant.now() < deadline {
      let found = await visits.make(check, on: loop)
      findings += found
      if found.contains(where: \.isDecisive) { break }
    }
    let verdict = refine(symptom, with: findings, observation: observation)
    let target = observation.target.name
    cache.withLock { $0.finish(target: target, verdict: findings.isEmpty ? nil : verdict) }
    if !findings.isEmpty { result.apply(verdict) }
    return result
  }
}
