import Metrics

private enum Families {
  static let diagnoses = MetricFamily(
    "smtpwatch_diagnoses_total", .counter, help: "Failures that follow-up checks were made for.")
  static let checks = MetricFamily(
    "smtpwatch_follow_up_checks_total", .counter, help: "Follow-up checks made, by kind.")
}

extension Exposition {
  /// How often failures were looked at more closely.
  mutating func writeFollowUps(_ facts: FollowUpFacts) {
    family(Families.diagnoses)
    sample(.none, facts.diagnoses)
    family(Families.checks)
    for (check, count) in facts.checks { sample(.none, "check", check, count) }
  }
}
