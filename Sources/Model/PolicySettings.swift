/// What the domain publishes about its mail servers, and how much of it must hold.
package struct PolicySettings: Sendable, Equatable {
  /// What a broken policy does to the outcome.
  package enum Level: String, CaseIterable, Sendable {
    /// Nothing is looked up.
    case off
    /// It is a warning.
    case report
    /// The probe is down.
    case require
  }

  /// TLSA records (RFC 7672).
  package var dane = Level.off
  /// The record and the policy of RFC 8461.
  package var mtaSTS = Level.off
  /// The record of RFC 8460.
  package var tlsRPT = Level.off
  /// The domain whose mail the target takes.
  package var domain: String?
  /// A validating resolver, such as `127.0.0.1:5353`; nil for the system's.
  package var resolver: String?
  /// PEM file with the only authorities to trust for the policy host; nil for the system's.
  package var caFile: String?

  /// Nothing is looked up.
  package init() {}

  /// Something is looked up.
  package var isAnyOn: Bool { dane != .off || mtaSTS != .off || tlsRPT != .off }
}
