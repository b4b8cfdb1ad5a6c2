import Base
import Loop

/// Answers to questions that are asked again and again, each kept for as long as it may be. What has grown old
/// is still told while it is asked for anew: nobody but the first waits.
///
/// Safe to send: it stays on its loop.
final class Remembered<Question: Hashable & Sendable, Answer: Sendable>: @unchecked Sendable {
  /// Asks, given the last answer; says for how long the answer counts.
  typealias Lookup =
    @Sendable (Question, Answer?, isolated EventLoop) async -> (answer: Answer, lasts: Duration)

  private struct Entry {
    var answer: Answer?
    var expires: MonotonicInstant
    var asking: Latch?
  }

  private var entries: [Question: Entry] = [:]
  private let capacity: Int
  private let lookup: Lookup

  /// Remembers at most about `capacity` answers.
  init(capacity: Int = 4096, lookup: @escaping Lookup) {
    self.capacity = capacity
    self.lookup = lookup
  }

  /// The answer; nil where there is none by the deadline.
  func answer(to question: Question, until deadline: MonotonicInstant, on loop: isolated EventLoop) async
    -> Answer?
  {
    let now = MonotonicInstant.now()
    var entry = entries[question] ?? Entry(answer: nil, expires: now, asking: nil)
    if entry.asking == nil, entry.expires <= now {
      let latch = Latch()
      entry.asking = latch
      makeRoom(now)
      entries[question] = entry
      Task(executorPreference: loop.executor) { await self.ask(question, latch, on: loop) }
    }
    if entry.answer == nil, let latch = entry.asking { await latch.wait(until: deadline, on: loop) }
    return entries[question]?.answer
  }

  private func ask(_ question: Question, _ latch: Latch, on loop: isolated EventLoop) async {
    let (answer, lasts) = await lookup(question, entries[question]?.answer, loop)
    entries[question] = Entry(answer: answer, expires: .now().advanced(by: lasts), asking: nil)
    latch.open(on: loop)
  }

  private func makeRoom(_ now: MonotonicInstant) {
    guard entries.count >= capacity else { return }
    entries = entries.filter { $0.value.asking != nil || $0.value.expires > now }
    if entries.count >= capacity { entries = entries.filter { $0.value.asking != nil } }
  }
}
