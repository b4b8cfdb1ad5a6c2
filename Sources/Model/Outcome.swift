/// What a probe says of its target.
///
/// The raw values are stored in history files: append, never renumber.
package enum Outcome: UInt8, CaseIterable, Sendable {
  /// Everything asked for worked.
  case up = 1
  /// It worked, and a person should know.
  case degraded
  /// A fault at the target, on the way, or in how the target is configured.
  case down
  /// The monitor could not tell.
  case inconclusive

  /// The name in JSON and pages.
  package var slug: String { Self.slugs[Int(rawValue) - 1] }

  private static let slugs = allCases.map { String(describing: $0) }

  /// Whether the target did what was asked of it.
  package var isSuccess: Bool { self == .up || self == .degraded }
}
