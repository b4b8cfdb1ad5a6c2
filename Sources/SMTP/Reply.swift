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
