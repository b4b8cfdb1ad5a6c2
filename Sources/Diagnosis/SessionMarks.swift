/// The parts of a server's words that differ from one session to the next: queue ids, session ids, times.
/// Sentences leave them out, so that the same fault reads the same.
enum SessionMarks {
  /// The text with an ellipsis for each mark.
  static func removed(from text: String) -> String {
    var words: [Substring] = []
    for word in text.split(separator: " ", omittingEmptySubsequences: false) {
      // Google ends its replies in `<session id> - gsmtp`.
      if word == "gsmtp", words.count >= 2, words.last == "-" {
        words.removeLast(2)
        continue
      }
      words.append(isMark(word) ? "…" : word)
    }
    return words.joined(separator: " ")
  }

  private static func isMark(_ word: Substring) -> Bool {
    let core = word.utf8.drop { !$0.isLetterOrDigit }
    let end = core.lastIndex { $0.isLetterOrDigit }.map { core.index(after: $0) } ?? core.startIndex
    let bytes = Array(core[..<end])
    return isTime(bytes) || isIdentifier(bytes)
  }

  /// Such as 10:00:00.
  private static func isTime(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 8, bytes[2] == 0x3A, bytes[5] == 0x3A else { return false }
    return bytes.prefix(8).enumerated().allSatisfy { $0.offset == 2 || $0.offset == 5 || $0.element.isDigit }
  }

  /// Ten letters and digits or more without a dot or another sign, two of each kind at least.
  private static func isIdentifier(_ bytes: [UInt8]) -> Bool {
    guard bytes.count >= 10, bytes.allSatisfy({ $0.isLetterOrDigit || $0 == 0x2D }) else { return false }
    let digits = bytes.count { $0.isDigit }
    return digits >= 2 && bytes.count { $0.isLetter } >= 2
  }
}
