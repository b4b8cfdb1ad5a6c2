import Base
import Model

extension ProbeResult {
  /// The result of a target that left the configuration between its turn and its probe.
  static func unplanned(_ target: Target) -> ProbeResult {
    var result = ProbeResult(target: target, startedAt: Timestamp(microseconds: WallClock.microseconds()))
    result.outcome = .inconclusive
    result.stage = .internal
    result.reason = .localError
    result.message = "The target left the configuration before its probe began."
    return result
  }
}
