import Base
import Model
import Monitor

/// A scheduler with a clock, a board and scripted probes, moved by hand.
final class World: Sendable {
  struct Start: Equatable {
    var target: String
    var at: Duration
    var context: AttemptContext
  }

  struct Answer {
    var takes: Duration = .milliseconds(100)
    var outcome = Outcome.up
    var stage: Stage?
    var reason = Reason.ok
    var message = ""
    var address: String?
    var messagesSent = 0
    /// How many servers the target has; 0 for one of its own.
    var members = 0

    static func failure(
      _ stage: Stage, _ reason: Reason, takes: Duration = .milliseconds(100), message: String = ""
    ) -> Answer {
      Answer(takes: takes, outcome: reason.outcome, stage: stage, reason: reason, message: message)
    }
  }

  /// 2026-11-23T10:00:00Z.
  static let epoch = Timestamp(seconds: 1_795_428_000)

  let clock = ManualClock()
  let loop = ManualLoop()
  let board: Board
  let scheduler: Scheduler<ManualClock>
  private let log: Locked<[Start]>

  /// `store` keeps what is known over restarts; `startedAt` is when this process began.
  init(
    limits: ProbeLimits = ProbeLimits(), sleepIsCancellable: Bool = true, store: HistoryStore? = nil,
    startedAt epoch: Timestamp = World.epoch,
    script: @escaping @Sendable (Target, AttemptContext) -> Answer = { _, _ in Answer() },
    reachNetwork: @escaping @Sendable (ManualClock) async -> NetworkState = { _ in .unknown },
    onSuspicion: @escaping @Sendable ([Suspicion]) -> Void = { _ in }
  ) {
    let clock = clock
    let executor = loop.executor
    let log = Locked<[Start]>([])
    self.log = log
    board = Board(store: store, wallClock: { epoch + clock.now.offset }, onSuspicion: onSuspicion)
    scheduler = Scheduler(
      on: loop, preferring: loop.executor, clock: clock, limits: limits, board: board,
      sleep: { moment in
        sleepIsCancellable
          ? await clock.wait(until: moment)
          : await Task(executorPreference: executor) { await clock.wait(until: moment) }.value
      },
      probe: { target, context in
        let start = clock.now
        log.withLock { $0.append(Start(target: target.name, at: start.offset, context: context)) }
        let answer = script(target, context)
        var result = ProbeResult(target: target, startedAt: epoch + start.offset)
        _ = await clock.wait(until: start.advanced(by: answer.takes))
        result.duration = answer.takes
        result.outcome = answer.outcome
        result.stage = answer.stage
        result.reason = answer.reason
        result.message = answer.message
        result.address = answer.address
        result.messagesSent = answer.messagesSent
        result.members = (0..<answer.members).map { index in
          var member = ProbeResult(target: target, startedAt: result.startedAt)
          member.messagesSent = index < answer.messagesSent ? 1 : 0
          return member
        }
        return Shared(result)
      }, reachNetwork: { await reachNetwork(clock) })
  }

  /// The attempts so far, in order.
  var starts: [Start] { log.withLock { $0 } }
  func starts(of name: String) -> [Start] { starts.filter { $0.target == name } }

  func run(_ targets: [Target]) {
    scheduler.assumeIsolated { scheduler in
      scheduler.replace(targets: targets)
      scheduler.run()
    }
    loop.executor.drain()
  }

  func replace(_ targets: [Target], retriesLogins: Bool = false) {
    scheduler.assumeIsolated { $0.replace(targets: targets, retriesLogins: retriesLogins) }
    loop.executor.drain()
  }

  func probeNow(_ name: String) -> Bool {
    let started = scheduler.assumeIsolated { $0.probeNow(name) }
    loop.executor.drain()
    return started
  }

  /// Lets time pass, waking everybody at their own moment.
  func advance(by duration: Duration) {
    let end = clock.now.advanced(by: duration)
    loop.executor.drain()
    while let next = clock.nextDeadline, next <= end {
      clock.set(next)
      loop.executor.drain()
    }
    clock.set(end)
    loop.executor.drain()
  }

  /// Lets time pass while the process is stopped: everybody wakes late, at once.
  func suspend(for duration: Duration) {
    clock.set(clock.now.advanced(by: duration))
    loop.executor.drain()
  }

  /// Begins to shut down; tells how many probes were given up, once it is over.
  func shutdown(grace: Duration) -> @Sendable () -> Int? {
    let left = Locked<Int?>(nil)
    let scheduler = scheduler
    Task(executorPreference: loop.executor) {
      let count = await scheduler.shutdown(grace: grace)
      left.withLock { $0 = count }
    }
    loop.executor.drain()
    return { left.withLock { $0 } }
  }

  func target(_ name: String) -> TargetSnapshot? {
    board.snapshot().targets.first { $0.target.name == name }
  }

  var skipped: [SkipCause: Int] { board.snapshot().monitor.skipped }
}

extension AttemptContext {
  /// A test message goes with it.
  var sendsMessage: Bool { messages > 0 }
}

extension Target {
  static func sample(
    _ name: String = "a", host: String? = nil, every interval: Duration = .seconds(10),
    change: (inout ProbeSettings) -> Void = { _ in }
  ) -> Target {
    var settings = ProbeSettings()
    change(&settings)
    return Target(
      name: name, host: host ?? "\(name).example", port: 587, interval: interval, settings: settings)
  }
}

extension ProbeResult {
  /// A result that started so many seconds after `World.epoch`.
  static func sample(
    _ outcome: Outcome = .up, at seconds: Int = 0, stage: Stage? = nil, reason: Reason = .ok,
    target: Target = .sample(), change: (inout ProbeResult) -> Void = { _ in }
  ) -> ProbeResult {
    var result = ProbeResult(target: target, startedAt: World.epoch + .seconds(seconds))
    result.outcome = outcome
    result.stage = stage
    result.reason = reason
    result.duration = .milliseconds(40)
    change(&result)
    return result
  }
}
