/// A complete reply of a server (RFC 5321 section 4.2): one code, one line of text or more.
package struct Reply: Sendable, Equatable {
  /// Three digits; the first is 2 to 5.
  package var code: Int
  /// The text of the lines, joined by line feeds, as bytes: servers write in any charset. One piece of memory for
  /// all, since each reply of each probe takes it.
  var bytes: [UInt8]
  private let isEmpty: Bool
  /// A line ended with a bare line feed.
  package var hasBareLineFeed: Bool

  /// A reply; no line has a line feed in it.
  package init(code: Int, lines: [[UInt8]], hasBareLineFeed: Bool = false) {
    self.code = code
    self.hasBareLineFeed = hasBareLineFeed
    bytes = Array(lines.joined(separator: [0x0A]))
    isEmpty = lines.isEmpty
  }

  /// The beginning of a reply: its first line, with room for those that follow.
  init(code: Int, firstLine: ArraySlice<UInt8>, hasBareLineFeed: Bool, capacity: Int) {
    self.code = code
    self.hasBareLineFeed = hasBareLineFeed
    bytes = []
    bytes.reserveCapacity(capacity)
    bytes.append(contentsOf: firstLine)
    isEmpty = false
  }

  /// Adds a line.
  mutating func append(_ line: ArraySlice<UInt8>) {
    bytes.append(0x0A)
    bytes.append(contentsOf: line)
  }

  /// The text of each line.
  package var lines: [ArraySlice<UInt8>] { isEmpty ? [] : Array(eachLine) }

  /// The lines one by one, without a list of them.
  package var eachLine: Lines { Lines(in: bytes) }

  /// 2yz: done.
  package var isPositive: Bool { code / 100 == 2 }
  /// 3yz: go on.
  package var isIntermediate: Bool { code / 100 == 3 }
  /// 4yz: not now.
  package var isTransient: Bool { code / 100 == 4 }
  /// 5yz: no.
  package var isPermanent: Bool { code / 100 == 5 }

  /// The parts of a text between line feeds.
  package struct Lines: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>?

    init(in bytes: [UInt8]) { rest = bytes[...] }

    /// No line follows.
    package var isAtEnd: Bool { rest == nil }

    package mutating func next() -> ArraySlice<UInt8>? {
      guard let text = rest else { return nil }
      guard let end = text.firstIndex(of: 0x0A) else {
        rest = nil
        return text
      }
      rest = text[(end + 1)...]
      return text[..<end]
    }
  }
}

extension Reply {
  /// The enhanced status code (RFC 2034) of the first line that has one; its class must be the code's.
  package var enhancedCode: EnhancedStatusCode? {
    for line in eachLine {
      if let enhanced = EnhancedStatusCode(startOf: line), enhanced.category == code / 100 { return enhanced }
    }
    return nil
  }

  /// The first line as safe text, at most 512 bytes of it.
  package var firstLine: String {
    var lines = eachLine
    return EscapedText.of(lines.next() ?? [], limit: 512)
  }

  /// All lines as safe text, joined by line feeds, at most about 2 KiB of it.
  package var text: String {
    var text = ""
    for (number, line) in eachLine.enumerated() {
      guard text.utf8.count < 2048 else { return text + "\n…" }
      if number > 0 { text += "\n" }
      text += EscapedText.of(line, limit: 2048 - text.utf8.count)
    }
    return text
  }
}
