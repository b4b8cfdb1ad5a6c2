/// Where a probe stood when it ended: the order in which an SMTP conversation goes through them.
///
/// The raw values are stored in history files: append, never renumber.
package enum Stage: UInt8, CaseIterable, Sendable {
  case config = 1
  case dns, connect, tls, banner, ehlo, starttls, auth, mail, rcpt, data, message, quit
  /// DANE and MTA-STS.
  case policy
  /// The monitor itself.
  case `internal`

  /// The label value: the case's own name.
  package var slug: String { Self.slugs[Int(rawValue) - 1] }

  /// The stage with the label value `slug`.
  package init?(slug: String) {
    guard let index = Self.slugs.firstIndex(of: slug) else { return nil }
    self = Self.allCases[index]
  }

  private static let slugs = allCases.map { String(describing: $0) }
}
