/// A complete reply of a server (RFC 5321 section 4.2): one code, one line of text or more.
package struct Reply: Sendable, Equatable {
  /// Three digits; the first is 2 to 5.
  package var code: Int
  /// The text of each line, as bytes: servers write in any charset.
  package var lines: [[UInt8]]
  /// A line ended with a bare line feed.
  package var hasBareLineFeed: Bool

  /// A reply.
  package init(code: Int, lines: [[UInt8]], hasBareLineFeed: Bool = false) {
    self.code = code
    self.lines = lines
    self.hasBareLineFeed = hasBareLineFeed
  }

  /// 2yz: done.
  package var isPositive: Bool { code / 100 == 2 }
  /// 3yz: go on.
  package var isIntermediate: Bool { code / 100 == 3 }
  /// 4yz: not now.
  package var isTransient: Bool { code / 100 == 4 }
  /// 5yz: no.
  package var isPermanent: Bool { code / 100 == 5 }
}

extension Reply {
  /// The enhanced status code (RFC 2034) of the first line that has one; its class must be the code's.
  package var enhancedCode: EnhancedStatusCode? {
    for line in lines {
      if let enhanced = EnhancedStatusCode(startOf: line), enhanced.category == code / 100 { return enhanced }
    }
    return nil
  }

  /// The first line as safe text, at most 512 bytes of it.
  package var firstLine: String { EscapedText.of(lines.first ?? [], limit: 512) }

  /// All lines as safe text, joined by line feeds, at most about 2 KiB of it.
  package var text: String {
    var text = ""
    for (number, line) in lines.enumerated() {
      guard text.utf8.count < 2048 else { return text + "\n…" }
      if number > 0 { text += "\n" }
      text += EscapedText.of(line, limit: 2048 - text.utf8.count)
    }
    return text
  }
}
