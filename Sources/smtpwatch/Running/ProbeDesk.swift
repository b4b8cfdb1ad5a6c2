import Base
import Configuration
import HTTP
import Loop
import Model
import Probe
import TLS
import Web

/// Makes the probes that are asked for over HTTP: only what the configuration allows, and not too many at once.
final class ProbeDesk: Sendable {
  private struct State {
    var settings: Settings
    var materials: TLSMaterials
    var running = 0
    /// Probes under way by host.
    var byHost: [String: Int] = [:]
  }

  private let state: Locked<State>
  private let prober: Prober
  private let loop: EventLoop
  private let systemTrust: TrustStore

  /// However many the configuration lets run: these come from outside.
  private static let most = 100

  /// A desk that obeys these settings.
  init(_ settings: Settings, systemTrust: TrustStore, prober: Prober, loop: EventLoop) {
    self.prober = prober
    self.loop = loop
    self.systemTrust = systemTrust
    state = Locked(State(settings: settings, materials: TLSMaterials(systemTrust: systemTrust)))
  }

  /// The configuration says something new; files that it names are read again.
  func adopt(_ settings: Settings) {
    let trust = systemTrust
    state.withLock { state in
      state.settings = settings
      state.materials = TLSMaterials(systemTrust: trust)
    }
  }

  /// The running configuration, without secrets.
  var configurationText: String {
    "# What is in use. Secrets are hidden; targets of other files stand among the rest.\n"
      + state.withLock { $0.settings }.text
  }

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
      plan = try state.withLock { state throws(ProbePlanError) in
        try ProbePlan(target: target, hostName: OwnName.forEHLO, materials: state.materials)
      }
    } catch {
      let hint = "Correct the module in the configuration."
      return .failure(Problem(status: 500, error: "The target cannot be probed: \(error)", hint: hint))
    }
    let limit = wish.timeLimit.map { min($0, target.settings.timeout) }
    let probing = Task(executorPreference: loop.executor) { [prober, loop] in
      await Self.probe(plan, limit, with: prober, on: loop)
    }
    return .success(
      WishedProbe(
        target: target, result: await probing.value, notes: request.notes, settings: target.settingsText))
  }

  private static func probe(
    _ plan: ProbePlan, _ limit: Duration?, with prober: Prober, on loop: isolated EventLoop
  ) async -> ProbeResult {
    var probed = await prober.probe(plan, timeLimit: limit, on: loop)
    guard let lead = probed.lead.take() else { return probed.result }
    return await prober.follow(lead, on: loop)
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
    case .severalServers:
      self.init(
        status: 400, error: "A domain is more than one server.", hint: "Ask for each of its MX hosts by name."
      )
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
