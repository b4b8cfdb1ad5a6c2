import Model

/// Knowledge of mail applied to a configuration that is well-formed. It warns, and never fails.
struct Lint {
  private let reading: Reading

  /// A lint that notes what it finds in `reading`.
  init(_ reading: Reading) { self.reading = reading }

  func check(_ settings: ProbeSettings, _ section: Section) {}
  func check(_ target: Target, _ section: Section) {}
  func checkTogether(limits: Limits) {}
}
