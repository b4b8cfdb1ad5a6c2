package import Base
import CAres
package import Loop

extension Resolver {
  /// The records of one kind at a name, from the DNS alone. A name that does not exist has none.
  ///
  /// Every call asks: whoever needs the answer often keeps it for its time to live.
  package func records(
    _ type: RecordType, of name: String, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(DNSError) -> RecordAnswer {
    let channel = try Channel(options, showsRefusals: true)
    var failure = DNSError.timeout
    for _ in 0..<options.tries {
      let message = try RecordAnswer.question(name, type, id: .random(in: 0...(.max)))
      let question = Question<RawAnswer>()
      channel.ask(message, question, on: loop)
      let outcome = await question.wait(until: deadline, on: loop)
      if outcome == .ended { throw .ended }
      guard let answer = question.answers.first else { throw .timeout }
      if answer.status == ARES_SUCCESS { return try RecordAnswer(answer.message, type: type) }
      failure = DNSError(status: answer.status)
      guard failure == .timeout else { throw failure }
    }
    throw failure
  }
}
