/// What is wrong with bytes that should be a reply (RFC 5321 section 4.2).
package enum ReplyError: Error, Sendable, Equatable {
  /// The line does not begin with three digits, then a space, a hyphen or its end.
  case noCode([UInt8])
  /// Three digits, and the first is none of 2 to 5.
  case invalidCode([UInt8])
  /// A line of the reply has another code than those before it.
  case codesDiffer(first: Int, [UInt8])
  /// The line is longer than `ReplyParser.maximumLine`.
  case lineTooLong([UInt8])
  /// The reply has more lines than `ReplyParser.maximumLines`.
  case tooManyLines([UInt8])
  /// The reply is longer than `ReplyParser.maximumReply`.
  case replyTooLong([UInt8])
  /// The line has a NUL in it.
  case nul([UInt8])

  /// The beginning of the line that is wrong, at most 120 bytes.
  package var bytes: [UInt8] {
    switch self {
    case .noCode(let bytes), .invalidCode(let bytes), .codesDiffer(_, let bytes), .lineTooLong(let bytes),
      .tooManyLines(let bytes), .replyTooLong(let bytes), .nul(let bytes):
      bytes
    }
  }
}

extension ReplyError: CustomStringConvertible {
  /// A sentence for people, without the bytes.
  package var description: String {
    switch self {
    case .noCode: "A line does not begin with a three-digit code."
    case .invalidCode(let bytes):
      "The code \(EscapedText.of(bytes.prefix(3))) is none of SMTP's, which begin with 2, 3, 4 or 5."
    case .codesDiffer(let first, let bytes):
      "One reply has the codes \(first) and \(EscapedText.of(bytes.prefix(3)))."
    case .lineTooLong: "A line is longer than \(ReplyParser.maximumLine) bytes."
    case .tooManyLines: "A reply has more than \(ReplyParser.maximumLines) lines."
    case .replyTooLong: "A reply is longer than \(ReplyParser.maximumReply) bytes."
    case .nul: "A line has a NUL byte in it."
    }
  }
}
