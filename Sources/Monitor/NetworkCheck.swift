package import Model

/// What came of one control host.
package enum ControlAnswer: Sendable {
  /// It accepted the connection.
  case answered
  /// It did not, for whatever reason: a firewall may refuse in its name.
  case failed
  /// The monitor could not even ask.
  case unknown
}

/// What the control hosts say of the monitor's own network.
package enum NetworkState: Sendable, Equatable {
  /// There are no control hosts, or none could be asked.
  case unknown
  case reachable
  /// No control host can be reached.
  case down(hosts: [String])

  /// The state by the answers of the control hosts.
  package init(_ answers: [(host: String, answer: ControlAnswer)]) {
    if answers.contains(where: { $0.answer == .answered }) {
      self = .reachable
    } else if answers.isEmpty || answers.contains(where: { $0.answer == .unknown }) {
      self = .unknown
    } else {
      self = .down(hosts: answers.map(\.host))
    }
  }
}

/// Asks the control hosts. It ends within a few seconds.
package typealias NetworkFunction = @Sendable () async -> NetworkState

/// Tells the monitor's own network from a target's: a failure that may be either is checked against control
/// hosts. At most one check is under way, and its answer serves every failure of the next seconds.
struct NetworkCheck: Sendable {
  /// How long an answer is good.
  static let validity = Duration.seconds(10)

  private var known: (state: NetworkState, at: Duration)?
  /// The check under way.
  var flight: Task<NetworkState, Never>?

  /// The answer that is still good.
  func answer(at now: Duration) -> NetworkState? {
    known.flatMap { now - $0.at < Self.validity ? $0.state : nil }
  }

  /// No control host could be reached when they were last asked.
  var isDown: Bool {
    if case .down? = known?.state { true } else { false }
  }

  /// A check has ended.
  mutating func finish(_ state: NetworkState, at now: Duration) {
    known = (state, now)
    flight = nil
  }

  /// The network was down, and whether it still is has to be asked again: no failure may do so any more.
  func isStale(at now: Duration) -> Bool { isDown && answer(at: now) == nil }

  /// Whether a failure may be the network's.
  static func concerns(_ result: Shared<ProbeResult>) -> Bool {
    guard result.outcome == .down else { return false }
    return result.stage == .dns || result.stage == .connect || result.reason == .bannerTimeout
  }
}

extension ProbeResult {
  /// The result where the monitor's own network is down: it says nothing of the target.
  package func withoutNetwork(controlHosts: [String]) -> ProbeResult {
    var result = self
    result.outcome = .inconclusive
    result.stage = .internal
    result.reason = .localNetworkDown
    result.message =
      "The monitor's own network is down: no host of `network_check` can be reached "
      + "(\(controlHosts.joined(separator: ", "))). The probe itself saw: \(message)"
    result.remedy = "Look after the monitor's own network; until then nothing can be said of any target."
    result.suggestion = nil
    result.evidence.append(
      Evidence(.check, "control hosts out of reach: \(controlHosts.joined(separator: ", "))"))
    return result
  }
}
