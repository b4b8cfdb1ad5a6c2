import Base
import Model
import Monitor
import Testing

private func refusal(_ reason: Reason = .authRejected) -> ProbeResult {
  .sample(.down, stage: .auth, reason: reason) {
    $0.message = "535 5.7.8 Error: authentication failed"
    $0.remedy = "Check auth.username."
    $0.evidence = [Evidence(.reply, "535 5.7.8")]
  }
}

private func said(_ password: String, port: Int = 587) -> Login {
  var target = loginTarget(AuthSettings(username: "u", password: Secret(password)))
  target.port = port
  guard let login = Login(of: target) else { preconditionFailure("the target logs in") }
  return login
}

private let wrong = said("wrong")
private let right = said("right")

/// A guard that notes a result at a moment, as seconds.
extension AuthGuard {
  fileprivate mutating func note(_ result: ProbeResult, _ seconds: Int, with login: Login = wrong) {
    note(result, with: login, at: .seconds(seconds), time: World.epoch + .seconds(seconds))
  }
}

@Test func `Two refusals in a row pause the login, and each further one doubles the pause up to an hour`() {
  var guarding = AuthGuard()
  guarding.note(refusal(), 0)
  #expect(guarding.logsIn(with: wrong, at: .zero))
  #expect(guarding.pausedUntil(for: wrong) == nil)
  var now = 10
  for minutes in [2, 4, 8, 16, 32, 60, 60] {
    guarding.note(refusal(), now)
    let end = now + 60 * minutes
    #expect(guarding.pausedUntil(for: wrong) == World.epoch + .seconds(end))
    #expect(!guarding.logsIn(with: wrong, at: .seconds(end) - .nanoseconds(1)))
    #expect(guarding.logsIn(with: wrong, at: .seconds(end)))
    now = end
  }
}

@Test(arguments: [Reason.authRejected, .authAppPassword, .authDisabled, .authToken])
func `Every refusal of credentials counts`(reason: Reason) {
  var guarding = AuthGuard()
  guarding.note(refusal(.authRejected), 0)
  guarding.note(refusal(reason), 1)
  #expect(guarding.pausedUntil(for: wrong) != nil)
}

@Test(arguments: [
  (Stage.auth, Reason.authTemporary), (.auth, .rateLimited), (.auth, .authMechanism), (.auth, .connClosed),
  (.mail, .authRequired), (.connect, .connectRefused), (.auth, .authServerUnverified),
])
func `What is no refusal of credentials neither pauses nor forgets`(stage: Stage, reason: Reason) {
  var guarding = AuthGuard()
  for second in 0..<5 { guarding.note(.sample(.down, stage: stage, reason: reason), second) }
  #expect(guarding.pausedUntil(for: wrong) == nil)
  guarding.note(refusal(), 6)
  guarding.note(.sample(.down, stage: stage, reason: reason), 7)
  guarding.note(refusal(), 8)
  #expect(guarding.pausedUntil(for: wrong) != nil)
}

@Test func `An accepted login ends it, even where something fails behind it`() {
  var guarding = AuthGuard()
  guarding.note(refusal(), 0)
  guarding.note(refusal(), 1)
  var rejected = ProbeResult.sample(.down, stage: .mail, reason: .senderRejected)
  rejected.smtp = SMTPFacts(
    banner: "", capabilities: [], authMechanisms: ["PLAIN"], authMechanism: "PLAIN", sizeLimit: nil)
  guarding.note(rejected, 200)
  #expect(guarding.pausedUntil(for: wrong) == nil)
  guarding.note(refusal(), 201)
  #expect(guarding.logsIn(with: wrong, at: .seconds(202)))
}

@Test func `A person may end a pause, and a further refusal makes the next one longer`() {
  var guarding = AuthGuard()
  guarding.note(refusal(), 0)
  guarding.note(refusal(), 0)
  guarding.tryAgain(at: .seconds(5))
  #expect(guarding.logsIn(with: wrong, at: .seconds(5)))
  guarding.note(refusal(), 5)
  #expect(guarding.pausedUntil(for: wrong) == World.epoch + .seconds(5 + 240))
}

@Test func `While logins are paused the refusal is shown, with the phases of the probe`() {
  var guarding = AuthGuard()
  guarding.note(refusal(), 0)
  guarding.note(refusal(), 0)
  let shown = guarding.shown(.sample(at: 30) { $0.phases[.banner] = .milliseconds(7) })
  #expect(shown.outcome == .down)
  #expect(shown.stage == .auth)
  #expect(shown.reason == .authRejected)
  #expect(shown.phases[.banner] == .milliseconds(7))
  #expect(shown.phases[.auth] == nil)
  #expect(shown.message.contains("paused until 2026-11-23 10:02:00 UTC"))
  #expect(shown.message.contains("535 5.7.8 Error"))
  #expect(shown.remedy == "Check auth.username.")
  #expect(shown.evidence.contains(Evidence(.reply, "535 5.7.8")))
  let refused = ProbeResult.sample(.down, at: 40, stage: .connect, reason: .connectRefused)
  #expect(guarding.shown(refused) == refused)
}

@Test func `Credentials that work go on while others of the account are refused, and do not make those good`()
{
  var guarding = AuthGuard()
  for second in [0, 2, 4] {
    guarding.note(.sample(), second, with: right)
    guarding.note(refusal(), second + 1)
  }
  #expect(!guarding.logsIn(with: wrong, at: .seconds(6)))
  #expect(guarding.logsIn(with: right, at: .seconds(6)))
  #expect(guarding.pausedUntil(for: right) == nil)
  guarding.note(refusal(), 7, with: right)
  #expect(!guarding.logsIn(with: right, at: .seconds(8)))
}

@Test func `What one door accepts makes no refusal of another one good`() {
  var guarding = AuthGuard()
  for second in [0, 2] {
    guarding.note(.sample(), second, with: said("same", port: 465))
    guarding.note(refusal(), second + 1, with: said("same", port: 587))
  }
  #expect(!guarding.logsIn(with: said("same", port: 587), at: .seconds(4)))
  #expect(guarding.logsIn(with: said("same", port: 465), at: .seconds(4)))
  guarding.note(.sample(), 200, with: said("same", port: 587))
  #expect(guarding.logsIn(with: wrong, at: .seconds(200)))
}

@Test func `No more logins are under way at once than may be refused, as long as none was accepted`() {
  var guarding = AuthGuard()
  #expect(guarding.admit(wrong, at: .zero) == .uncertain)
  #expect(guarding.admit(wrong, at: .zero) == .uncertain)
  #expect(guarding.admit(wrong, at: .zero) == .wait)
  guarding.note(refusal(), 1)
  guarding.ended()
  #expect(guarding.admit(wrong, at: .seconds(1)) == .wait)
  guarding.note(refusal(), 2)
  guarding.ended()
  #expect(guarding.admit(wrong, at: .seconds(2)) == .paused)
  #expect(guarding.admit(wrong, at: .seconds(122)) == .uncertain)
  #expect(guarding.admit(wrong, at: .seconds(122)) == .wait)
  guarding.note(.sample(), 123)
  guarding.ended()
  for _ in 0..<5 { #expect(guarding.admit(wrong, at: .seconds(123)) == .welcome) }
}

// MARK: In the schedule

private let login = AuthSettings(username: "u", password: Secret("wrong"))

private func loginTarget(_ auth: AuthSettings = login, every interval: Duration = .seconds(10)) -> Target {
  .sample(every: interval) { $0.auth = auth }
}

/// A server that refuses one password.
private func world() -> World {
  World { target, context in
    guard context.logsIn, target.settings.auth?.proof.secret == Secret("wrong") else { return .init() }
    return .failure(.auth, .authRejected, message: "535 no")
  }
}

@Test func `A target whose login is refused goes on without, and tries again ever more rarely`() throws {
  let world = world()
  world.run([loginTarget()])
  world.advance(by: .seconds(100 * 60))
  let logins = world.starts.filter(\.context.logsIn).map(\.at)
  // 2 + 4 + 8 + 16 + 32 minutes, each to the next turn.
  #expect(logins.count == 7)
  let gaps = zip(logins, logins.dropFirst()).map { $1 - $0 }
  for (gap, minutes) in zip(gaps.dropFirst(), [2, 4, 8, 16, 32]) {
    #expect(gap >= .seconds(60 * minutes) && gap < .seconds(60 * minutes + 11))
  }
  #expect(world.starts.count > 590)
  let state = try #require(world.target("a"))
  #expect(state.last?.reason == .authRejected)
  #expect(state.counters.failures == state.counters.runs)
  let until = try #require(state.authPausedUntil)
  #expect(until > World.epoch + .seconds(100 * 60))
  let events = world.board.events(of: "a", limit: 50, before: nil)?.items ?? []
  #expect(events.filter { $0.kind == .authPaused }.count == 1)
}

@Test func `A probe by hand does not go round the pause`() {
  let world = world()
  world.run([loginTarget(every: .seconds(3600))])
  for _ in 0..<5 {
    #expect(world.probeNow("a"))
    world.advance(by: .seconds(1))
  }
  #expect(world.starts.filter(\.context.logsIn).count == 2)
}

@Test func `A changed secret is tried at once, and its success ends the pause with an event`() throws {
  let world = world()
  world.run([loginTarget()])
  world.advance(by: .seconds(60))
  #expect(world.target("a")?.authPausedUntil != nil)
  world.replace([loginTarget(AuthSettings(username: "u", password: Secret("right")))])
  #expect(world.target("a")?.authPausedUntil == nil)
  world.advance(by: .seconds(11))
  #expect(world.starts.last?.context.logsIn == true)
  #expect(world.target("a")?.last?.outcome == .up)
  let events = world.board.events(of: "a", limit: 50, before: nil)?.items.map(\.kind)
  #expect(events?.filter { $0 == .authResumed }.count == 1)
}

@Test func `A reload without another login leaves the pause alone, unless a person asked for it`() {
  let world = world()
  world.run([loginTarget()])
  world.advance(by: .seconds(40))
  let before = world.starts.filter(\.context.logsIn).count
  #expect(before == 2)
  var changed = loginTarget()
  changed.settings.retries = 2
  world.replace([changed])
  world.advance(by: .seconds(30))
  #expect(world.starts.filter(\.context.logsIn).count == before)
  world.replace([changed], retriesLogins: true)
  world.advance(by: .seconds(30))
  #expect(world.starts.filter(\.context.logsIn).count == before + 1)
}

@Test func `No test message is due while logins are paused`() {
  let world = World { _, context in
    context.logsIn ? .failure(.auth, .authRejected) : .init()
  }
  let send = SendSettings(envelope: Envelope(from: "a@x", to: "b@x"), every: .seconds(30))
  world.run([
    .sample {
      $0.auth = login; $0.send = send
    }
  ])
  world.advance(by: .seconds(100))
  #expect(world.starts.allSatisfy { $0.context.logsIn || !$0.context.sendsMessage })
}

@Test func `a refused member counts as one refusal of the target, whatever the roll-up says`() {
  var rolledUp = ProbeResult.sample(.degraded, stage: .auth, reason: .authRejected)
  rolledUp.members = [.sample(.up), refusal(), refusal()]
  var guarding = AuthGuard()
  guarding.note(rolledUp, 0)
  #expect(guarding.pausedUntil(for: wrong) == nil)
  guarding.note(rolledUp, 10)
  #expect(guarding.pausedUntil(for: wrong) != nil)
}

@Test func `All targets of an account share its guard, even where they start together`() {
  let world = world()
  let targets = (0..<6).map { index in
    var target = Target.sample("t\(index)", host: "Mail.example", every: .seconds(3600)) { $0.auth = login }
    if index > 2 { target.host = "mail.example" }
    target.port = 500 + index
    return target
  }
  world.run(targets)
  for target in targets { #expect(world.probeNow(target.name)) }
  world.advance(by: .seconds(5))
  #expect(world.starts.count >= 6)
  #expect(world.starts.filter(\.context.logsIn).count == 2)
  for target in targets {
    let state = world.target(target.name)
    #expect(state?.last?.reason == .authRejected)
    #expect(state?.authPausedUntil != nil || state?.last?.startedAt == World.epoch)
  }
}

@Test func `Another account of the same server is not concerned`() {
  let world = world()
  let other = AuthSettings(username: "v", password: Secret("right"))
  let targets = [
    Target.sample("a", host: "mail.example") { $0.auth = login },
    Target.sample("b", host: "mail.example") { $0.auth = other },
  ]
  world.run(targets)
  world.advance(by: .seconds(60))
  #expect(world.target("a")?.authPausedUntil != nil)
  #expect(world.target("b")?.authPausedUntil == nil)
  #expect(world.starts(of: "b").allSatisfy { $0.context.logsIn })
}

@Test func `Two hundred targets of one good account are not held up`() {
  let world = World(limits: ProbeLimits(inFlight: 1000, perAddress: 1000))
  let targets = (0..<200).map {
    Target.sample("t\($0)", host: "mail.example", every: .seconds(1)) { $0.auth = login }
  }
  world.run(targets)
  world.advance(by: .seconds(20))
  #expect(world.skipped == [:])
  #expect(world.starts.count > 200 * 18)
}

@Test func `A further attempt does not log in where others were refused twice since the first`() throws {
  let isChanged = Locked(false)
  let world = World { target, context in
    guard isChanged.withLock({ $0 }) else { return .init() }
    if target.name == "b" { return .failure(.auth, .authRejected) }
    return context.attempt == 1 ? .failure(.banner, .serverBusy) : .init()
  }
  world.run([
    .sample("a", host: "mail.example", every: .seconds(3600)) {
      $0.auth = login; $0.retries = 1; $0.retryBackoff = .seconds(8)
    },
    .sample("b", host: "mail.example", every: .seconds(2)) { $0.auth = login },
  ])
  #expect(world.probeNow("a"))
  world.advance(by: .seconds(5))
  #expect(world.starts(of: "a").map(\.context.logsIn) == [true])
  isChanged.withLock { $0 = true }
  #expect(world.probeNow("a"))
  world.advance(by: .seconds(10))
  let attempts = world.starts(of: "a").suffix(2).map(\.context)
  #expect(attempts.map(\.attempt) == [1, 2])
  #expect(attempts.map(\.logsIn) == [true, false])
}
