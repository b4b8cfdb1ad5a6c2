import Model
import Monitor

/// How a target stands, the worst first: the order of pages and counts.
package enum TargetState: String, CaseIterable, Comparable, Sendable {
  case down
  case degraded
  case inconclusive
  /// There is no result yet.
  case pending
  case up

  package static func < (left: TargetState, right: TargetState) -> Bool { left.rank < right.rank }

  /// The state with an outcome; nil means that there is none yet.
  init(_ outcome: Outcome?) {
    switch outcome {
    case .up: self = .up
    case .degraded: self = .degraded
    case .down: self = .down
    case .inconclusive: self = .inconclusive
    case nil: self = .pending
    }
  }

  private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

extension TargetSnapshot {
  /// Until when logins are paused, while they are.
  func loginPause(at now: Timestamp) -> Timestamp? { authPausedUntil.flatMap { $0 > now ? $0 : nil } }

  /// How the target stands.
  var state: TargetState { TargetState(last?.outcome) }
}

extension Snapshot {
  /// How many targets stand how.
  var counts: [TargetState: Int] {
    targets.reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
  }

  /// A target by its name.
  func target(_ name: String) -> TargetSnapshot? { targets.first { $0.target.name == name } }
}
