package import Model

/// Starts each target's probes when they are due and writes what they find on the board.
///
/// It shares the executor of the actor it is given, so that on an event loop it and all of its probes run on
/// that loop's thread without a hop.
package actor Scheduler<C: Clock> where C.Duration == Duration {
  /// Waits until a moment; false where the task was cancelled before.
  package typealias Sleep = @Sendable (C.Instant) async -> Bool

  private let host: any Actor
  let preference: (any TaskExecutor)?
  let clock: C
  private let start: C.Instant
  let sleep: Sleep
  let probe: ProbeFunction
  let board: Board
  let reachNetwork: NetworkFunction

  var schedule: Schedule
  var messages: MessageSchedule
  var slots: Slots
  var network = NetworkCheck()
  var fleet = FleetWatch()
  /// The board shows that the monitor itself is suspect.
  var hasSuspicions = false
  var logins = LoginDesk()
  /// In the order of the schedule.
  private var watches: [Watch] = []
  private(set) var watchesByID: [Int: Watch] = [:]
  private var nextID = 0
  private var ticker: Task<Void, Never>?
  private(set) var isStopping = false
  private var drained: CheckedContinuation<Void, Never>?

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Safe: `host` lives as long as the scheduler, and its executor as long as `host`.
    unsafe host.unownedExecutor
  }

  /// A scheduler without targets, at rest.
  ///
  /// - Parameters:
  ///   - host: the actor whose executor it shares.
  ///   - preference: the executor of its tasks, the host's own; without it each wait detours through the
  ///     global pool.
  ///   - sleep: waits on the same executor. It may end early when its task is cancelled.
  ///   - probe: probes a target once.
  ///   - reachNetwork: asks the control hosts, where there are any.
  package init(
    on host: any Actor, preferring preference: (any TaskExecutor)?, clock: C, limits: ProbeLimits,
    board: Board, sleep: @escaping Sleep, probe: @escaping ProbeFunction,
    reachNetwork: @escaping NetworkFunction = { .unknown }
  ) {
    self.host = host
    self.preference = preference
    self.clock = clock
    start = clock.now
    self.sleep = sleep
    self.probe = probe
    self.reachNetwork = reachNetwork
    self.board = board
    let startedAt = board.wallClock()
    schedule = Schedule(startedAt: startedAt)
    messages = MessageSchedule(startedAt: startedAt)
    slots = Slots(limits: limits)
    board.setSlots(limits.inFlight)
  }

  // MARK: Commands

  /// Begins to probe.
  package func run() {
    guard !isStopping else { return }
    ticker?.cancel()
    ticker = Task(executorPreference: preference) { await self.tickUntilCancelled() }
  }

  /// Takes the targets of a new configuration. One that keeps its name keeps its history and, unless its
  /// interval is another, its times; one that has gone is dropped at once. Another login ends its pause.
  ///
  /// - Parameters:
  ///   - retriesLogins: paused logins are tried again with the next probe: a person asked for it.
  ///   - adopt: takes what else belongs to the targets. No probe begins between the one and the other.
  package func replace(
    targets: [Target], limits: ProbeLimits? = nil, retriesLogins: Bool = false,
    with adopt: @Sendable () -> Void = {}
  ) {
    guard !isStopping else { return }
    adopt()
    if let limits {
      slots.limits = limits
      board.setSlots(limits.inFlight)
    }
    let old = Dictionary(watches.map { ($0.target.name, $0) }) { first, _ in first }
    let now = elapsed
    watches = targets.enumerated().map { index, target in
      let watch = old[target.name] ?? newWatch(target)
      watch.index = index
      watch.change(to: target)
      return watch
    }
    logins.replace(targets: targets, retries: retriesLogins, at: now)
    watchesByID = Dictionary(watches.map { ($0.id, $0) }) { first, _ in first }
    for watch in old.values where watchesByID[watch.id] == nil {
      watch.run?.cancel()
      watch.endBackOff(goesOn: false)
    }
    fleet.replace(targets: targets)
    showSuspicions()
    board.replace(targets: targets)
    for watch in watches where old[watch.target.name] == nil {
      guard let past = board.authGuard(of: watch.target.name) else { continue }
      logins.resume(past, of: watch.target, at: now, time: board.wallClock())
    }
    schedule.replace(with: targets.map { ($0.name, $0.interval) }, at: now)
    messages.replace(
      with: watches.map { ($0.id, $0.target.name, $0.target.settings.send?.every) }, at: now,
      lastSentAt: { board.messageLedger(of: $0)?.lastAt })
    for watch in watches { showNextRun(of: watch) }
    showNextMessages(of: watches)
    start(slots.dropWaiting { watchesByID[$0] == nil })
    // The next tick may have to come sooner.
    if ticker != nil { run() }
  }

  /// Probes a target now, in a slot like any other. False where there is no such target, or its probe runs or
  /// waits already.
  @discardableResult package func probeNow(_ name: String) -> Bool {
    guard let watch = watches.first(where: { $0.target.name == name }), !isStopping, watch.run == nil,
      !watch.isWaiting
    else { return false }
    request(watch, planned: nil)
    return true
  }

  /// Starts nothing more and waits for the probes in flight, at most for `grace`; then they are cancelled and
  /// what they find is not written down. Returns how many those were.
  @discardableResult package func shutdown(grace: Duration) async -> Int {
    guard !isStopping else { return 0 }
    isStopping = true
    ticker?.cancel()
    for watch in watches where watch.isWaiting {
      watch.isWaiting = false
      board.skipped(.shutdown)
    }
    _ = slots.dropWaiting { _ in true }
    for watch in watches { watch.endBackOff(goesOn: false) }
    guard slots.running > 0 else { return 0 }
    let deadline = clock.now.advanced(by: grace)
    let timer = Task(executorPreference: preference) {
      _ = await self.sleep(deadline)
      await self.stopWaiting()
    }
    await withCheckedContinuation { drained = $0 }
    timer.cancel()
    for watch in watches { watch.run?.cancel() }
    return slots.running
  }

  /// Nothing is in flight any longer, or it took too long.
  func stopWaiting() {
    drained?.resume()
    drained = nil
  }

  private func newWatch(_ target: Target) -> Watch {
    nextID += 1
    return Watch(id: nextID, target: target)
  }

  // MARK: Ticks

  /// Time since the scheduler was made.
  var elapsed: Duration { start.duration(to: clock.now) }

  private func tickUntilCancelled() async {
    while !Task.isCancelled {
      tick()
      // At least once a second, so that the board shows whether the loop lives.
      let heartbeat = elapsed + .seconds(1)
      let wake = min(schedule.nextDue ?? heartbeat, messages.nextDue ?? heartbeat, heartbeat)
      guard await sleep(start.advanced(by: wake)) else { return }
    }
  }

  private func tick() {
    board.ticked()
    let now = elapsed
    // First, so that a probe that is due at the same time carries the message.
    let messagesDue = messages.popDue(at: now)
    while let due = schedule.popDue(at: now) {
      let watch = watches[due.index]
      if due.isMissed {
        board.skipped(.overrun, count: due.missed)
      } else if watch.run != nil {
        board.skipped(.overrun)
      } else if watch.isWaiting {
        // Its place in the queue is the new run's now.
        board.skipped(.slots)
        watch.planned = due.planned
      } else {
        request(watch, planned: due.planned)
        continue
      }
      showNextRun(of: watch)
    }
    for (id, due) in messagesDue {
      showNextMessage(of: id)
      // A moment that was missed is no lag of the probe that makes up for it.
      if let watch = watchesByID[id] {
        requestForMessage(watch, planned: now - due < .seconds(1) ? due : nil)
      }
    }
  }

  private func showNextRun(of watch: Watch) {
    board.reschedule(watch.target.name, to: nextRun(of: watch))
  }

  /// When a target is due next, by the calendar.
  func nextRun(of watch: Watch) -> Timestamp {
    board.wallClock() + (schedule.nextDue(of: watch.index) - elapsed)
  }
}
