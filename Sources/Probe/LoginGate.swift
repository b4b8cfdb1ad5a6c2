import Base
import Loop
import Model

/// Where logins with the same credentials pass on their way to a server: no more of them wait for its answer at once
/// than may be refused in a row. So a password that is changed while many probes use it costs its account two refusals,
/// however many those are; the pause that follows them is the schedule's.
///
/// Safe to send: it stays on its loop.
final class LoginGate: @unchecked Sendable {
  /// So many refusals in a row do no harm; the schedule pauses the logins then.
  private static let tolerated = 2

  private let proof: LoginProof
  private var underWay = 0
  private var nextNumber = 0
  /// Whoever waits, in the order in which they came.
  private var queue: [Waiter] = []
  /// Refusals since the last login that was accepted.
  private var refusals = 0
  /// Refusals ever.
  private(set) var allRefusals = 0
  private var refusal: Shared<ProbeResult>?

  init(proof: LoginProof) { self.proof = proof }

  /// The gate is that of these credentials, if the account is the same.
  func isOf(_ proof: LoginProof) -> Bool { self.proof == proof }

  enum Answer {
    /// Log in, and tell `ended` what came of it.
    case enter
    /// Others were refused since this probe was allowed to log in: this one tells.
    case refused(Shared<ProbeResult>)
    /// Others waited for the server's answer all the while.
    case late
  }

  private struct Waiter {
    let number: Int
    /// How many refusals there had ever been when it was allowed to log in.
    let known: Int
    let continuation: CheckedContinuation<Answer, Never>
  }

  /// Takes a login that need not wait.
  func entersAtOnce() -> Bool {
    guard refusals == 0, hasRoom, queue.isEmpty else { return false }
    underWay += 1
    return true
  }

  /// Asks for a login, and waits for it where there are others.
  ///
  /// - Parameter known: how many refusals there had ever been when the probe was allowed to log in.
  func enter(knowing known: Int, until deadline: MonotonicInstant, on loop: isolated EventLoop) async
    -> Answer
  {
    if let refusal = refusal(since: known) { return .refused(refusal) }
    if hasRoom, queue.isEmpty {
      underWay += 1
      return .enter
    }
    guard MonotonicInstant.now() < deadline, !Task.isCancelled else { return .late }
    return await wait(knowing: known, until: deadline, on: loop)
  }

  /// The server accepted a login.
  func accepted() {
    refusals = 0
    refusal = nil
    leave()
  }

  /// A login is over without having been accepted: by this refusal, or nothing is known of the credentials.
  func ended(refusedBy result: Shared<ProbeResult>?) {
    if let result {
      refusals += 1
      allRefusals += 1
      refusal = result
    }
    leave()
  }

  private var hasRoom: Bool { underWay < max(1, Self.tolerated - refusals) }

  /// What speaks against a login that was allowed when there had been so many refusals.
  private func refusal(since known: Int) -> Shared<ProbeResult>? {
    refusals >= Self.tolerated && allRefusals > known ? refusal : nil
  }

  /// A place is free: whoever may not go in any more hears why, and the first of the others has it.
  private func leave() {
    underWay -= 1
    for waiter in queue {
      guard let refusal = refusal(since: waiter.known) else { continue }
      answer(waiter.number, .refused(refusal))
    }
    while hasRoom, let first = queue.first {
      underWay += 1
      answer(first.number, .enter)
    }
  }

  private func wait(
    knowing known: Int, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async -> Answer {
    nextNumber += 1
    let number = nextNumber
    guard let timer = loop.schedule(at: deadline, { [self] _, _ in answer(number, .late) }) else {
      return .late
    }
    defer { loop.cancel(timer) }
    return await withCheckedContinuation {
      queue.append(Waiter(number: number, known: known, continuation: $0))
    }
  }

  private func answer(_ number: Int, _ answer: Answer) {
    guard let place = queue.firstIndex(where: { $0.number == number }) else { return }
    queue.remove(at: place).continuation.resume(returning: answer)
  }
}

/// The gates of all credentials in use: each as long as there is a plan that logs in with them.
final class LoginGates: Sendable {
  private struct Account: Hashable {
    var host: String
    var username: String
  }

  private struct Place {
    weak var gate: LoginGate?
  }

  private let places = Locked<[Account: [Place]]>([:])
  /// So many accounts that those which nobody uses any more are looked for.
  private let sweepsAt = Locked(64)

  /// The gate of a target's credentials; nil where it does not log in.
  func gate(of target: Target) -> LoginGate? {
    guard let auth = target.settings.auth else { return nil }
    let account = Account(host: target.host.lowercased(), username: auth.username)
    return places.withLock { places in
      if let known = places[account]?.lazy.compactMap(\.gate).first(where: { $0.isOf(auth.proof) }) {
        return known
      }
      sweep(&places)
      let gate = LoginGate(proof: auth.proof)
      places[account, default: []].append(Place(gate: gate))
      return gate
    }
  }

  private func sweep(_ places: inout [Account: [Place]]) {
    sweepsAt.withLock { limit in
      guard places.count >= limit else { return }
      places = places.compactMapValues { kept in
        let used = kept.filter { $0.gate != nil }
        return used.isEmpty ? nil : used
      }
      limit = max(64, 2 * places.count)
    }
  }
}

/// A probe's way through the gate of its credentials.
struct LoginTurn {
  let gate: LoginGate
  /// How many refusals there had ever been when the probe was allowed to log in.
  let knownRefusals: Int
  /// The login is under way.
  var isTaken = false

  init(at gate: LoginGate) {
    self.gate = gate
    knownRefusals = gate.allRefusals
  }
}

extension ProbeResult {
  /// Did not log in, since others with the same credentials were refused meanwhile: that they are refused here too is
  /// what there is to tell, though the account is not asked again.
  mutating func withholdLogin(after refusal: ProbeResult) {
    isLoginWithheld = true
    (outcome, stage, reason, remedy) = (refusal.outcome, refusal.stage, refusal.reason, refusal.remedy)
    message =
      "The login was not tried here, so that the account is not locked: \(refusal.address ?? refusal.host) "
      + "refused it before."
    evidence = [Evidence(.note, "this probe did not log in")]
  }

  /// Did not log in, since the server left the logins of others unanswered for as long as the probe could wait.
  mutating func withholdLoginUnanswered() {
    isLoginWithheld = true
    (outcome, stage, reason) = (.inconclusive, .auth, .localError)
    message =
      "The login was not tried here: for as long as this probe could wait, the server has not answered those that "
      + "other probes of the same account have under way, and no more may be refused at once."
    remedy =
      "Find out why the server does not answer AUTH: its own log tells, or that of the service that checks passwords."
    evidence = [Evidence(.note, "this probe did not log in")]
  }
}
