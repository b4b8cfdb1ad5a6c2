import Base
import CAres
import Loop

/// A name that was asked for, and what has come of it so far. One task waits for its answers.
///
/// Unchecked: it stays on its loop, where the task, the library's callbacks and the timer all run.
@safe final class Question: @unchecked Sendable {
  /// What the library said of one family.
  struct Answer {
    var status: Int32
    var addresses: [SocketAddress]
    var at: MonotonicInstant
  }

  private(set) var answers: [SocketAddress.Family: Answer] = [:]
  private var waiting: UnsafeContinuation<WaitOutcome, Never>?

  /// Waits for the next answer, if it is not there yet, or a moment.
  func wait(
    forAnswers count: Int, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async -> WaitOutcome {
    guard answers.count < count else { return .ready(at: .now()) }
    guard let timer = loop.schedule(at: deadline, { [self] outcome, _ in wake(outcome) }) else {
      return .ended
    }
    defer { loop.cancel(timer) }
    // Unsafe for its price only: `wake` takes the continuation out before it resumes it.
    return unsafe await withUnsafeContinuation { unsafe waiting = $0 }
  }

  func take(_ answer: Answer, of family: SocketAddress.Family) {
    answers[family] = answer
    wake(.ready(at: answer.at))
  }

  private func wake(_ outcome: WaitOutcome) {
    unsafe waiting.take()?.resume(returning: outcome)
  }
}
