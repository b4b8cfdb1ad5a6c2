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
  enum Decision: ~Copyable {
    /// The symptom is all there is.
    case symptom
    /// An equal symptom was diagnosed before.
    case known(Verdict)
    /// What was diagnosed before, if anything, holds until the checks are over.
    case follow([FollowUpCheck], FollowUpPlace, known: Verdict?)
  }

  private let judge: CertificateJudge
  private let resolver: Resolver
  private let limits: FollowUpLimits
  private let waits: Waits?
  private let onCheck: @Sendable (FollowUpNote) -> Void
  private let cache: Locked<VerdictCache>
  private let tally = Locked(FollowUpCounts())
  private let start = MonotonicInstant.now()

  init(
    judge: CertificateJudge, resolver: Resolver, limits: FollowUpLimits, waits: Waits? = nil,
    onCheck: @escaping @Sendable (FollowUpNote) -> Void
  ) {
    self.judge = judge
    self.resolver = resolver
    self.limits = limits
    self.waits = waits
    cache = Locked(VerdictCache(window: limits.window))
    self.onCheck = onCheck
  }

  /// What was checked so far.
  var counts: FollowUpCounts { tally.withLock { $0 } }

  /// What to do about a failed probe.
  ///
  /// - Parameters:
  ///   - name: under which it is remembered what was proved.
  ///   - mayDiagnose: false where a further attempt may yet succeed: then only what is known counts.
  func decide(
    _ symptom: Verdict, _ observation: Observation, of name: String, mayDiagnose: Bool = true
  ) -> Decision {
    let level = observation.target.settings.diagnosis
    // Who does not ask for checks leaves alone what others know by them.
    guard level != .off else { return .symptom }
    let checks = plan(after: symptom, observation: observation, level: level)
    let now = start.duration(to: .now())
    guard !checks.isEmpty else {
      if mayDiagnose { cache.withLock { $0.turned(target: name, to: symptom, at: now) } }
      return .symptom
    }
    let decision = cache.withLock {
      $0.decide(target: name, symptom: symptom, at: now, mayDiagnose: mayDiagnose)
    }
    switch decision {
    case .keep: return .symptom
    case .reuse(let verdict): return .known(verdict)
    case .diagnose: return .follow(checks, FollowUpPlace(cache, target: name, begunAt: now), known: nil)
    case .renew(let verdict):
      return .follow(checks, FollowUpPlace(cache, target: name, begunAt: now), known: verdict)
    }
  }

  /// What to do about a target that works, where `checks` asks for more.
  func inspect(_ target: String) -> Decision {
    let now = start.duration(to: .now())
    let known: Verdict?
    switch cache.withLock({ $0.inspect(target: target, at: now) }) {
    case .keep: return .symptom
    case .reuse(let verdict): return verdict.outcome.isSuccess ? .symptom : .known(verdict)
    case .diagnose: known = nil
    case .renew(let verdict): known = verdict.outcome.isSuccess ? nil : verdict
    }
    let place = FollowUpPlace(cache, target: target, begunAt: now, .inspection)
    return .follow([.starttlsInjection], place, known: known)
  }

  /// A target works: what was proved of it no longer holds.
  func succeeded(_ target: String) { cache.withLock { $0.succeeded(target: target) } }

  /// What was proved of any other target no longer holds, and checks of it end.
  func keep(only targets: Set<String>) { cache.withLock { $0.keep(only: targets) } }

  /// Runs the checks, the cheap ones first, until one decides, the time is up, or the target has recovered.
  func run(_ lead: Lead, on loop: isolated EventLoop) async -> Shared<ProbeResult> {
    let begin = MonotonicInstant.now()
    let deadline = begin.advanced(by: limits.time)
    waits?.set(Waits.Wait(purpose: .closerLook, begin: begin, limit: deadline), of: lead)
    defer { waits?.end(of: lead) }
    var visits = FollowUpVisits(lead, judge: judge, resolver: resolver, limits: limits, until: deadline)
    var findings: [Finding] = []
    tally.withLock { $0.diagnoses += 1 }
    for check in lead.checks {
      guard lead.place.isWanted, MonotonicInstant.now() < deadline else { break }
      tally.withLock { $0[check.kind] += 1 }
      let found = await visits.make(check, on: loop)
      // After the end of the loop every wait ends at once, which says nothing of the server.
      guard await loop.sleep(until: .now()) else { return lead.sharedResult }
      note(check, found, of: lead.observation)
      let isDecided = found.contains(where: \.isDecisive)
      // Neither does a wait that was cut short.
      if isDecided || MonotonicInstant.now() < deadline { findings += found }
      if isDecided { break }
    }
    guard !findings.isEmpty, lead.place.isWanted else { return lead.sharedResult }
    return Shared(lead.result(with: findings))
  }

  private func note(_ check: FollowUpCheck, _ found: [Finding], of observation: Observation) {
    onCheck(
      FollowUpNote(
        target: observation.target.name, check: check.kind.rawValue,
        findings: found.map { words(of: $0, observation: observation) }))
  }
}

/// A place among the checks under way. It is given back when this value ends, with what they came to, if
/// anything.
struct FollowUpPlace: ~Copyable, Sendable {
  private let cache: Locked<VerdictCache>
  private let target: String
  private let begunAt: Duration
  private let purpose: Purpose
  var verdict: Verdict?

  /// What the checks are for.
  fileprivate enum Purpose {
    case diagnosis, inspection
  }

  fileprivate init(
    _ cache: Locked<VerdictCache>, target: String, begunAt: Duration, _ purpose: Purpose = .diagnosis
  ) {
    self.purpose = purpose
    self.cache = cache
    self.target = target
    self.begunAt = begunAt
  }

  /// The target has neither recovered nor changed since.
  var isWanted: Bool {
    cache.withLock {
      switch purpose {
      case .diagnosis: $0.isWanted(target: target, begunAt: begunAt)
      case .inspection: $0.isInspectionWanted(target: target, begunAt: begunAt)
      }
    }
  }

  deinit {
    cache.withLock {
      switch purpose {
      case .diagnosis: $0.finish(target: target, begunAt: begunAt, verdict: verdict)
      case .inspection: $0.finishInspection(target: target, begunAt: begunAt, verdict: verdict)
      }
    }
  }
}
