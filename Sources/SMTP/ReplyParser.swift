/// Makes replies out of bytes as they arrive, however they are cut (RFC 5321 section 4.2).
///
/// It is liberal where servers differ without harm: a bare code, a line that ends in a bare line feed (the reply
/// then says so), any text. It is strict where a reply would be ambiguous, and everything has a limit.
package struct ReplyParser: Sendable {
  /// The longest line, with its end; the RFC's own limit is 512.
  package static let maximumLine = 4096
  /// The most lines of one reply.
  package static let maximumLines = 128
  /// The longest reply.
  package static let maximumReply = 65_536

  private static let commonLength = 480

  /// Bytes from `start` on are not yet part of a line; before `scanned` there is no line feed among them.
  private var buffer: [UInt8] = []
  private var start = 0
  private var scanned = 0

  /// The reply whose last line has not come yet.
  private var partial: Reply?
  private var partialLength = 0
  private var partialLines = 0

  /// A parser that has heard nothing.
  package init() {}

  /// Adds what has arrived.
  package mutating func append(_ bytes: some Sequence<UInt8>) { buffer.append(contentsOf: bytes) }

  /// Adds what has arrived.
  package mutating func append(_ bytes: Span<UInt8>) {
    // Most conversations fit in what the first reply takes.
    buffer.reserveCapacity(max(Self.commonLength, buffer.count + bytes.count))
    for index in bytes.indices { buffer.append(bytes[index]) }
  }

  /// The next complete reply, or nil when its end has not arrived yet.
  ///
  /// After an error it throws the same error again: the stream has no meaning any more.
  package mutating func next() throws(ReplyError) -> Reply? {
    while let end = buffer[scanned...].firstIndex(of: 0x0A) {
      guard end - start < Self.maximumLine else { throw .lineTooLong(evidence) }
      let hasCarriageReturn = end > start && buffer[end - 1] == 0x0D
      let isLast = try take(start..<(hasCarriageReturn ? end - 1 : end), bareLineFeed: !hasCarriageReturn)
      partialLength += end + 1 - start
      start = end + 1
      scanned = start
      if isLast {
        defer { forget() }
        return partial
      }
    }
    scanned = buffer.count
    guard scanned - start < Self.maximumLine else { throw .lineTooLong(evidence) }
    return nil
  }

  /// Bytes have arrived that belong to no complete reply.
  package var hasUnreadBytes: Bool { partial != nil || start < buffer.count }

  /// The bytes of the lines that are no complete reply yet, and forgets everything: what crosses the start of
  /// TLS (RFC 3207 section 6), or what a server said before it closed. Lines of a partial reply are rebuilt.
  package mutating func takeUnread() -> [UInt8] {
    var unread: [UInt8] = []
    if let partial {
      for line in partial.lines { unread += Array("\(partial.code)-".utf8) + line + [0x0D, 0x0A] }
    }
    unread += buffer[start...]
    forget()
    buffer.removeAll(keepingCapacity: true)
    start = 0
    scanned = 0
    return unread
  }

  /// Adds one line, without its end, to the reply under way; true for the last one.
  private mutating func take(_ line: Range<Int>, bareLineFeed: Bool) throws(ReplyError) -> Bool {
    let (code, isLast) = try head(of: line)
    let text = buffer[min(line.lowerBound + 4, line.upperBound)..<line.upperBound]
    guard !text.contains(0) else { throw .nul(evidence) }
    guard partial != nil else {
      // What has come is most likely all of the reply.
      partial = Reply(
        code: code, firstLine: text, hasBareLineFeed: bareLineFeed,
        capacity: isLast ? text.count : buffer.count - start)
      partialLines = 1
      return isLast
    }
    if let first = partial?.code, first != code { throw .codesDiffer(first: first, evidence) }
    guard partialLength + line.count + 2 <= Self.maximumReply else { throw .replyTooLong(evidence) }
    guard partialLines < Self.maximumLines else { throw .tooManyLines(evidence) }
    partial?.append(text)
    partialLines += 1
    if bareLineFeed { partial?.hasBareLineFeed = true }
    return isLast
  }

  /// The code of a line, and whether no further line follows it.
  private func head(of line: Range<Int>) throws(ReplyError) -> (code: Int, isLast: Bool) {
    let first = line.lowerBound
    guard line.count >= 3, buffer[first..<first + 3].allSatisfy(\.isASCIIDigit) else {
      throw .noCode(evidence)
    }
    let separator = line.count > 3 ? buffer[first + 3] : 0x20
    guard separator == 0x20 || separator == UInt8(ascii: "-") else { throw .noCode(evidence) }
    let code = buffer[first..<first + 3].reduce(0) { $0 * 10 + Int($1 - 0x30) }
    guard (200...599).contains(code) else { throw .invalidCode(evidence) }
    return (code, separator == 0x20)
  }

  /// The beginning of the line under way.
  private var evidence: [UInt8] {
    [UInt8](buffer[start...].prefix(120).prefix { $0 != 0x0A && $0 != 0x0D })
  }

  /// Forgets the reply under way, and lets go of what is read.
  private mutating func forget() {
    partial = nil
    partialLength = 0
    guard start == buffer.count else { return }
    buffer.removeAll(keepingCapacity: true)
    start = 0
    scanned = 0
  }
}
