import Model

/// One run of a target: its attempts, from a slot to the result.
struct Run: Sendable {
  var id: Int
  var revision: Int
  var target: Target
  /// Its attempts may log in.
  var logsIn: Bool
  /// Whose slot it holds.
  var address: String
  /// When it should have started; nil where it was asked for by hand.
  var planned: Duration?
  /// When the target is due again: no attempt goes on beyond it, but for the first.
  var end: Duration
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
    let run = Run(
      id: watch.id, revision: watch.revision, target: watch.target,
      logsIn: watch.authGuard.logsIn(at: elapsed),
      address: watch.slotAddress, planned: watch.planned, end: schedule.nextDue(of: watch.index))
    watch.run = Task(executorPreference: preference) { await self.complete(run) }
  }

  private func complete(_ run: Run) async {
    board.started(lag: run.planned.map { elapsed - $0 }, inFlight: slots.running)
    var result = await attempts(of: run)
    if let found = result, NetworkCheck.concerns(found) || network.isStale(at: elapsed) {
      result = await checkedForNetwork(found)
    }
    if let watch = watchesByID[run.id] {
      watch.run = nil
      if let result, watch.revision == run.revision {
        watch.address = result.address ?? watch.address
        board.record(
          judged(result, of: watch, loggedIn: run.logsIn), nextRunAt: nextRun(of: watch),
          authPausedUntil: watch.authGuard.pausedUntil)
      }
    }
    start(slots.release(address: run.address))
    board.ended(inFlight: slots.running)
    if slots.running == 0 { stopWaiting() }
  }

  /// The result of a run's attempts; nil where it was cancelled.
  private func attempts(of run: Run) async -> ProbeResult? {
    let settings = run.target.settings
    var first: ProbeResult?
    for attempt in 1... {
      let limit = attempt == 1 ? settings.timeout : min(settings.timeout, run.end - elapsed)
      var result = await self.attempt(attempt, of: run, limit: limit)
      if Task.isCancelled { return nil }
      result.attempts = attempt
      if result.success { return first.map { result.recovered(from: $0) } ?? result }
      if var first, limit < settings.timeout {
        // An attempt that was cut short proves nothing new.
        first.attempts = attempt
        return first
      }
      guard attempt <= settings.retries, result.mayRetrySoon, !isStopping,
        elapsed + settings.retryBackoff < run.end
      else { return result }
      first = first ?? result
      guard await backOff(run) else { return result }
    }
    return first
  }

  private func attempt(_ number: Int, of run: Run, limit: Duration) async -> ProbeResult {
    let moment = run.planned ?? elapsed
    let every = run.target.settings.send?.every
    let sendsMessage =
      run.logsIn && every != nil && watchesByID[run.id].map { $0.nextMessageAt <= moment } ?? false
    let result = await probe(
      run.target,
      AttemptContext(
        attempt: number, timeLimit: limit, sendsMessage: sendsMessage, logsIn: run.logsIn))
    if let every, sendsMessage, result.reachedMail {
      watchesByID[run.id]?.nextMessageAt = moment + every
    }
    return result
  }

  /// Waits before the next attempt; false where there will be none.
  private func backOff(_ run: Run) async -> Bool {
    let watch = watchesByID[run.id]
    watch?.isBackingOff = true
    defer { watch?.isBackingOff = false }
    return await sleep(clock.now.advanced(by: run.target.settings.retryBackoff)) && !isStopping
  }
}
