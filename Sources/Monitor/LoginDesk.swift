import Model

/// Who may log in where: a guard for each account, and those who wait for leave.
struct LoginDesk {
  private var guards: [Account: AuthGuard] = [:]
  private var waiting: [Account: [CheckedContinuation<Void, Never>]] = [:]
  /// The logins of the configuration.
  private var logins: [Account: [Login]] = [:]

  /// Until when a target's logins are suspended, or were.
  func pausedUntil(_ watch: Watch) -> Timestamp? {
    guard let account = watch.account, let login = Login(of: watch.target) else { return nil }
    return guards[account]?.pausedUntil(for: login)
  }

  /// What came of a target's logins, to be written down: nothing where they are accepted.
  func past(of watch: Watch) -> AuthGuard {
    guard let account = watch.account, let login = Login(of: watch.target), let known = guards[account],
      !known.accepts(login)
    else { return AuthGuard() }
    return known
  }

  /// Takes over what was written down of a target's logins before a restart. Several targets of an account tell of
  /// the same refusals: those of the one that saw the most count.
  mutating func resume(_ past: AuthGuard, of target: Target, at now: Duration, time: Timestamp) {
    guard past.refusals > 0, let account = Account(of: target), let login = Login(of: target) else { return }
    let known = guards[account, default: AuthGuard()]
    var resumed = past.refusals > known.refusals ? past.resumed(at: now, time: time) : known
    resumed.refused = known.refused.filter { $0 != login } + [login]
    guards[account] = resumed
  }

  /// What a probe tells that was not allowed to log in.
  func shown(_ result: ProbeResult, of watch: Watch) -> ProbeResult {
    watch.account.flatMap { guards[$0] }?.shown(result) ?? result
  }

  /// Asks for a login of a target.
  mutating func admit(_ account: Account, _ login: Login, at now: Duration) -> AuthGuard.Admission {
    guards[account, default: AuthGuard()].admit(login, at: now)
  }

  /// Whether a login of a target may begin, as far as pauses go.
  func logsIn(_ account: Account, _ login: Login, at now: Duration) -> Bool {
    guards[account]?.logsIn(with: login, at: now) ?? true
  }

  /// Waits until a login of the account is over.
  mutating func wait(for account: Account, _ continuation: CheckedContinuation<Void, Never>) {
    waiting[account, default: []].append(continuation)
  }

  /// What a probe that was to log in came to.
  mutating func note(
    _ result: ProbeResult, _ account: Account, _ login: Login, at now: Duration, time: Timestamp
  ) {
    guards[account]?.note(result, with: login, at: now, time: time)
    // One that began before the configuration changed.
    if let used = logins[account], !used.contains(login) { guards[account]?.keep(only: used) }
  }

  /// A login that was uncertain is over: who waits may ask again.
  mutating func ended(_ account: Account) {
    guards[account]?.ended()
    for continuation in waiting.removeValue(forKey: account) ?? [] { continuation.resume() }
  }

  /// Takes the targets of a new configuration. Another login of an account is tried at once: when nobody uses
  /// any more what was refused, that is forgotten.
  ///
  /// - Parameter retries: every paused login is tried again: a person asked for it.
  mutating func replace(targets: [Target], retries: Bool, at now: Duration) {
    var new: [Account: [Login]] = [:]
    for target in targets {
      guard let account = Account(of: target), let login = Login(of: target) else { continue }
      if new[account]?.contains(login) != true { new[account, default: []].append(login) }
    }
    for (account, known) in guards {
      guard let used = new[account] else {
        guards[account]?.keep(only: [])
        if known.isIdle { guards[account] = nil }
        continue
      }
      guards[account]?.keep(only: used)
      if retries || used.contains(where: { logins[account]?.contains($0) == false }) {
        guards[account]?.tryAgain(at: now)
      }
    }
    logins = new
  }
}
