import Model

/// What the monitor knows beyond one probe, and what it makes of a result.
extension Scheduler {
  /// The result as it is written down.
  func judged(_ result: ProbeResult, of watch: Watch, loggedIn: Bool) -> ProbeResult {
    let judged = judgedByLogin(result, of: watch, loggedIn: loggedIn)
    let episode = fleet.judge(judged, of: watch.index, at: elapsed, time: board.wallClock())
    if hasSuspicions || episode != nil || network.isDown { showSuspicions() }
    return episode.map(judged.excused) ?? judged
  }

  private func judgedByLogin(_ result: ProbeResult, of watch: Watch, loggedIn: Bool) -> ProbeResult {
    guard watch.target.settings.auth != nil else { return result }
    guard loggedIn else { return watch.authGuard.shown(result) }
    watch.authGuard.note(result, at: elapsed, time: board.wallClock())
    return result
  }

  /// A failure that may be the network's, once the control hosts were asked; nil where the probe was cancelled
  /// meanwhile.
  func checkedForNetwork(_ result: ProbeResult) async -> ProbeResult? {
    let state = await networkState()
    if Task.isCancelled { return nil }
    guard case .down(let hosts) = state, NetworkCheck.concerns(result) else { return result }
    return result.withoutNetwork(controlHosts: hosts)
  }

  private func networkState() async -> NetworkState {
    if let known = network.answer(at: elapsed) { return known }
    if let flight = network.flight { return await flight.value }
    let flight = Task(executorPreference: preference) { [reachNetwork] in await reachNetwork() }
    network.flight = flight
    let state = await flight.value
    network.finish(state, at: elapsed)
    return state
  }

  /// Tells the board where the monitor itself is suspect.
  func showSuspicions() {
    var suspicions = fleet.episodes.map { Suspicion(about: $0.identity, words: $0.words) }
    if network.isDown {
      let words = "No host of `network_check` can be reached: the monitor's own network is down."
      suspicions.append(Suspicion(about: "network", words: words))
    }
    hasSuspicions = !suspicions.isEmpty
    board.suspect(suspicions)
  }
}
