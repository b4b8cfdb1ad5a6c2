/// A moment of the wall clock, to the microsecond, in UTC.
package struct Timestamp: Sendable, Hashable, Comparable {
  /// Microseconds since 1970-01-01T00:00:00Z.
  package var microseconds: Int64

  /// A moment by microseconds since the Unix epoch.
  package init(microseconds: Int64) { self.microseconds = microseconds }

  /// A moment by whole seconds since the Unix epoch.
  package init(seconds: Int64) { microseconds = seconds * 1_000_000 }

  /// Seconds since the Unix epoch, as Prometheus counts time.
  package var seconds: Double { Double(microseconds) / 1e6 }

  /// RFC 3339 in UTC with milliseconds, such as `2026-11-23T10:00:00.123Z`.
  package var rfc3339: String {
    let (day, micros) = microseconds.flooredQuotientAndRemainder(86_400_000_000)
    let (year, month, dayOfMonth) = Self.civil(daysSinceEpoch: day)
    let millis = micros / 1000
    let (hour, minute) = (millis / 3_600_000, millis / 60_000 % 60)
    let (second, fraction) = (millis / 1000 % 60, millis % 1000)
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(dayOfMonth, 2))"
      + "T\(padded(hour, 2)):\(padded(minute, 2)):\(padded(second, 2)).\(padded(fraction, 3))Z"
  }

  package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

  package static func + (time: Timestamp, duration: Duration) -> Timestamp {
    Timestamp(microseconds: time.microseconds + duration.wholeMicroseconds)
  }

  package static func - (later: Timestamp, earlier: Timestamp) -> Duration {
    .microseconds(later.microseconds - earlier.microseconds)
  }

  /// Year, month and day of the Gregorian calendar by days since 1970-01-01. Years are counted from March,
  /// so that the leap day is a year's last, in eras of 400 years.
  package static func civil(daysSinceEpoch: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let shifted = daysSinceEpoch + 719_468
    let (era, dayOfEra) = shifted.flooredQuotientAndRemainder(146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

private func padded(_ number: Int64, _ width: Int) -> String {
  let digits = String(number)
  return String(repeating: "0", count: max(0, width - digits.count)) + digits
}

extension Int64 {
  /// Quotient and remainder of a division that rounds down, so that the remainder is never negative.
  fileprivate func flooredQuotientAndRemainder(_ divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}
