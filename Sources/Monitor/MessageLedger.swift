package import Model

/// What a target has sent within a day, to the hour: enough to keep to a limit, and small enough to be written down.
package struct MessageLedger: Sendable, Equatable {
  private struct Hour: Sendable, Equatable {
    /// Hours since 1970.
    var number: Int64
    var count: Int
  }

  /// When the probe of the last message began, also of one that may be about to be sent.
  package private(set) var lastAt: Timestamp?
  /// The same before the probe that is under way.
  private var before: Timestamp?
  /// Oldest first; those with a message.
  private var hours: [Hour] = []

  /// The hours of a day, and the one that is not over.
  private static let span: Int64 = 24

  /// Nothing sent.
  package init() {}

  /// A probe begins that may send: whatever becomes of it or of this process, a message counts as sent then.
  package mutating func begin(at time: Timestamp) { (before, lastAt) = (lastAt, time) }

  /// It came to so many messages. `isSettled` false where it never came so far, and the message is owed still.
  package mutating func end(with count: Int, isSettled: Bool, at time: Timestamp) {
    if !isSettled { lastAt = before }
    guard count > 0 else { return }
    let number = Self.hour(time)
    hours.removeAll { abs($0.number - number) > Self.span }
    if let index = hours.firstIndex(where: { $0.number == number }) {
      hours[index].count += count
    } else {
      hours.append(Hour(number: number, count: count))
    }
  }

  /// How many went within the last 24 hours, and at the most in the hour before: never fewer than there were.
  package func count(inDayBefore now: Timestamp) -> Int {
    let number = Self.hour(now)
    return hours.reduce(0) { abs($1.number - number) <= Self.span ? $0 + $1.count : $0 }
  }

  private static func hour(_ time: Timestamp) -> Int64 { time.microseconds / 3_600_000_000 }

  func pack(into packer: inout Packer) {
    packer.put(1, lastAt)
    for hour in hours {
      packer.put(2, UInt64(clamping: hour.number) << 24 | UInt64(clamping: min(hour.count, 0xFF_FFFF)))
    }
  }

  init(fields: Unpacker) {
    for field in fields {
      switch field.number {
      case 1: lastAt = field.moment
      case 2: hours.append(Hour(number: Int64(field.value >> 24), count: Int(field.value & 0xFF_FFFF)))
      default: break
      }
    }
  }
}
