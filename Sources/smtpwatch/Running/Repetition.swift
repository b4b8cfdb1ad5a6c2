import Base

/// Something that is done once at a time, away from whoever asks for it. However many ask meanwhile, it is done once more
/// for all of them, since what they ask for may have come too late for the time before; each learns what came of that.
final class Repetition<Outcome: Sendable>: Sendable {
  typealias Answer = @Sendable (Outcome) -> Void

  private struct State {
    var isRunning = false
    var waiting: [Answer] = []
  }

  private let state = Locked(State())

  /// Asks for it.
  func ask(_ work: @escaping @Sendable () -> Outcome, _ answer: @escaping Answer) {
    let begins = state.withLock { state in
      state.waiting.append(answer)
      defer { state.isRunning = true }
      return !state.isRunning
    }
    if begins { Task.detached { self.run(work) } }
  }

  private func run(_ work: @Sendable () -> Outcome) {
    while let answers = next() {
      let outcome = work()
      for answer in answers { answer(outcome) }
    }
  }

  /// Who waits; nil where nobody does, and it is over.
  private func next() -> [Answer]? {
    state.withLock { state in
      state.isRunning = !state.waiting.isEmpty
      defer { state.waiting = [] }
      return state.isRunning ? state.waiting : nil
    }
  }
}
