import Model

/// What the scheduler keeps of one target.
final class Watch {
  let id: Int
  /// Its place in the schedule.
  var index = 0
  private(set) var target: Target
  /// Grows with each change of the target; what a probe of an older one finds is not written down.
  private(set) var revision = 0
  /// The address last reached, before that the host: whose slots its next probe takes.
  var address: String
  /// The address whose slot it has or waits for.
  var slotAddress = ""
  /// When the run that waits or has just begun should have started; nil where it was asked for by hand.
  var planned: Duration?
  var isWaiting = false
  /// It waits for its next attempt.
  var isBackingOff = false
  var run: Task<Void, Never>?
  /// No test message for runs that are planned earlier.
  var nextMessageAt: Duration = .zero
  var authGuard = AuthGuard()

  init(id: Int, target: Target) {
    self.id = id
    self.target = target
    address = target.host
  }

  /// The configuration says something new.
  func change(to new: Target, at now: Duration) {
    guard new != target else { return }
    if new.host != target.host { address = new.host }
    if !new.logsInLike(target) { authGuard = AuthGuard() }
    if let every = new.settings.send?.every { nextMessageAt = min(nextMessageAt, now + every) }
    target = new
    revision += 1
  }
}
