import Model

/// What the monitor knows beyond one probe, and what it makes of a result.
extension Scheduler {
  /// The result as it is written down.
  func judged(
    _ result: Shared<ProbeResult>, of watch: Watch, loggedIn: Bool
  ) -> Shared<ProbeResult> {
    let judged = judgedByLogin(result, of: watch, loggedIn: loggedIn)
    let episode = fleet.judge(judged, of: watch.index, at: elapsed, time: board.wallClock())
    if hasSuspicions || episode != nil || network.isDown { showSuspicions() }
    return episode.map { Shared(judged.value.excused(by: $0)) } ?? judged
  }

  private func judgedByLogin(
    _ result: Shared<ProbeResult>, of watch: Watch, loggedIn: Bool
  ) -> Shared<ProbeResult> {
    loggedIn ? result : Shared(logins.shown(result.value, of: watch))
  }

  /// Waits until it is known whether a run may log in, which another login of the account will tell.
  func awaitAdmission(of run: Run, to account: Account) async {
    repeat {
      await withCheckedContinuation { logins.wait(for: account, $0) }
    } while mustWait(run)
  }

  /// Finds out whether a run may log in; true where that is not known yet.
  @inline(never)
  func mustWait(_ run: Run) -> Bool {
    guard let account = run.account, let login = Login(of: run.target) else { return false }
    run.admission = logins.admit(account, login, at: elapsed)
    if case .wait = run.admission { return true }
    return false
  }

  /// A further attempt of a run does not log in where others were refused too often since its first.
  func admitAgain(_ run: Run) {
    guard case .welcome = run.admission, let account = run.account, let login = Login(of: run.target),
      !logins.logsIn(account, login, at: elapsed)
    else { return }
    run.admission = .paused
  }

  /// Takes in what a run that was to log in came to.
  func noteLogin(_ result: Shared<ProbeResult>, of run: Run) {
    guard run.logsIn, let account = run.account, let login = Login(of: run.target) else { return }
    logins.note(result.value, account, login, at: elapsed, time: board.wallClock())
  }

  /// A failure that may be the network's, once the control hosts were asked; nothing is left of it where the probe
  /// was cancelled meanwhile.
  @inline(never)
  func judge(_ run: Run, by state: NetworkState) {
    guard !Task.isCancelled, let result = run.result else {
      run.result = nil
      return
    }
    guard case .down(let hosts) = state, NetworkCheck.concerns(result) else { return }
    run.result = Shared(result.value.withoutNetwork(controlHosts: hosts))
  }

  func networkState() async -> NetworkState {
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
