package import Model

/// The name of a failure: where, why, in words, with the cure and what proves it.
package struct Verdict: Sendable, Equatable {
  package var stage: Stage
  package var reason: Reason
  package var outcome: Outcome
  /// One sentence for a person.
  package var message: String
  /// What to change, in the user's own configuration keys where that is possible.
  package var remedy: String
  package var evidence: [Evidence]
  /// What details point to. `verdict(for:)` and `refine` put each into the evidence too.
  package var hints: [Hint]
  /// A setting that a follow-up check proved.
  package var suggestion: Suggestion?

  /// A verdict; its outcome is the reason's own.
  package init(
    stage: Stage, reason: Reason, message: String, remedy: String, evidence: [Evidence] = [],
    hints: [Hint] = [], suggestion: Suggestion? = nil
  ) {
    self.stage = stage
    self.reason = reason
    self.outcome = reason.outcome
    self.message = message
    self.remedy = remedy
    self.evidence = evidence
    self.hints = hints
    self.suggestion = suggestion
  }
}
