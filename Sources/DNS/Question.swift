import Base
import Loop

/// Something that was asked, and what has been answered so far. One task waits for the answers.
///
/// Safe to send: it stays on its loop, where the task, the library's callbacks and the timer all run.
@safe final class Question<Answer>: @unchecked Sendable {
  private(set) var answers: [Answer] = []
  private var waiting: UnsafeContinuation<WaitOutcome, Never>?

  /// Waits until so many answers are there, or a moment; `.ready` may come with fewer, where one has come meanwhile.
  func wait(
    forAnswers count: Int = 1, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async -> WaitOutcome {
    guard answers.count < count else { return .ready(at: .now()) }
    guard let timer = loop.schedule(at: deadline, { [self] outcome, _ in wake(outcome) }) else {
      return .ended
    }
    defer { loop.cancel(timer) }
    // Unsafe for its price only: `wake` takes the continuation out before it resumes it.
    return unsafe await withUnsafeContinuation { unsafe waiting = $0 }
  }

  func take(_ answer: Answer) {
    answers.append(answer)
    wake(.ready(at: .now()))
  }

  private func wake(_ outcome: WaitOutcome) {
    unsafe waiting.take()?.resume(returning: outcome)
  }
}

/// What the library said of a host's addresses of one family.
struct FamilyAnswer {
  var family: SocketAddress.Family
  var status: Int32
  var addresses: [SocketAddress]
  var at: MonotonicInstant
}

/// An answer as it came over the wire, where the status is good.
struct RawAnswer {
  var status: Int32
  var message: [UInt8]
}

/// The hosts of a domain's MX records, where the status is good.
struct ExchangerAnswer {
  var status: Int32
  var hosts: [MailExchangers.Host]
}
