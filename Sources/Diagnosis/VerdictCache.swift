import Model

/// Remembers diagnosed verdicts, so that a label does not flap between a symptom and its cause, and rations
/// the checks: one diagnosis per target and symptom in ten minutes (rarer while nothing changes, down to one an
/// hour), ten a minute and two at once in the whole process. Moments are durations since any fixed start; no
/// clock is read.
package struct VerdictCache: Sendable {
  /// What to do about a failure.
  package enum Decision: Sendable, Equatable {
    /// An equal symptom was diagnosed: this verdict still holds.
    case reuse(Verdict)
    /// Run the follow-up checks, then call `finish`.
    case diagnose
    /// The same, of an equal symptom that was diagnosed a while ago: this verdict holds until they are over.
    case renew(Verdict)
    /// No checks now: the symptom is all there is.
    case keep
  }

  private struct Symptom: Hashable {
    let stage: Stage
    let reason: Reason

    init(_ verdict: Verdict) {
      stage = verdict.stage
      reason = verdict.reason
    }
  }

  private struct Entry {
    var symptom: Symptom
    /// nil while the checks run for the first time, and after a success.
    var verdict: Verdict?
    /// When each symptom was last diagnosed, as far as that still counts.
    var diagnosedAt: [Symptom: Duration] = [:]
    /// The time until the next diagnosis of this symptom.
    var wait: Duration
    /// When the checks under way began; nil where there are none, or none that matter.
    var runningSince: Duration?

    /// The entry under another symptom: what was proved, and what is being checked, is of no use any more.
    func turned(to symptom: Symptom, at now: Duration, window: Duration) -> Entry {
      guard symptom != self.symptom else { return self }
      return Entry(
        symptom: symptom, diagnosedAt: diagnosedAt.filter { now - $0.value < window }, wait: window)
    }
  }

  /// The least time between two diagnoses of a target's symptom.
  private let window: Duration
  /// The most, while the verdict stays.
  package static let longestWindow = Duration.seconds(3600)
  /// Diagnoses that may begin in a minute.
  package static let perMinute = 10
  /// Diagnoses at once.
  package static let inParallel = 2

  /// The inspection of a target that works.
  private struct Inspection {
    var begunAt: Duration
    /// nil while the first one is under way.
    var verdict: Verdict?
  }

  /// The least time between two inspections of a target.
  package static let day = Duration.seconds(86_400)

  private var entries: [String: Entry] = [:]
  private var inspections: [String: Inspection] = [:]
  private var begun: [Duration] = []
  private var running = 0

  /// Nothing remembered.
  package init(window: Duration = FollowUpLimits().window) { self.window = window }

  /// What to do about a target's symptom. `diagnose` and `renew` take a place that `finish`
  /// gives back.
  ///
  /// - Parameter mayDiagnose: false where a further attempt may yet succeed: then only what is known counts.
  package mutating func decide(
    target: String, symptom: Verdict, at now: Duration, mayDiagnose: Bool = true
  ) -> Decision {
    let key = Symptom(symptom)
    let known = entries[target].flatMap { $0.symptom == key ? $0.verdict : nil }
    // What the next attempt may mend changes nothing.
    guard mayDiagnose else { return known.map(Decision.reuse) ?? .keep }
    var entry = entries[target]?.turned(to: key, at: now, window: window) ?? Entry(symptom: key, wait: window)
    defer { entries[target] = entry }
    let wait = known == nil ? window : entry.wait
    let isDue = entry.runningSince == nil && entry.diagnosedAt[key].map { now - $0 >= wait } ?? true
    guard isDue, takePlace(at: now) else { return known.map(Decision.reuse) ?? .keep }
    entry.diagnosedAt[key] = now
    entry.wait = wait
    entry.runningSince = now
    return known.map(Decision.renew) ?? .diagnose
  }

  /// What to do about a target that works and is to be inspected once a day. `diagnose` and `renew` take a
  /// place that `finishInspection` gives back.
  package mutating func inspect(target: String, at now: Duration) -> Decision {
    let known = inspections[target]
    guard known.map({ now - $0.begunAt >= Self.day }) ?? true, takePlace(at: now) else {
      return known?.verdict.map(Decision.reuse) ?? .keep
    }
    inspections[target] = Inspection(begunAt: now, verdict: known?.verdict)
    return known?.verdict.map(Decision.renew) ?? .diagnose
  }

  /// The inspection that began at a moment is still of use.
  package func isInspectionWanted(target: String, begunAt: Duration) -> Bool {
    inspections[target]?.begunAt == begunAt
  }

  /// Frees the place of an inspection, and stores what it came to; nil where it came to nothing.
  package mutating func finishInspection(target: String, begunAt: Duration, verdict: Verdict?) {
    running = max(0, running - 1)
    guard isInspectionWanted(target: target, begunAt: begunAt), let verdict else { return }
    inspections[target]?.verdict = verdict
  }

  /// A target has a symptom that no check explains: what was proved of another one is void.
  package mutating func turned(target: String, to symptom: Verdict, at now: Duration) {
    guard let entry = entries[target] else { return }
    entries[target] = entry.turned(to: Symptom(symptom), at: now, window: window)
  }

  /// The checks that began at a moment are still of use: the target has neither recovered nor changed since.
  package func isWanted(target: String, begunAt: Duration) -> Bool {
    entries[target]?.runningSince == begunAt
  }

  /// Frees the place of checks that began at a moment, and stores what they came to, if that is still of use;
  /// nil where they found nothing or were given up.
  package mutating func finish(target: String, begunAt: Duration, verdict: Verdict?) {
    running = max(0, running - 1)
    guard isWanted(target: target, begunAt: begunAt), var entry = entries[target] else { return }
    entry.runningSince = nil
    if let verdict {
      let isUnchanged =
        entry.verdict.map { $0.stage == verdict.stage && $0.reason == verdict.reason } ?? false
      entry.wait = isUnchanged ? min(entry.wait * 2, Self.longestWindow) : window
      entry.verdict = verdict
    }
    entries[target] = entry
  }

  /// The target works: its verdict is void. When it was last diagnosed stays known, so that a target that
  /// comes and goes is not diagnosed each time.
  package mutating func succeeded(target: String) {
    // Nearly always there is nothing to forget.
    guard var entry = entries[target] else { return }
    entry.verdict = nil
    entry.wait = window
    entry.runningSince = nil
    entries[target] = entry
  }

  /// Forgets all targets but these: the others have left the configuration, or changed with it.
  package mutating func keep(only targets: Set<String>) {
    entries = entries.filter { targets.contains($0.key) }
    inspections = inspections.filter { targets.contains($0.key) }
  }

  private mutating func takePlace(at now: Duration) -> Bool {
    begun.removeAll { now - $0 >= .seconds(60) }
    guard running < Self.inParallel, begun.count < Self.perMinute else { return false }
    running += 1
    begun.append(now)
    return true
  }
}
