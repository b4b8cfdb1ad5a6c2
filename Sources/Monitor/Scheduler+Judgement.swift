import Model

/// What the monitor knows beyond one probe, and what it makes of a result.
extension Scheduler {
  /// The result as it is written down.
  func judged(_ result: ProbeResult, of watch: Watch, loggedIn: Bool) -> ProbeResult {
    guard watch.target.settings.auth != nil else { return result }
    guard loggedIn else { return watch.authGuard.shown(result) }
    watch.authGuard.note(result, at: elapsed, time: board.wallClock())
    return result
  }
}
