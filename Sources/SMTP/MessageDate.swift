package import Model

extension Timestamp {
  /// The date of a header (RFC 5322 section 3.3) in UTC, such as `Mon, 23 Nov 2026 10:00:00 +0000`.
  package var rfc5322: String {
    let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let (days, micros) = floored(microseconds, by: 86_400_000_000)
    let second = micros / 1_000_000
    let (year, month, day) = Timestamp.civil(daysSinceEpoch: days)
    // 1970-01-01 was a Thursday.
    let weekday = weekdays[Int(floored(days + 4, by: 7).remainder)]
    let clock = [second / 3600, second / 60 % 60, second % 60].map { ($0 < 10 ? "0" : "") + String($0) }
    return "\(weekday), \(day) \(months[Int(month) - 1]) \(year) \(clock.joined(separator: ":")) +0000"
  }
}

/// A division that rounds down, so that the remainder is never negative.
private func floored(_ number: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
  let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
  return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}
