/// What a client did wrong, or what the server cannot do, with a hint that helps.
package struct Problem: Error, Sendable, Equatable {
  package var status: Int
  /// What is wrong, in one sentence.
  package var error: String
  /// What to do about it, in one sentence.
  package var hint: String

  /// A problem.
  package init(status: Int, error: String, hint: String) {
    self.status = status
    self.error = error
    self.hint = hint
  }

  /// The problem in plain text.
  package var text: Response { .text("\(error)\n\(hint)", status: status) }
}
