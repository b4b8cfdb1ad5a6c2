import Model

/// What the scheduler keeps of one target.
final class Watch {
  let id: Int
  /// Its place in the schedule.
  var index = 0
  private(set) var target: Target
  /// Whom it logs in as; nil where it does not.
  private(set) var account: Account?
  /// Grows with each change of the target; what a probe of an older one finds is not written down.
  private(set) var revision = 0
  /// The address last reached, before that the host: whose slots its next probe takes.
  var address: String
  /// The address whose slot it has or waits for.
  var slotAddress = ""
  /// When the run that waits or has just begun should have started; nil where it was asked for by hand.
  var planned: Duration?
  var isWaiting = false
  /// Ends its wait for the next attempt; false: there will be none.
  var backOff: CheckedContinuation<Bool, Never>?
  var run: Task<Void, Never>?
  /// Test messages are left out, and that was told.
  var leavesMessagesOut = false

  init(id: Int, target: Target) {
    self.id = id
    self.target = target
    account = Account(of: target)
    address = target.host
  }

  /// The configuration says something new.
  func change(to new: Target) {
    guard new != target else { return }
    if new.host != target.host { address = new.host }
    target = new
    account = Account(of: new)
    revision += 1
  }

  /// Ends its wait for the next attempt, if it does wait.
  func endBackOff(goesOn: Bool) { backOff.take()?.resume(returning: goesOn) }
}
