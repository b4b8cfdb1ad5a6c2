/// Keeps the monitor from locking a mailbox's account, as it does with the logins of probes: after two refusals in a row
/// it is tried again after 2, 4, 8 … and at most 60 minutes.
struct LoginRestraint {
  private static let tolerated = 2
  private static let first = Duration.seconds(120)
  private static let longest = Duration.seconds(3600)

  private var refusals = 0

  /// How long to stay away at the least.
  var pause: Duration {
    guard refusals >= Self.tolerated else { return .zero }
    return min(Self.longest, Self.first * (1 << min(refusals - Self.tolerated, 8)))
  }

  mutating func refused() { refusals += 1 }

  mutating func accepted() { refusals = 0 }
}
