import SMTP

/// A reply as the rules read it: its code, its enhanced code (RFC 3463 section 2) and its text, in which
/// they look for words without regard to case. Bytes stay bytes: servers write in any charset.
struct ReplyText {
  /// Class, subject and detail, such as 5.7.8.
  struct Enhanced: Equatable, CustomStringConvertible {
    var status: Int
    var subject: Int
    var detail: Int

    var description: String { "\(status).\(subject).\(detail)" }
  }

  let code: Int
  let enhanced: Enhanced?
  /// All lines in lower case, joined by blanks.
  let lowered: [UInt8]

  init(_ reply: Reply) {
    code = reply.code
    enhanced = reply.lines.first.flatMap { Self.enhanced(in: $0, code: reply.code) }
    lowered = Array(reply.lines.joined(separator: [0x20])).map(\.lowered)
  }

  /// Any of the words occurs; they are given in lower case.
  func has(_ words: String...) -> Bool { words.contains { lowered.firstRange(of: Array($0.utf8)) != nil } }

  /// Any of the byte sequences occurs.
  func has(bytes: [UInt8]) -> Bool { lowered.firstRange(of: bytes) != nil }

  /// The word occurs with no letter before it or after it.
  func has(word: String) -> Bool {
    let needle = Array(word.utf8)
    var start = 0
    while let range = lowered.firstRange(of: needle, from: start) {
      let isOpenBefore = range.lowerBound == 0 || !lowered[range.lowerBound - 1].isLetter
      let isOpenAfter = range.upperBound == lowered.count || !lowered[range.upperBound].isLetter
      if isOpenBefore && isOpenAfter { return true }
      start = range.upperBound
    }
    return false
  }

  /// The enhanced code is x.`subject`.`detail`.
  func isEnhanced(_ subject: Int, _ detail: Int) -> Bool {
    enhanced.map { $0.subject == subject && $0.detail == detail } ?? false
  }

  /// An enhanced code at the start of a line. Its class should be the code's first digit (RFC 2034
  /// section 4); servers that disagree are read all the same.
  private static func enhanced(in line: ArraySlice<UInt8>, code: Int) -> Enhanced? {
    let word = line.prefix { $0.isDigit || $0 == UInt8(ascii: ".") }
    let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard parts.count == 3, parts.allSatisfy({ (1...3).contains($0.count) }) else { return nil }
    let numbers = parts.map { $0.reduce(0) { $0 * 10 + Int($1 - 0x30) } }
    guard [2, 4, 5].contains(numbers[0]) else { return nil }
    return Enhanced(status: numbers[0], subject: numbers[1], detail: numbers[2])
  }
}

extension Reply {
  /// The lines as they came, with codes, joined by line ends.
  var wireBytes: [UInt8] {
    var bytes: [UInt8] = []
    for (index, line) in lines.enumerated() {
      let separator = line.isEmpty ? "" : index + 1 == lines.count ? " " : "-"
      if index > 0 { bytes.append(0x0A) }
      bytes += Array("\(code)\(separator)".utf8) + line
    }
    return lines.isEmpty ? Array("\(code)".utf8) : bytes
  }

  /// The first reply in raw bytes, complete or not; nil where they do not begin with a code.
  init?(firstIn bytes: [UInt8]) {
    var code: Int?
    var lines: [[UInt8]] = []
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
      let line = line.last == 0x0D ? line.dropLast() : line
      let digits = line.prefix(3)
      guard digits.count == 3, digits.allSatisfy(\.isDigit), (0x32...0x35).contains(digits.first ?? 0)
      else { break }
      let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
      let rest = line.dropFirst(3)
      guard code == nil || code == number, rest.isEmpty || rest.first == 0x20 || rest.first == 0x2D
      else { break }
      code = number
      lines.append(Array(rest.dropFirst()))
      if rest.first != 0x2D { break }
    }
    guard let code else { return nil }
    self.init(code: code, lines: lines)
  }
}
