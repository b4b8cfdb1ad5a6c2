import Model

/// One run of a target: its attempts, from a slot to the result.
///
/// Safe to send: only the scheduler makes runs, and touches them on its own executor alone.
final class Run: @unchecked Sendable {
  let id: Int
  let revision: Int
  let target: Target
  /// Whom it logs in as; nil where it does not.
  let account: Account?
  /// Whose slot it holds.
  let address: String
  /// When it should have started; nil where it was asked for by hand.
  let planned: Duration?
  /// When the target is due again: no attempt goes on beyond it, but for the first.
  let end: Duration
  /// Whether its attempts may log in.
  var admission = AuthGuard.Admission.welcome
  /// How many attempts were begun.
  var attempts = 0
  /// From when the time to the next test message counts, where the last attempt may send one.
  var moment: Duration = .zero
  /// What the first attempt came to, where another was made.
  var first: Shared<ProbeResult>?
  /// What it comes to so far; nil where it was cancelled.
  var result: Shared<ProbeResult>?

  init(_ watch: Watch, end: Duration) {
    id = watch.id
    revision = watch.revision
    target = watch.target
    account = watch.account
    address = watch.slotAddress
    planned = watch.planned
    self.end = end
  }

  var logsIn: Bool { admission != .paused }
}

extension Scheduler {
  /// Starts a target's run, or lets it wait for a slot.
  func request(_ watch: Watch, planned: Duration?) {
    watch.planned = planned
    watch.slotAddress = watch.address
    watch.isWaiting = !slots.request(watch.id, address: watch.slotAddress)
    if !watch.isWaiting { begin(watch) }
  }

  /// Starts the runs that got a slot.
  func start(_ ids: [Int]) {
    for id in ids {
      guard let watch = watchesByID[id] else { preconditionFailure("whoever goes leaves the queue") }
      watch.isWaiting = false
      begin(watch)
    }
  }

  private func begin(_ watch: Watch) {
    messages.began(watch.id)
    let run = Run(watch, end: schedule.nextDue(of: watch.index))
    watch.run = Task(executorPreference: preference) { await self.complete(run) }
  }

  private func complete(_ run: Run) async {
    board.started(lag: run.planned.map { elapsed - $0 }, inFlight: slots.running)
    if let account = run.account, mustWait(run) { await awaitAdmission(of: run, to: account) }
    await attempt(run)
    if attempted(run) { judge(run, by: await networkState()) }
    ended(run)
  }

  /// Makes the attempts of a run.
  private func attempt(_ run: Run) async {
    repeat {
      run.attempts += 1
      let context = context(of: run)
      let result = await probe(run.target, context)
      if context.messages > 0 { noteMessages(of: run, result, allowed: context.messages) }
      guard !Task.isCancelled else {
        run.result = nil
        return
      }
      guard take(result, of: run, context) else { return }
    } while await backOff(run)
  }

  // MARK: Between waits
  //
  // None of these is inlined: what a function needs for a moment would take room in the frame of the async function
  // that calls it, for as long as that waits.

  @inline(never)
  private func context(of run: Run) -> AttemptContext {
    let settings = run.target.settings
    let limit = run.attempts == 1 ? settings.timeout : min(settings.timeout, run.end - elapsed)
    if run.attempts > 1 { admitAgain(run) }
    return AttemptContext(
      attempt: run.attempts, timeLimit: limit, messages: beginMessages(of: run), logsIn: run.logsIn)
  }

  /// Takes in what an attempt came to; true where another one may help.
  @inline(never)
  private func take(_ found: Shared<ProbeResult>, of run: Run, _ context: AttemptContext) -> Bool {
    let settings = run.target.settings
    guard let first = run.first?.value else {
      run.result = found
      run.first = found
      return !found.outcome.isSuccess && mayRetry(found.value, of: run)
    }
    // An attempt that was cut short proves nothing new.
    let isCutShort = !found.value.success && context.timeLimit < settings.timeout
    var result = isCutShort ? first : found.value
    result.attempts = run.attempts
    run.result = Shared(result.success ? result.recovered(from: first) : result)
    return !isCutShort && mayRetry(result, of: run)
  }

  private func mayRetry(_ result: ProbeResult, of run: Run) -> Bool {
    let settings = run.target.settings
    return run.attempts <= settings.retries && result.mayRetrySoon && !isStopping
      && elapsed + settings.retryBackoff < run.end
  }

  /// All attempts are over; true where what they came to may be the network's fault.
  @inline(never)
  private func attempted(_ run: Run) -> Bool {
    let result = run.result
    if let result { noteLogin(result, of: run) }
    if case .uncertain = run.admission, let account = run.account { logins.ended(account) }
    return result.map { NetworkCheck.concerns($0) || network.isStale(at: elapsed) } ?? false
  }

  /// Writes down what a run came to, and gives its slot to the next.
  @inline(never)
  private func ended(_ run: Run) {
    if let watch = watchesByID[run.id] {
      watch.run = nil
      if let result = run.result, watch.revision == run.revision {
        watch.address = result.address ?? watch.address
        board.record(
          judged(result, of: watch, loggedIn: run.logsIn), nextRunAt: nextRun(of: watch),
          authPausedUntil: logins.pausedUntil(watch), authGuard: logins.past(of: watch))
      }
    }
    start(slots.release(address: run.address))
    board.ended(inFlight: slots.running)
    if let watch = watchesByID[run.id] { requestForMessage(watch, planned: nil) }
    if slots.running == 0 { stopWaiting() }
  }

  /// Waits before the next attempt; false where there will be none.
  private func backOff(_ run: Run) async -> Bool {
    guard let watch = watchesByID[run.id], !isStopping else { return false }
    let end = clock.now.advanced(by: run.target.settings.retryBackoff)
    // A sleep need not heed a cancellation; who waits for this continuation does at once.
    let timer = Task(executorPreference: preference) { [id = run.id] in
      let isOver = await self.sleep(end)
      if !Task.isCancelled { await self.endBackOff(of: id, goesOn: isOver) }
    }
    let goesOn = await withCheckedContinuation { watch.backOff = $0 }
    timer.cancel()
    return goesOn && !isStopping
  }

  private func endBackOff(of id: Int, goesOn: Bool) { watchesByID[id]?.endBackOff(goesOn: goesOn) }
}
