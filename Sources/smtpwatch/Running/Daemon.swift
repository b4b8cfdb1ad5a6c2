import Base
import Configuration
import DNS
import Delivery
import HTTP
import Logging
import Loop
import Model
import Monitor
import OAuth
import Probe
import TLS
import Web

/// The running monitor: its loop on the main thread, its pages on threads of their own, and what connects them.
final class Daemon: Sendable {
  private let loop: EventLoop
  private let board: Board
  private let feed: EventFeed
  private let scheduler: Scheduler<MonotonicClock>
  private let plans: Locked<[String: ProbePlan]>
  private let prober: Prober
  private let tokens: TokenKeeper
  private let desk: ProbeDesk
  private let source: SettingsSource?
  private let shard: Shard
  private let logger: Logger
  private let controls: ControlHosts
  private let delivery: DeliveryWatch
  /// Held during a reload, so that there is one at a time.
  private let inUse: Locked<ConfigurationInUse>
  /// Of the lists behind URLs; nil where nothing is read again.
  private let fetcher = Locked<ListFetcher?>(nil)
  /// The reloads that people ask for.
  private let reloads = Repetition<WebSite.ReloadOutcome>()
  private let storage: HistoryStorage?
  /// What is probed first. Let go once the schedule has it, lest its secrets outlive a reload.
  private let program: Locked<Program?>
  private let service = ServiceNotification(environment: Environment.variables())

  /// How long probes in flight have to say goodbye.
  private static let grace: Duration = .seconds(5)
  private static let memoryInterval: Duration = .seconds(5)
  /// A loop that has not turned for so long is stuck.
  private static let stuckAfter: Duration = .seconds(10)
  /// How often the files are looked at where nothing tells of a change: network file systems tell of none.
  private static let fileInterval: Duration = .seconds(5)
  /// How long a file must stay the same before it is read.
  private static let settleTime: Duration = .seconds(1)
  /// How long what happens in folders is gathered before the files are looked at.
  private static let bunchTime: Duration = .milliseconds(250)

  /// A monitor of the targets of a program, at rest.
  ///
  /// - Parameters:
  ///   - program: what `loaded` comes to.
  ///   - source: what a reload reads; nil where there is nothing to read again.
  ///   - systemTrust: what probes on request believe where a module names no `ca_file`.
  ///   - storage: where the history is kept; without it the history ends with the process.
  init(
    _ program: Program, of loaded: Loaded, loop: EventLoop, source: SettingsSource?,
    systemTrust: TrustStore = TrustStore(),
    storage: HistoryStorage? = nil, shard: Shard, logger: Logger
  ) {
    let settings = loaded.settings
    self.program = Locked(program)
    self.loop = loop
    self.source = source
    self.shard = shard
    self.logger = logger
    self.storage = storage
    let log = TransitionLog(logger: logger)
    let feed = EventFeed(startedAt: Timestamp(microseconds: WallClock.microseconds()))
    let board = Board(
      limits: HistoryLimits(settings.history), store: storage?.store, shard: shard,
      onEvent: {
        log.note($0, $1)
        feed.publish($0, of: $1)
      }, onSuspicion: { log.note($0) })
    let plans = Locked<[String: ProbePlan]>([:])
    let resolver = Resolver()
    let tokens = TokenKeeper(userAgent: "smtpwatch/\(Version.facts.version)") { log.note($0) }
    let prober = Prober(resolver: resolver, tokens: { tokens.state(of: $0) }) { log.note($0) }
    let controls = ControlHosts(resolver: resolver)
    controls.replace(settings.networkCheck)
    let delivery = DeliveryWatch(
      past: { board.delivery(of: $0).map(DeliveryTracker.Past.init) }, tokens: MailboxTokens(tokens)
    ) {
      board.delivered($0, DeliverySnapshot($1), events: $2.map(\.words))
    }
    self.delivery = delivery
    self.board = board
    self.feed = feed
    self.plans = plans
    self.prober = prober
    self.tokens = tokens
    desk = ProbeDesk(settings, systemTrust: systemTrust, history: board, prober: prober, loop: loop)
    self.controls = controls
    inUse = Locked(ConfigurationInUse(loaded))
    board.listsRead(loaded.lists.map(ListSnapshot.init))
    let probes = ScheduledProbes(
      plans: plans, prober: prober, tokens: tokens, delivery: delivery, board: board, log: log, loop: loop)
    scheduler = Scheduler(
      on: loop, preferring: loop.executor, clock: MonotonicClock { await loop.sleep(until: $0) },
      limits: ProbeLimits(settings.limits), board: board, sleep: { await loop.sleep(until: $0) },
      probe: { await probes.attempt($1, at: $0) }, reachNetwork: { await controls.reach(on: loop) })
  }

  /// Serves and probes until a signal ends it. Call it on the main thread.
  ///
  /// - Parameters:
  ///   - watchesFiles: reloads when a file of the configuration changes.
  ///   - announce: told where it serves, once it does.
  func run(
    signals: consuming SignalSource, web: WebFlags, watchesFiles: Bool = false,
    announce: ([ListenAddress]) -> Void = { _ in }
  ) throws {
    FreeMemory.keepSmall()
    let door = try WebDoor(web.configFile, logger: logger) { [board] error in
      if let error { board.reloadFailed("\(error)", .web) } else { board.reloadSucceeded(.web) }
    }
    let site = site(web, door)
    let server = try door.serve(try web.addresses(), counts: site.requests, site.router().answer)
    defer { server.stop() }
    for address in server.addresses {
      logger.info("Listening", metadata: ["address": "\(address)", "tls": "\(door.credentials != nil)"])
    }
    let doorWatch = door.watch()
    defer { doorWatch?.cancel() }
    announce(server.addresses)
    begin(signals, door)
    if source != nil {
      Task(executorPreference: loop.executor) { [loop] in await self.watchFiles(all: watchesFiles, on: loop) }
      fetchLists()
    }
    defer { fetcher.withLock { $0 = nil } }
    let storageWatch = storage?.look()
    defer { storageWatch?.cancel() }
    loop.run()
    storage?.store.sync()
    logger.info("Stopped")
  }

  /// The watch over signals, and the schedule, as the loop's first tasks.
  private func begin(_ signals: consuming SignalSource, _ door: WebDoor) {
    var signals: SignalSource? = signals
    Task(executorPreference: loop.executor) { [self] in
      await beginProbing()
      board.reloadSucceeded()
      service?.send(.ready)
      proveLife()
      if let signals = signals.take() { await obey(signals, door, on: loop) }
      loop.stop()
    }
    Task(executorPreference: loop.executor) { [loop] in await Self.releaseMemory(on: loop) }
    Task(executorPreference: loop.executor) { [loop, feed] in await Self.keepListeners(of: feed, on: loop) }
  }

  private func beginProbing() async {
    if let program = program.withLock({ $0.take() }) {
      await scheduler.replace(targets: program.targets) { self.adopt(program) }
      watchDelivery(program.targets)
    }
    await scheduler.run()
  }

  /// Shows those who listen to events that the monitor is there.
  private static func keepListeners(of feed: EventFeed, on loop: isolated EventLoop) async {
    while await loop.sleep(until: .now().advanced(by: EventFeed.heartbeat)) { feed.beat() }
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

  private func site(_ web: WebFlags, _ door: WebDoor) -> WebSite {
    var site = WebSite(history: board, program: Version.facts)
    site.routePrefix = web.prefix
    site.origin = web.externalURL?.origin
    site.externalPath = web.externalURL?.path
    site.telemetryPath = web.telemetryPath
    site.feed = feed
    site.dashboard = web.grafanaURL
    site.logMessages = { StandardErrorLog.lines }
    site.followUps = { [prober] in
      let counts = prober.followUpCounts
      return FollowUpFacts(diagnoses: counts.diagnoses, checks: counts.checks)
    }
    site.observationLag = { [loop] in loop.observationLag.withLock { $0 } }
    site.isAlive = { [loop] in loop.lastTurn.duration(to: .now()) < Self.stuckAfter }
    site.isReady = { [board] in board.snapshot().monitor.lastTickAt != nil }
    site.probe = { [desk] wish, answer in desk.probe(wish, answer) }
    site.metricGroups = { [desk] in desk.metricGroups }
    site.configurationText = { [desk] in desk.configurationText }
    if web.enablesLifecycle {
      site.reload = { [self] answer in reloads.ask({ self.reload(with: door) }, answer) }
      site.probeNow = { [scheduler, loop] name, answer in
        Task(executorPreference: loop.executor) { answer(await scheduler.probeNow(name)) }
      }
    }
    return site
  }

  /// Acts on signals until one says that it is over.
  private func obey(
    _ signals: borrowing SignalSource, _ door: WebDoor, on loop: isolated EventLoop
  ) async {
    while let signal = await signals.next(on: loop) {
      switch signal {
      case .hangup:
        reloads.ask({ [self] in reload(with: door) }, { _ in })
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

  /// Reads both configurations again, because a person wants it.
  private func reload(with door: WebDoor) -> WebSite.ReloadOutcome {
    let outcome = reload(.asked)
    guard case .failure(let error) = door.reload() else { return outcome }
    guard case .failure(let refusal) = outcome else { return .failure(ReloadRefusal("\(error)")) }
    return .failure(ReloadRefusal("\(refusal.text)\n\(error)"))
  }

  /// Why the configuration is read again.
  private enum ReloadCause {
    /// A person wants it, so that paused logins are tried again too.
    case asked
    /// A file has changed, and changes of all files count.
    case fileChanged
    /// A list of targets has changed, or an access token, or the secret of a paused login.
    case listChanged
  }

  /// Reads the configuration again; one that cannot be used leaves everything as it was.
  private func reload(_ cause: ReloadCause) -> WebSite.ReloadOutcome {
    inUse.withLock { inUse in
      service?.send(.reloading)
      defer { service?.send(.ready) }
      do {
        guard let source else { throw ReloadRefusal("There is no configuration to read again.") }
        var isWhole = cause != .listChanged
        let loaded = try inUse.read(source, asked: cause == .asked, all: isWhole) { error in
          isWhole = false
          refuse("\(error)")
        }
        let said = cause == .asked ? [] : inUse.said
        for warning in loaded.warnings where !said.contains(warning) { logger.warning("\(warning)") }
        let program = try Program(loaded.settings, shard: shard)
        desk.adopt(loaded.settings, retriesLogins: cause == .asked)
        controls.replace(loaded.settings.networkCheck)
        inUse.replace(loaded)
        fetcher.withLock { $0?.replace(loaded.settings.targetURLs) }
        let limits = ProbeLimits(loaded.settings.limits)
        Task(executorPreference: loop.executor) { [self] in
          await scheduler.replace(
            targets: program.targets, limits: limits, retriesLogins: cause == .asked
          ) { self.adopt(program) }
          watchDelivery(program.targets)
        }
        tell(of: loaded.lists, after: said)
        if cause != .listChanged { inUse.isFileRefused = !isWhole }
        if isWhole, inUse.wantsOtherHistory {
          logger.warning("What `history` says now counts from the next start on")
        }
        if !inUse.isFileRefused { board.reloadSucceeded() }
        logger.info(
          isWhole ? "Configuration reloaded" : "Lists of targets reloaded",
          metadata: ["targets": "\(program.targets.count)"])
        return .success(())
      } catch {
        if cause != .listChanged { inUse.isFileRefused = true }
        let words = (error as? ReloadRefusal)?.text ?? "\(error)"
        refuse(words)
        return .failure(ReloadRefusal(words))
      }
    }
  }

  private func refuse(_ words: String) {
    board.reloadFailed(words)
    logger.error("The configuration cannot be used; the old one stays", metadata: ["error": "\(words)"])
  }

  /// Fetches the lists behind URLs from now on.
  private func fetchLists() {
    let fetcher = ListFetcher { [weak self] name, answer in
      guard let self, inUse.withLock({ $0.note(answer, from: name) }) else { return }
      _ = reload(.listChanged)
    }
    self.fetcher.withLock { $0 = fetcher }
    fetcher.replace(inUse.withLock { $0.urls })
  }

  /// Says which lists are not what their files say, where that was not said before.
  private func tell(of lists: [TargetList], after said: [Finding]) {
    for list in lists where !list.faults.allSatisfy(said.contains) {
      logger.error(
        "A list of targets cannot be used; what it held before stays",
        metadata: ["list": "\(list.name)", "error": "\(ConfigurationError(list.faults))"])
    }
    board.listsRead(lists.map(ListSnapshot.init))
  }

  /// Looks after the files until the loop ends: after all of the configuration's, or only after the lists of targets,
  /// access tokens and the secrets of paused logins. Files are read away from the loop.
  private func watchFiles(all: Bool, on loop: isolated EventLoop) async {
    var watch = try? FolderWatch()
    while true {
      let (state, folders) = await Task.detached { [self] in
        inUse.withLock { ($0.look(all: all, secrets: board.snapshot().followedSecretFiles), $0.folders) }
      }.value
      switch state {
      case .changed:
        logger.info("A file of the configuration has changed")
        _ = await Task.detached { self.reload(all ? .fileChanged : .listChanged) }.value
      case .changing:
        guard await loop.sleep(until: .now().advanced(by: Self.settleTime)) else { return }
      case .unchanged:
        // What happened in a folder before it was watched is seen by another look only.
        if watch?.watch(folders) == true { continue }
        let next = MonotonicInstant.now().advanced(by: Self.fileInterval)
        switch await watch?.wait(until: next, on: loop) {
        // What happens comes in bunches, and a folder on the way to a file may be a busy one.
        case .ready: guard await loop.sleep(until: .now().advanced(by: Self.bunchTime)) else { return }
        case .timedOut: break
        case .ended: return
        case nil: guard await loop.sleep(until: next) else { return }
        }
      }
    }
  }

  /// Looks into the mailboxes of the targets that have one.
  private func watchDelivery(_ targets: [Target]) {
    do throws(SystemError) {
      try delivery.replace(targets: targets)
    } catch {
      logger.error("No mailbox is looked into", metadata: ["error": "\(error)"])
    }
  }

  /// Takes the plans of a program. What was proved of a target holds as long as the target stays as it is.
  private func adopt(_ program: Program) {
    let unchanged = plans.withLock { plans in
      defer { plans = program.plans }
      return program.targets.filter { plans[$0.name]?.target == $0 }.map(\.name)
    }
    prober.keep(only: Set(unchanged))
    tokens.replace(
      Set(program.plans.values.compactMap(\.grant) + program.targets.compactMap(\.mailboxGrant)))
  }
}

extension Snapshot {
  /// The files of secrets that are read again when they change: of those that were refused, and of access tokens, which
  /// somebody renews before they end.
  fileprivate var followedSecretFiles: [String] {
    targets.compactMap { target in
      guard let auth = target.target.settings.auth else { return nil }
      if case .token = auth.proof { return auth.secretFile }
      return target.authPausedUntil == nil ? nil : auth.secretFile
    }
  }
}

extension ListSnapshot {
  fileprivate init(_ list: TargetList) {
    self.init(
      name: list.name, targets: list.count, isInUse: list.faults.isEmpty,
      trouble: list.faults.isEmpty ? nil : "\(ConfigurationError(list.faults))")
  }
}

extension ProbeLimits {
  fileprivate init(_ limits: Limits) { self.init(inFlight: limits.inFlight, perAddress: limits.perAddress) }
}
