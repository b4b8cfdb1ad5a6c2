import Metrics
import Model
import Monitor

private enum Families {
  static let tokenExpiry = MetricFamily(
    "smtp_probe_oauth_token_expiry_timestamp_seconds", .gauge, unit: "seconds",
    help: "Until when the last access token for the target's login is good, as Unix time; it is renewed "
      + "before.")
}

extension Exposition {
  /// What logins stand on.
  mutating func writeLogins(_ targets: [LabelledTarget]) {
    // Most monitors log in with passwords.
    let targets = targets.filter { $0.state.last?.tokenExpiry != nil }
    guard !targets.isEmpty else { return }
    write(Families.tokenExpiry, targets) { $0.last?.tokenExpiry?.seconds }
  }
}
