import Base
package import Model

/// Where the scheduler writes and pages read: the state of every target and of the monitor, for any thread.
/// A reader never waits for a probe, only for the copy of one result.
package final class Board: HistoryReading {
  /// Told of each event of a target, once, with the target's state after it; on the thread that wrote the
  /// result, so it must be quick.
  package typealias EventHandler = @Sendable (Event, TargetSnapshot) -> Void

  /// One target's state behind a lock of its own.
  private typealias Entry = Locked<TargetState>

  private struct Contents {
    var entries: [Entry] = []
    var indexes: [String: Int] = [:]
    /// In the order of `entries`.
    var snapshots: [TargetSnapshot] = []
    /// Each target's place in `modules`.
    var moduleIndexes: [Int] = []
    var modules: [ModuleTimings] = []
    var monitor: MonitorSnapshot
  }

  /// The phases of one module's probes. Sums stay when the last of its targets goes.
  private struct ModuleTimings {
    var name: String
    /// By the phase's raw value.
    var phases = [Histogram](repeating: Histogram(), count: Phase.allCases.count)
  }

  /// The calendar's clock.
  package let wallClock: @Sendable () -> Timestamp
  private let onEvent: EventHandler
  private let onSuspicion: @Sendable ([Suspicion]) -> Void
  private let limits: HistoryLimits
  private let store: HistoryStore?
  private let contents: Locked<Contents>

  /// A board without targets.
  ///
  /// - Parameters:
  ///   - store: where the past is written down; without it the past ends with the process.
  ///   - onEvent: told of what happens to targets.
  ///   - onSuspicion: told why the monitor itself is suspect, whenever that changes.
  package init(
    limits: HistoryLimits = HistoryLimits(), store: HistoryStore? = nil, shard: Shard = Shard(),
    wallClock: @escaping @Sendable () -> Timestamp = { Timestamp(microseconds: WallClock.microseconds()) },
    onEvent: @escaping EventHandler = { _, _ in },
    onSuspicion: @escaping @Sendable ([Suspicion]) -> Void = { _ in }
  ) {
    self.limits = limits
    self.store = store
    self.wallClock = wallClock
    self.onEvent = onEvent
    self.onSuspicion = onSuspicion
    var monitor = MonitorSnapshot(startedAt: wallClock())
    monitor.shard = shard.ordinal
    monitor.totalShards = shard.total
    contents = Locked(Contents(monitor: monitor))
  }

  // MARK: Targets

  /// Takes the targets of a new configuration. One that keeps its name keeps its past. What is known of a target
  /// that has gone, goes with it or, where it is stored, waits for it to come back.
  package func replace(targets: [Target]) {
    let now = wallClock()
    let news = contents.withLock { contents -> [(Event, TargetSnapshot)] in
      var news: [(Event, TargetSnapshot)] = []
      let old = contents
      let names = Set(targets.map(\.name))
      for (name, index) in old.indexes where !names.contains(name) {
        leave(old.entries[index], name, at: now)
      }
      store?.depart(allBut: names, at: now)
      store?.expire(at: now)
      store?.reserve(for: names)
      contents.entries = targets.map { target in
        guard let index = old.indexes[target.name] else {
          return Entry(
            store?.checkOut(target, limits: limits, at: now) ?? TargetState(target: target, limits: limits))
        }
        old.entries[index].withLock { state in
          if let event = state.change(to: target, at: now) { news.append((event, state.snapshot)) }
        }
        return old.entries[index]
      }
      contents.snapshots = contents.entries.map { $0.withLock(\.snapshot) }
      contents.monitor.deliveries = [:]
      for (target, entry) in zip(targets, contents.entries) where target.settings.delivery != nil {
        contents.monitor.deliveries[target.name] = entry.withLock(\.delivery)
      }
      contents.indexes = Dictionary(zip(targets.map(\.name), targets.indices)) { first, _ in first }
      contents.moduleIndexes = targets.map { target in
        if let index = contents.modules.firstIndex(where: { $0.name == target.module }) { return index }
        contents.modules.append(ModuleTimings(name: target.module))
        return contents.modules.count - 1
      }
      return news
    }
    store?.releaseMemory()
    for (event, snapshot) in news { onEvent(event, snapshot) }
  }

  /// What a target wrote down stays behind when it goes.
  private func leave(_ entry: Entry, _ name: String, at now: Timestamp) {
    entry.withLock { state in
      store?.checkIn(name, state.book, at: now)
      state.book = nil
    }
  }

  /// What came of a target's logins before a restart; nil where there is no such target.
  package func authGuard(of name: String) -> AuthGuard? { entry(of: name)?.withLock(\.authGuard) }

  /// Writes a result down; one of a target that is no longer there is dropped.
  ///
  /// - Parameters:
  ///   - authPausedUntil: the end of the pause of logins that the target is in.
  ///   - authGuard: what came of its logins, to be found again after a restart.
  package func record(
    _ result: Shared<ProbeResult>, nextRunAt: Timestamp?, authPausedUntil: Timestamp? = nil,
    authGuard: AuthGuard = AuthGuard()
  ) {
    guard let entry = entry(of: result.target) else { return }
    let (events, snapshot) = entry.withLock { state in
      state.authGuard = authGuard
      let events = state.record(result, nextRunAt: nextRunAt, authPausedUntil: authPausedUntil)
      return (events, state.snapshot)
    }
    for event in events { onEvent(event, snapshot) }
    contents.withLock { contents in
      guard let index = publish(entry, named: result.target, in: &contents) else { return }
      let module = contents.moduleIndexes[index]
      for phase in Phase.allCases {
        guard let time = result.phases[phase] else { continue }
        contents.modules[module].phases[Int(phase.rawValue)].observe(time)
      }
    }
  }

  /// A closer look has given a target's last result a better name.
  package func amend(_ result: ProbeResult) {
    guard let entry = entry(of: result.target) else { return }
    let (events, snapshot) = entry.withLock { state in (state.amend(result), state.snapshot) }
    contents.withLock { contents in _ = publish(entry, named: result.target, in: &contents) }
    for event in events { onEvent(event, snapshot) }
  }

  /// What became of a target's test messages has changed; each of `words` is an event.
  package func delivered(_ name: String, _ delivery: DeliverySnapshot, events words: [String] = []) {
    guard let entry = entry(of: name) else { return }
    updateMonitor { $0.deliveries[name] = delivery }
    let now = wallClock()
    let (events, snapshot) = entry.withLock { state in
      (state.deliver(delivery, events: words, at: now), state.snapshot)
    }
    for event in events { onEvent(event, snapshot) }
  }

  /// What was known of a target's test messages when it was last told, before a restart too.
  package func delivery(of name: String) -> DeliverySnapshot? { entry(of: name)?.withLock(\.delivery) }

  /// Notes what a target sends.
  package func noteMessages(of name: String, _ change: (inout MessageLedger) -> Void) {
    entry(of: name)?.withLock { state in
      change(&state.messages)
      state.write()
    }
  }

  /// What a target has sent of late, before a restart too; nil where there is no such target.
  package func messageLedger(of name: String) -> MessageLedger? { entry(of: name)?.withLock(\.messages) }

  /// Test messages that were due are not sent; `words` are an event.
  package func leftOutMessages(_ count: Int, of name: String, event words: String?) {
    guard let entry = entry(of: name) else { return }
    let now = wallClock()
    let (event, snapshot) = entry.withLock { state in
      let event = words.map { state.events.append(.delivery, at: now, from: nil, to: $0) }
      state.leftOutMessages(count)
      return (event, state.snapshot)
    }
    contents.withLock { contents in _ = publish(entry, named: name, in: &contents) }
    if let event { onEvent(event, snapshot) }
  }

  /// A target's next run is at another time than its last result said.
  package func reschedule(_ name: String, to moment: Timestamp) {
    guard let entry = entry(of: name) else { return }
    entry.withLock { $0.reschedule(to: moment) }
    contents.withLock { contents in _ = publish(entry, named: name, in: &contents) }
  }

  /// Shows an entry's present state, unless the target went in the meantime; returns the target's place.
  private func publish(_ entry: Entry, named name: String, in contents: inout Contents) -> Int? {
    guard let index = contents.indexes[name], contents.entries[index] === entry else { return nil }
    contents.snapshots[index] = entry.withLock { $0.snapshot }
    return index
  }

  // MARK: The monitor's own state

  /// Changes what is known of the monitor itself.
  package func updateMonitor(_ change: (inout MonitorSnapshot) -> Void) {
    contents.withLock { change(&$0.monitor) }
  }

  /// The scheduler is alive.
  package func ticked() {
    let now = wallClock()
    updateMonitor { $0.lastTickAt = now }
  }

  /// A probe starts, that much later than planned; nil for one that was not planned.
  package func started(lag: Duration?, inFlight: Int) {
    updateMonitor { monitor in
      if let lag { monitor.lag.observe(max(.zero, lag)) }
      monitor.probesInFlight = inFlight
    }
  }

  /// A probe has ended.
  package func ended(inFlight: Int) { updateMonitor { $0.probesInFlight = inFlight } }

  /// Probes that were due did not run.
  package func skipped(_ cause: SkipCause, count: Int = 1) {
    updateMonitor { $0.skipped[cause, default: 0] += count }
  }

  /// How many probes may run at once.
  package func setSlots(_ count: Int) { updateMonitor { $0.probeSlots = count } }

  /// Why the monitor itself is suspect; nothing where it is not.
  package func suspect(_ suspicions: [Suspicion]) {
    let old = contents.withLock { contents in
      let old = contents.monitor.suspicions
      contents.monitor.suspicions = suspicions
      return old
    }
    if !old.elementsEqual(suspicions, by: { $0.about == $1.about }) { onSuspicion(suspicions) }
  }

  /// A configuration was loaded.
  package func reloadSucceeded(_ file: ConfigurationFile = .watch) {
    let now = wallClock()
    updateMonitor { monitor in
      monitor.reloadErrors[file] = nil
      if monitor.lastReloadSucceeded { monitor.lastReloadSuccessAt = now }
    }
  }

  /// A configuration was refused, for the reason that `error` tells a person.
  package func reloadFailed(_ error: String, _ file: ConfigurationFile = .watch) {
    updateMonitor { $0.reloadErrors[file] = error }
  }

  /// The lists of targets were read.
  package func listsRead(_ lists: [ListSnapshot]) { updateMonitor { $0.lists = lists } }

  // MARK: Reading

  package func snapshot() -> Snapshot {
    let now = wallClock()
    // The arrays are shared, not copied: whoever writes next copies.
    let (targets, modules, facts) = contents.withLock { ($0.snapshots, $0.modules, $0.monitor) }
    var monitor = facts
    monitor.history = store?.health
    for module in modules {
      for phase in Phase.allCases where module.phases[Int(phase.rawValue)].count > 0 {
        monitor.phaseLatency[ModulePhase(module: module.name, phase: phase)] =
          module.phases[Int(phase.rawValue)]
      }
    }
    return Snapshot(takenAt: now, targets: targets, monitor: monitor)
  }

  package func records(of target: String, limit: Int, before: UInt64?) -> HistoryPage<ResultRecord>? {
    entry(of: target)?.withLock { $0.ring.page(limit: limit, before: before) }
  }

  package func events(of target: String, limit: Int, before: UInt64?) -> HistoryPage<Event>? {
    entry(of: target)?.withLock(\.events).page(limit: limit, before: before)
  }

  package func uptime(of target: String) -> [Uptime] {
    entry(of: target)?.withLock { [now = wallClock()] in $0.uptime(now: now) } ?? []
  }

  package func transcripts(of target: String) -> [Shared<ProbeResult>] {
    entry(of: target)?.withLock(\.shelf).results ?? []
  }

  private func entry(of name: String) -> Entry? {
    contents.withLock { contents in contents.indexes[name].map { contents.entries[$0] } }
  }
}
