import Model

@testable import Monitor

// Results as the tests make them, each for one place only; in the program every place shares what a probe gave.

extension TargetState {
  @discardableResult mutating func record(
    _ result: ProbeResult, nextRunAt: Timestamp?, authPausedUntil: Timestamp? = nil
  ) -> [Event] {
    record(Shared(result), nextRunAt: nextRunAt, authPausedUntil: authPausedUntil)
  }
}

extension Board {
  func record(
    _ result: ProbeResult, nextRunAt: Timestamp?, authPausedUntil: Timestamp? = nil,
    authGuard: AuthGuard = AuthGuard()
  ) {
    record(
      Shared(result), nextRunAt: nextRunAt, authPausedUntil: authPausedUntil, authGuard: authGuard)
  }
}

extension ResultRing {
  mutating func append(_ result: ProbeResult) { append(Shared(result)) }
}

extension Rollups {
  mutating func add(_ result: ProbeResult) { add(Shared(result)) }
}

extension TranscriptShelf {
  mutating func add(_ result: ProbeResult) { add(Shared(result)) }
}

extension FleetWatch {
  mutating func judge(
    _ result: ProbeResult, of index: Int, at now: Duration, time: @autoclosure () -> Timestamp
  ) -> FleetEpisode? {
    judge(Shared(result), of: index, at: now, time: time())
  }
}

extension ResultRecord {
  init(sequence: UInt64, result: ProbeResult) { self.init(sequence: sequence, result: Shared(result)) }
}
