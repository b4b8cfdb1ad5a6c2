import Model

/// What the configuration can say, and this version of the program cannot do.
enum Support {
  /// A setting that may be beyond this version.
  enum Feature {
    case addresses(AddressChoice)
  }

  /// Whether the program can do it: the one place to widen.
  static func has(_ feature: Feature) -> Bool {
    switch feature {
    case .addresses(let choice): choice != .each
    }
  }
}
