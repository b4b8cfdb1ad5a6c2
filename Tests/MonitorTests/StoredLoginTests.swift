import Model
import Testing

@testable import Monitor

private func target(_ user: String = "plunk", password: String = "right") -> Target {
  .sample { $0.auth = AuthSettings(username: user, proof: .password(Secret(password))) }
}

private func refusal(_ seconds: Int) -> ProbeResult {
  .sample(.down, at: seconds, stage: .auth, reason: .authRejected, target: target()) { $0.message = "535 no" }
}

/// A guard after so many refusals at the start.
private func guarding(_ refusals: Int) throws -> AuthGuard {
  let login = try #require(Login(of: target()))
  var guarding = AuthGuard()
  for second in 0..<refusals {
    guarding.note(refusal(second), with: login, at: .seconds(second), time: World.epoch + .seconds(second))
  }
  return guarding
}

/// What a target's last result and its guard write down.
private func record(_ refusals: Int, on board: Board) throws {
  let past = try guarding(refusals)
  let until = past.pausedUntil(for: try #require(Login(of: target())))
  board.record(refusal(5), nextRunAt: nil, authPausedUntil: until, authGuard: past)
}

@Test func `A pause of logins outlives a restart, for no longer than a first one`() throws {
  let folder = try HistoryFolder()
  var board = try folder.board([target()])
  try record(6, on: board)
  let until = try #require(board.shown("a")?.authPausedUntil)
  board = Board()
  board = try folder.board([target()], at: 10)
  #expect(board.shown("a")?.authPausedUntil == until)
  let (now, login) = (World.epoch + .seconds(10), try #require(Login(of: target())))
  var after = try #require(board.authGuard(of: "a")).resumed(at: .zero, time: now)
  #expect(after.pausedUntil(for: login) == now + AuthGuard.firstPause)
  #expect(!after.logsIn(with: login, at: .seconds(119)) && after.logsIn(with: login, at: .seconds(120)))
  #expect(after.shown(.sample()).message.contains("after 6 refusals in a row"))
  after.note(refusal(200), with: login, at: .seconds(200), time: World.epoch + .seconds(200))
  #expect(after.pausedUntil(for: login) == World.epoch + .seconds(200 + 3600))
}

@Test func `A pause found again holds for every target of the account, until a login is accepted`() throws {
  let (watch, login) = (Watch(id: 1, target: target()), try #require(Login(of: target())))
  let account = try #require(watch.account)
  var desk = LoginDesk()
  desk.replace(targets: [target()], retries: false, at: .zero)
  desk.resume(try guarding(3), of: target(), at: .zero, time: World.epoch + .seconds(10))
  desk.resume(try guarding(2), of: target(), at: .zero, time: World.epoch + .seconds(10))
  #expect(desk.past(of: watch).refusals == 3)
  guard case .paused = desk.admit(account, login, at: .seconds(1)) else {
    return #expect(Bool(false), "a login during the pause")
  }
  desk.note(.sample(), account, login, at: .seconds(130), time: World.epoch + .seconds(140))
  #expect(desk.pausedUntil(watch) == nil && desk.past(of: watch).refusals == 0)
}

@Test func `Another user name after a restart has no pause`() throws {
  let folder = try HistoryFolder()
  var board = try folder.board([target()])
  try record(3, on: board)
  board = Board()
  board = try folder.board([target("another")], at: 10)
  #expect(board.shown("a")?.authPausedUntil == nil)
  #expect(board.authGuard(of: "a")?.refusals == 0)
  #expect(board.shown("a")?.events.first?.kind == .authResumed)
}

@Test func `No secret is written down`() throws {
  let folder = try HistoryFolder()
  let secret = "Vanilla-Ocelot-91"
  let board = try folder.board([target(password: secret)])
  try record(3, on: board)
  for name in ["notes", "records"] {
    #expect(try folder.bytes(name).firstRange(of: Array(secret.utf8)) == nil)
  }
  #expect(try folder.bytes("notes").firstRange(of: Array("535 no".utf8)) != nil)
}

@Test func `Readers see whole results while the history grows under them`() async throws {
  let folder = try HistoryFolder()
  let board = try folder.board([.sample("t0")])
  await withTaskGroup(of: Void.self) { group in
    group.addTask {
      for round in 1...40 {
        let targets = (0..<round * 3).map { Target.sample("t\($0)") }
        board.replace(targets: targets)
        for target in targets { board.play(target, round * 10..<round * 10 + 2) }
      }
    }
    for _ in 0..<3 {
      group.addTask {
        for _ in 0..<300 {
          let page = board.records(of: "t0", limit: 50, before: nil)?.items ?? []
          #expect(zip(page, page.dropFirst()).allSatisfy { $0.sequence == $1.sequence + 1 })
          _ = board.shown("t0")
        }
      }
    }
  }
  #expect(board.snapshot().targets.count == 120)
  #expect(board.snapshot().monitor.history?.dropped == 0)
}
