// Bytes as ASCII text, whatever else they hold.
extension [UInt8] {
  /// Where `needle` first stands at or after `start`.
  func firstRange(of needle: [UInt8], from start: Int = 0) -> Range<Int>? {
    guard let first = needle.first, count - start >= needle.count else { return nil }
    for index in start...(count - needle.count) where self[index] == first {
      let end = index + needle.count
      if self[index..<end].elementsEqual(needle) { return index..<end }
    }
    return nil
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isLetter: Bool { (0x41...0x5A).contains(self & 0xDF) }
  var isLetterOrDigit: Bool { isDigit || isLetter }
  /// The lower-case form of an ASCII letter.
  var lowered: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
}
