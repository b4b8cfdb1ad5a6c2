/// The transparency of DATA (RFC 5321 section 4.5.2).
package enum DotStuffing {
  /// Every line that begins with a dot gets one more, every line ends with CRLF, and a dot alone ends it all.
  package static func wire(of content: [UInt8]) -> [UInt8] {
    var wire: [UInt8] = []
    wire.reserveCapacity(content.count + 64)
    var isLineStart = true
    var index = 0
    while index < content.count {
      let byte = content[index]
      index += 1
      if byte == 0x0D || byte == 0x0A {
        if byte == 0x0D, index < content.count, content[index] == 0x0A { index += 1 }
        wire += [0x0D, 0x0A]
        isLineStart = true
      } else {
        if isLineStart, byte == UInt8(ascii: ".") { wire.append(byte) }
        wire.append(byte)
        isLineStart = false
      }
    }
    if !isLineStart { wire += [0x0D, 0x0A] }
    return wire + [UInt8(ascii: "."), 0x0D, 0x0A]
  }
}
