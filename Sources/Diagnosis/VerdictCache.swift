import Model

/// Remembers diagnosed verdicts, so that a label does not flap between a symptom and its cause, and rations
/// the checks: one diagnosis per target in ten minutes (rarer while nothing changes, down to one an hour),
/// ten a minute and two at once in the whole process. Moments are durations since any fixed start; no clock
/// is read.
package struct VerdictCache: Sendable {
  /// What to do about a failure.
  package enum Decision: Sendable, Equatable {
    /// An equal symptom was diagnosed: this verdict still holds.
    case reuse(Verdict)
    /// Run the follow-up checks, then call `finish`.
    case diagnose
    /// No checks now: the symptom is all there is.
    case keep
  }

  private struct Symptom: Equatable {
    var stage: Stage
    var reason: Reason
  }

  private struct Entry {
    var symptom: Symptom
    /// nil while the checks run for the first time, and after a success.
    var verdict: Verdict?
    var diagnosedAt: Duration
    /// The time until the next diagnosis of this target.
    var wait: Duration
    var isRunning: Bool
  }

  /// The least time between two diagnoses of a target.
  package static let window = Duration.seconds(600)
  /// The most, while the verdict stays.
  package static let longestWindow = Duration.seconds(3600)
  /// Diagnoses that may begin in a minute.
  package static let perMinute = 10
  /// Diagnoses at once.
  package static let inParallel = 2

  private var entries: [String: Entry] = [:]
  private var begun: [Duration] = []
  private var running = 0

  /// Nothing remembered.
  package init() {}

  /// What to do about a target's symptom. `diagnose` takes a place that `finish` gives back.
  ///
  /// - Parameter mayDiagnose: false where a further attempt may yet succeed: then only what is known counts.
  package mutating func decide(
    target: String, symptom: Verdict, at now: Duration, mayDiagnose: Bool = true
  ) -> Decision {
    let key = Symptom(stage: symptom.stage, reason: symptom.reason)
    let entry = entries[target]
    let known = entry?.symptom == key ? entry?.verdict : nil
    let wait = known == nil ? Self.window : entry?.wait ?? Self.window
    let isDue = entry.map { !$0.isRunning && now - $0.diagnosedAt >= wait } ?? true
    guard mayDiagnose, isDue, takePlace(at: now) else { return known.map(Decision.reuse) ?? .keep }
    entries[target] = Entry(symptom: key, verdict: known, diagnosedAt: now, wait: wait, isRunning: true)
    return .diagnose
  }

  /// The checks that began at a moment are still of use: the target has neither recovered nor changed since.
  package func isWanted(target: String, begunAt: Duration) -> Bool {
    entries[target].map { $0.isRunning && $0.diagnosedAt == begunAt } ?? false
  }

  /// Frees the place of checks that began at a moment, and stores what they came to, if that is still of use;
  /// nil where they found nothing or were given up.
  package mutating func finish(target: String, begunAt: Duration, verdict: Verdict?) {
    running = max(0, running - 1)
    guard isWanted(target: target, begunAt: begunAt), var entry = entries[target] else { return }
    entry.isRunning = false
    if let verdict {
      let isUnchanged =
        entry.verdict.map { $0.stage == verdict.stage && $0.reason == verdict.reason } ?? false
      entry.wait = isUnchanged ? min(entry.wait * 2, Self.longestWindow) : Self.window
      entry.verdict = verdict
    }
    entries[target] = entry
  }

  /// The target works: its verdict is void. When it was last diagnosed stays known, so that a target that
  /// comes and goes is not diagnosed each time.
  package mutating func succeeded(target: String) {
    guard entries[target] != nil else { return }
    entries[target]?.verdict = nil
    entries[target]?.wait = Self.window
    entries[target]?.isRunning = false
  }

  /// Forgets all targets but these: the others have left the configuration, or changed with it.
  package mutating func keep(only targets: Set<String>) {
    entries = entries.filter { targets.contains($0.key) }
  }

  private mutating func takePlace(at now: Duration) -> Bool {
    begun.removeAll { now - $0 >= .seconds(60) }
    guard running < Self.inParallel, begun.count < Self.perMinute else { return false }
    running += 1
    begun.append(now)
    return true
  }
}
