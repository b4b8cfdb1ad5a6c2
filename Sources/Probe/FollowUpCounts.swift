import Diagnosis

/// How often failures were looked at more closely.
package struct FollowUpCounts: Sendable {
  /// Failures that checks were made for.
  package internal(set) var diagnoses = 0
  private var counts: [FollowUpCheck.Kind: Int] = [:]

  /// Checks made, by kind; a kind that never came up is there with 0.
  package var checks: [(check: String, count: Int)] {
    FollowUpCheck.Kind.allCases.map { ($0.rawValue, self[$0]) }
  }

  subscript(kind: FollowUpCheck.Kind) -> Int {
    get { counts[kind, default: 0] }
    set { counts[kind] = newValue }
  }
}

/// One follow-up check that was made, for the log.
package struct FollowUpNote: Sendable {
  package let target: String
  /// The kind of check.
  package let check: String
  /// What it found, in words without secrets; nothing where it came to nothing.
  package let findings: [String]
}
