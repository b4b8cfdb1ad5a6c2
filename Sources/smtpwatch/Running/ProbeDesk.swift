import Base
import Configuration
import HTTP
import Loop
import Model
import Monitor
import Probe
import TLS
import Web

/// Makes the probes that are asked for over HTTP: only what the configuration allows, and not too many at once.
final class ProbeDesk: Sendable {
  private struct State {
    var settings: Settings
    var running = 0
    /// Probes under way by host.
    var byHost: [String: Int] = [:]
    /// What became of logins that were asked for over HTTP, by account.
    var guards: [Account: AuthGuard] = [:]
  }

  private let state: Locked<State>
  /// Apart, for who loads what is new waits for files, and pages ask for the settings meanwhile.
  private let materials: Locked<TLSMaterials>
  private let prober: Prober
  private let loop: EventLoop
  private let systemTrust: TrustStore
  private let history: any HistoryReading
  private let start = MonotonicInstant.now()

  /// However many the configuration lets run: these come from outside.
  private static let most = 100

  /// A desk that obeys these settings. `history` tells whose logins are paused.
  init(
    _ settings: Settings, systemTrust: TrustStore, history: any HistoryReading, prober: Prober,
    loop: EventLoop
  ) {
    self.history = history
    self.prober = prober
    self.loop = loop
    self.systemTrust = systemTrust
    state = Locked(State(settings: settings))
    materials = Locked(TLSMaterials(systemTrust: systemTrust))
  }

  /// The configuration says something new; files that it names are read again.
  ///
  /// - Parameter retriesLogins: paused logins are tried again: a person asked for it.
  func adopt(_ settings: Settings, retriesLogins: Bool) {
    state.withLock { state in
      let (old, new) = (state.settings.logins, settings.logins)
      state.settings = settings
      // A new password is worth a new try; that a list has another target is no reason.
      state.guards = retriesLogins ? [:] : state.guards.filter { old[$0.key] == new[$0.key] }
    }
    materials.withLock { [systemTrust] in $0 = TLSMaterials(systemTrust: systemTrust) }
  }

  /// The running configuration, without secrets.
  var configurationText: String {
    "# What is in use. Secrets are hidden; targets of other files stand among the rest.\n"
      + state.withLock { $0.settings }.text
  }

  /// The metrics of a scrape that asks for none in particular.
  var metricGroups: Set<MetricGroup> { state.withLock { $0.settings.metricGroups } }

  /// Makes a probe, or says why not.
  func probe(_ wish: ProbeWish, _ answer: @escaping @Sendable (Result<WishedProbe, Problem>) -> Void) {
    let request: RequestedTarget
    do throws(Problem) {
      request = try self.request(for: wish)
      try admit(request.target.host)
    } catch {
      return answer(.failure(error))
    }
    // Files of TLS may have to be read: neither the pages nor the probes shall wait for that.
    Task.detached { [self] in
      let outcome = await probe(request, wish)
      dismiss(request.target.host)
      answer(outcome)
    }
  }

  private func probe(_ request: RequestedTarget, _ wish: ProbeWish) async -> Result<WishedProbe, Problem> {
    var target = request.target
    // A scraper cannot wait for follow-up checks.
    if !wish.isDebugging { target.settings.diagnosis = .off }
    let plan: ProbePlan
    do throws(ProbePlanError) {
      plan = try materials.withLock { materials throws(ProbePlanError) in
        try ProbePlan(
          target: target, isSomebodyElses: request.configured == nil, hostName: OwnName.forEHLO,
          materials: materials)
      }
    } catch {
      let hint = "Correct the module in the configuration."
      return .failure(Problem(status: 500, error: "The target cannot be probed: \(error)", hint: hint))
    }
    let limit = wish.timeLimit.map { min($0, target.settings.timeout) }
    let logsIn = mayLogIn(request)
    let probing = Task(executorPreference: loop.executor) { [prober, loop] in
      await prober.diagnose(plan, timeLimit: limit, logsIn: logsIn, on: loop)
    }
    let result = judged(await probing.value.value, of: request, loggedIn: logsIn)
    let notes = request.notes + (logsIn ? [] : ["logins are paused: the probe did not log in"])
    return .success(
      WishedProbe(target: target, result: result, notes: notes, settings: target.settingsText))
  }

  // MARK: Logins

  /// Whether another refused login does no harm: neither the schedule's nor our own were refused too often.
  private func mayLogIn(_ request: RequestedTarget) -> Bool {
    guard let account = Account(of: request.target), let login = Login(of: request.target) else {
      return true
    }
    let now = start.duration(to: .now())
    guard state.withLock({ $0.guards[account] })?.logsIn(with: login, at: now) != false else { return false }
    return pause(of: account) == nil
  }

  /// The account's pause in the schedule, as the last result of a target tells of it.
  private func pause(of account: Account) -> ProbeResult? {
    let snapshot = history.snapshot()
    return snapshot.targets.first { target in
      guard let end = target.authPausedUntil, end > snapshot.takenAt else { return false }
      return Account(of: target.target) == account
    }?.last?.value
  }

  private func judged(_ result: ProbeResult, of request: RequestedTarget, loggedIn: Bool) -> ProbeResult {
    guard let account = Account(of: request.target), let login = Login(of: request.target) else {
      return result
    }
    let now = start.duration(to: .now())
    let time = Timestamp(microseconds: WallClock.microseconds())
    let judged = state.withLock { state in
      guard loggedIn else { return state.guards[account]?.shown(result) ?? result }
      state.guards[account, default: AuthGuard()].note(result, with: login, at: now, time: time)
      return result
    }
    guard !loggedIn, judged.success, let last = pause(of: account), !last.success else { return judged }
    var shown = judged
    (shown.outcome, shown.stage, shown.reason) = (last.outcome, last.stage, last.reason)
    (shown.message, shown.remedy, shown.evidence) = (last.message, last.remedy, last.evidence)
    return shown
  }

  // MARK: What is allowed

  private func request(for wish: ProbeWish) throws(Problem) -> RequestedTarget {
    let settings = state.withLock { $0.settings }
    do throws(RequestedTargetError) {
      return try settings.requestedTarget(wish.target, module: wish.module)
    } catch {
      throw Problem(error)
    }
  }

  private func admit(_ host: String) throws(Problem) {
    let refusal: Problem? = state.withLock { state in
      let limits = state.settings.limits
      guard state.running < min(limits.inFlight, Self.most) else { return .tooMany }
      guard state.byHost[host, default: 0] < limits.perAddress else { return .tooManyOfOneHost }
      state.running += 1
      state.byHost[host, default: 0] += 1
      return nil
    }
    if let refusal { throw refusal }
  }

  private func dismiss(_ host: String) {
    state.withLock { state in
      state.running -= 1
      let left = state.byHost[host, default: 1] - 1
      state.byHost[host] = left > 0 ? left : nil
    }
  }
}

extension Settings {
  /// What each account is used with.
  fileprivate var logins: [Account: [Login]] {
    var logins: [Account: [Login]] = [:]
    for target in targets {
      guard let account = Account(of: target), let login = Login(of: target) else { continue }
      if logins[account]?.contains(login) != true { logins[account, default: []].append(login) }
    }
    return logins
  }
}

extension RequestedTarget {
  /// What a person should know of how the probe came about.
  fileprivate var notes: [String] {
    if let configured { return ["probed with the settings of the target \(configured)"] }
    return isWithoutCredentials
      ? ["not a configured target of this module: probed without the module's credentials"] : []
  }
}

extension Problem {
  fileprivate static let tooMany = Problem(
    status: 429, error: "Too many probes on request are under way.", hint: "Try again in a few seconds.")
  fileprivate static let tooManyOfOneHost = Problem(
    status: 429, error: "Too many probes of this host are under way.",
    hint: "Try again in a few seconds; limits.per_address says how many there may be.")

  fileprivate init(_ error: RequestedTargetError) {
    switch error {
    case .target(let complaint):
      let hint =
        complaint.cure.isEmpty ? "Write HOST:PORT or a URL such as smtps://HOST." : "\(complaint.cure)."
      self.init(status: 400, error: "The target \(complaint.message).", hint: hint)
    case .unknownModule(let known):
      self.init(
        status: 400, error: "There is no such module.",
        hint: "The configuration has \(known.joined(separator: ", ")).")
    case .notAllowed(let host):
      self.init(
        status: 403, error: "\(host) may not be probed on request.",
        hint: "Add it to the targets, or to probe.allow in the configuration.")
    }
  }
}
