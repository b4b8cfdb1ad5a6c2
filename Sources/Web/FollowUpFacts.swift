/// How often failures were looked at more closely.
package struct FollowUpFacts: Sendable {
  /// Failures that checks were made for.
  package var diagnoses: Int
  /// Checks made, by kind: every kind that there is, from 0.
  package var checks: [(check: String, count: Int)]

  /// These counts.
  package init(diagnoses: Int = 0, checks: [(check: String, count: Int)] = []) {
    self.diagnoses = diagnoses
    self.checks = checks
  }
}
