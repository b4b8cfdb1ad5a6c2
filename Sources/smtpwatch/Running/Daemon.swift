import Base
import Configuration
import DNS
import HTTP
import Logging
import Loop
import Model
import Monitor
import Probe
import TLS
import Web

/// The running monitor: its loop on the main thread, its pages on threads of their own, and what connects them.
final class Daemon: Sendable {
  private let loop: EventLoop
  private let board: Board
  private let scheduler: Scheduler<MonotonicClock>
  private let plans: Locked<[String: ProbePlan]>
  private let prober: Prober
  private let desk: ProbeDesk
  private let source: SettingsSource?
  private let shard: Shard
  private let logger: Logger
  private let controls: ControlHosts
  /// The files of the configuration in use; held during a reload, so that there is one at a time.
  private let files: Locked<WatchedFiles>
  private let service = ServiceNotification(environment: Environment.variables())

  /// How long probes in flight have to say goodbye.
  private static let grace: Duration = .seconds(5)
  private static let memoryInterval: Duration = .seconds(5)
  /// A loop that has not turned for so long is stuck.
  private static let stuckAfter: Duration = .seconds(10)
  /// How often the files are looked at.
  private static let fileInterval: Duration = .seconds(5)
  /// How long a file must stay the same before it is read.
  private static let settleTime: Duration = .seconds(1)

  /// A monitor without targets, at rest.
  ///
  /// - Parameters:
  ///   - source: what a reload reads; nil where there is nothing to read again.
  ///   - systemTrust: what probes on request believe where a module names no `ca_file`.
  init(
    loop: EventLoop, source: SettingsSource?, settings: Settings, systemTrust: TrustStore = TrustStore(),
    shard: Shard, logger: Logger
  ) {
    self.loop = loop
    self.source = source
    self.shard = shard
    self.logger = logger
    let history = HistoryLimits(results: settings.history.results, transcripts: settings.history.transcripts)
    let log = TransitionLog(logger: logger)
    let board = Board(
      limits: history, shard: shard, onEvent: { log.note($0, $1) }, onSuspicion: { log.note($0) })
    let plans = Locked<[String: ProbePlan]>([:])
    let resolver = Resolver()
    let prober = Prober(resolver: resolver) { log.note($0) }
    let controls = ControlHosts(resolver: resolver)
    controls.replace(settings.networkCheck)
    self.board = board
    self.plans = plans
    self.prober = prober
    desk = ProbeDesk(settings, systemTrust: systemTrust, history: board, prober: prober, loop: loop)
    self.controls = controls
    files = Locked(WatchedFiles(settings))
    scheduler = Scheduler(
      on: loop, preferring: loop.executor, clock: MonotonicClock { await loop.sleep(until: $0) },
      limits: ProbeLimits(settings.limits), board: board, sleep: { await loop.sleep(until: $0) },
      probe: { target, attempt in
        guard let plan = plans.withLock({ $0[target.name] }) else { return .unplanned(target) }
        var probed = await prober.probe(
          plan, timeLimit: attempt.timeLimit, sendsMessage: attempt.sendsMessage, logsIn: attempt.logsIn,
          isFinal: attempt.attempt > target.settings.retries, on: loop)
        var lead = probed.lead.take()
        if lead != nil {
          // The result is published at once; what the checks prove is added to it when it is known.
          Task(executorPreference: loop.executor) {
            if let lead = lead.take() { board.amend(await prober.follow(lead, on: loop)) }
          }
        }
        log.note(probed.result)
        return probed.result
      }, reachNetwork: { await controls.reach(on: loop) })
  }

  /// Serves and probes until a signal ends it. Call it on the main thread.
  ///
  /// - Parameters:
  ///   - watchesFiles: reloads when a file of the configuration changes.
  ///   - announce: told where it serves, once it does.
  func run(
    _ program: Program, signals: consuming SignalSource, web: WebFlags, watchesFiles: Bool = false,
    announce: ([ListenAddress]) -> Void = { _ in }
  ) throws {
    FreeMemory.keepSmall()
    let server = try HTTPServer(addresses: try web.addresses(), responder: site(web).router().answer)
    defer { server.stop() }
    for address in server.addresses {
      logger.info("Listening", metadata: ["address": "\(address)", "tls": "false"])
    }
    announce(server.addresses)
    begin(program, signals)
    let watch = watchFiles(all: watchesFiles)
    defer { watch?.cancel() }
    loop.run()
    logger.info("Stopped")
  }

  /// The watch over signals, and the schedule, as the loop's first tasks.
  private func begin(_ program: Program, _ signals: consuming SignalSource) {
    var signals: SignalSource? = signals
    Task(executorPreference: loop.executor) { [self] in
      adopt(program)
      await scheduler.replace(targets: program.targets)
      await scheduler.run()
      board.reloadSucceeded()
      service?.send(.ready)
      proveLife()
      if let signals = signals.take() { await obey(signals, on: loop) }
      loop.stop()
    }
    Task(executorPreference: loop.executor) { [loop] in await Self.releaseMemory(on: loop) }
  }

  /// Gives back now and then what bursts of probes took.
  private static func releaseMemory(on loop: isolated EventLoop) async {
    while await loop.sleep(until: .now().advanced(by: memoryInterval)) { FreeMemory.release() }
  }

  /// Tells the service manager that the scheduler still ticks, for as long as it does.
  private func proveLife() {
    guard let service, let heartbeat = service.heartbeat else { return }
    Task(executorPreference: loop.executor) { [loop, board] in
      var lastTick: Timestamp?
      while await loop.sleep(until: .now().advanced(by: heartbeat)) {
        let tick = board.snapshot().monitor.lastTickAt
        if tick != lastTick { service.send(.watchdog) }
        lastTick = tick
      }
    }
  }

  private func site(_ web: WebFlags) -> WebSite {
    var site = WebSite(history: board, program: Version.facts)
    site.routePrefix = web.routePrefix
    site.telemetryPath = web.telemetryPath
    site.logMessages = { StandardErrorLog.lines }
    site.followUps = { [prober] in
      let counts = prober.followUpCounts
      return FollowUpFacts(diagnoses: counts.diagnoses, checks: counts.checks)
    }
    site.isAlive = { [loop] in loop.lastTurn.duration(to: .now()) < Self.stuckAfter }
    site.isReady = { [board] in board.snapshot().monitor.lastTickAt != nil }
    site.probe = { [desk] wish, answer in desk.probe(wish, answer) }
    site.configurationText = { [desk] in desk.configurationText }
    if web.enablesLifecycle {
      site.reload = { [self] answer in Task.detached { answer(self.reload(asked: true)) } }
      site.probeNow = { [scheduler, loop] name, answer in
        Task(executorPreference: loop.executor) { answer(await scheduler.probeNow(name)) }
      }
    }
    return site
  }

  /// Acts on signals until one says that it is over.
  private func obey(_ signals: borrowing SignalSource, on loop: isolated EventLoop) async {
    while let signal = await signals.next(on: loop) {
      switch signal {
      case .hangup:
        // A long configuration shall not hold up the probes: it is read elsewhere.
        Task.detached { _ = self.reload(asked: true) }
      case .interrupt, .terminate:
        service?.send(.stopping)
        logger.info("Stopping", metadata: ["signal": "\(signal)"])
        let lost = await scheduler.shutdown(grace: Self.grace)
        if lost > 0 { logger.warning("Probes were cut off", metadata: ["count": "\(lost)"]) }
        return
      }
    }
  }

  // MARK: Configuration

  /// Reads the configuration again; one that cannot be used leaves everything as it was.
  ///
  /// - Parameter asked: a person wants it, so that paused logins are tried again too.
  private func reload(asked: Bool) -> WebSite.ReloadOutcome {
    files.withLock { files in
      // What is written during the reading is seen as changed later.
      files.renew()
      service?.send(.reloading)
      defer { service?.send(.ready) }
      do {
        guard let source else { throw ReloadRefusal("There is no configuration to read again.") }
        let loaded = try source.load()
        for warning in loaded.warnings { logger.warning("\(warning)") }
        let program = try Program(loaded.settings, shard: shard)
        adopt(program)
        desk.adopt(loaded.settings)
        controls.replace(loaded.settings.networkCheck)
        files.replace(loaded.settings)
        let limits = ProbeLimits(loaded.settings.limits)
        Task(executorPreference: loop.executor) { [scheduler] in
          await scheduler.replace(targets: program.targets, limits: limits, retriesLogins: asked)
        }
        board.reloadSucceeded()
        logger.info("Configuration reloaded", metadata: ["targets": "\(program.targets.count)"])
        return .success(())
      } catch {
        let words = (error as? ReloadRefusal)?.text ?? "\(error)"
        board.reloadFailed(words)
        logger.error("The configuration cannot be used; the old one stays", metadata: ["error": "\(words)"])
        return .failure(ReloadRefusal(words))
      }
    }
  }

  /// Looks after the files, away from the loop: after all of the configuration's, or only after the secrets of
  /// paused logins.
  private func watchFiles(all: Bool) -> Task<Void, Never>? {
    guard source != nil else { return nil }
    return Task.detached { [self] in
      var state = WatchedFiles.State.unchanged
      while (try? await Task.sleep(for: state == .changing ? Self.settleTime : Self.fileInterval)) != nil {
        let secrets = all ? nil : board.snapshot().pausedPasswordFiles
        state = files.withLock { $0.look(only: secrets) }
        guard state == .changed else { continue }
        logger.info(
          all ? "A file of the configuration has changed" : "The secret of a paused login has changed")
        _ = reload(asked: false)
      }
    }
  }

  /// Takes the plans of a program. What was proved of a target holds as long as the target stays as it is.
  private func adopt(_ program: Program) {
    let unchanged = plans.withLock { plans in
      defer { plans = program.plans }
      return program.targets.filter { plans[$0.name]?.target == $0 }.map(\.name)
    }
    prober.keep(only: Set(unchanged))
  }
}

extension Snapshot {
  /// The files of the passwords that were refused.
  fileprivate var pausedPasswordFiles: [String] {
    targets.compactMap { $0.authPausedUntil == nil ? nil : $0.target.settings.auth?.secretFile }
  }
}

extension ProbeLimits {
  fileprivate init(_ limits: Limits) { self.init(inFlight: limits.inFlight, perAddress: limits.perAddress) }
}

extension ProbeResult {
  /// The result of a target that left the configuration between its turn and its probe.
  fileprivate static func unplanned(_ target: Target) -> ProbeResult {
    var result = ProbeResult(target: target, startedAt: Timestamp(microseconds: WallClock.microseconds()))
    result.outcome = .inconclusive
    result.stage = .internal
    result.reason = .localError
    result.message = "The target left the configuration before its probe began."
    return result
  }
}
