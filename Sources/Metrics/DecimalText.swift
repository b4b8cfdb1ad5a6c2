extension [UInt8] {
  /// Appends a whole number.
  mutating func appendDecimal(_ value: Int) {
    guard value >= 10 || value < 0 else { return append(UInt8(ascii: "0") + UInt8(value)) }
    var digits = InlineArray<20, UInt8>(repeating: 0)
    var (rest, first) = (value.magnitude, 20)
    repeat {
      first -= 1
      digits[first] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
      rest /= 10
    } while rest > 0
    if value < 0 { append(UInt8(ascii: "-")) }
    append(contentsOf: digits.span.extracting(first..<20))
  }

  /// Appends the shortest decimal that reads back as the same number, as both formats spell it: `1.0`, `+Inf`,
  /// `NaN`.
  mutating func appendDecimal(_ value: Double) {
    guard value.isFinite else {
      return append(contentsOf: (value.isNaN ? "NaN" : value < 0 ? "-Inf" : "+Inf").utf8)
    }
    guard !appendFixed(value) else { return }
    append(contentsOf: value.description.utf8)
  }

  /// Times are whole numbers of nanoseconds or, counted from the epoch, of microseconds. Of so few digits each number
  /// has no more than one decimal that reads back, so that it is the shortest.
  private mutating func appendFixed(_ value: Double) -> Bool {
    guard value == 0 || (1e-4..<4e9).contains(value), value.sign == .plus else { return false }
    let places = value < 1e6 ? 9 : 6
    let scale = places == 9 ? 1e9 : 1e6
    let scaled = (value * scale).rounded()
    guard scaled / scale == value else { return false }
    let (whole, part) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
    appendDecimal(whole)
    append(UInt8(ascii: "."))
    var digits = InlineArray<9, UInt8>(repeating: UInt8(ascii: "0"))
    var (rest, place, count) = (part, places, 1)
    while place > 0, rest > 0 {
      place -= 1
      let digit = UInt8(rest % 10)
      rest /= 10
      digits[place] = UInt8(ascii: "0") + digit
      if digit > 0, count == 1 { count = place + 1 }
    }
    append(contentsOf: digits.span.extracting(0..<count))
    return true
  }

  private mutating func append(contentsOf bytes: Span<UInt8>) {
    for index in bytes.indices { append(bytes[index]) }
  }
}
