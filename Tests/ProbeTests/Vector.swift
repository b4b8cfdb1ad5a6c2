import Model
import Testing

/// A server that does something, how it is probed, and the name that this must get.
struct Vector: Sendable, CustomTestStringConvertible {
  /// Something else that must hold.
  enum Claim: Sendable {
    /// Message, remedy or evidence has these words.
    case says(String)
    case hints(Hint)
    case warns(Warning)
    /// The server heard these bytes.
    case hears(String)
    case neverHears(String)
    /// The server heard nothing at all.
    case hearsNothing
    /// The last reply's code.
    case replied(Int)
    /// Facts of a TLS session are there.
    case hasTLS
    /// No evidence of raw bytes is longer.
    case showsBytes(atMost: Int)
    /// The server is what EHLO makes of it.
    case offers([String])
  }

  let id: String
  let mode: TLSMode
  let depth: Depth
  let script: String
  /// nil for a probe without fault.
  let stage: Stage?
  let reason: Reason
  let isRetryable: Bool
  /// A dialogue is still possible at the end, so that QUIT is due.
  let quits: Bool
  let claims: [Claim]
  let settings: ProbeSettings
  /// Waiting for the end of patience is the point.
  let isSlow: Bool

  /// - Parameter patience: the cap of the stage that fails, where waiting for its end is the point.
  init(
    _ id: String, _ mode: TLSMode, to depth: Depth = .ehlo, _ script: String, _ stage: Stage?,
    _ reason: Reason, retry isRetryable: Bool = false, quits: Bool = true, patience: Duration? = nil,
    _ claims: [Claim] = [], _ change: (inout ProbeSettings) -> Void = { _ in }
  ) {
    self.id = id
    self.mode = mode
    self.depth = depth
    self.script = script
    self.stage = stage
    self.reason = reason
    self.isRetryable = isRetryable
    self.quits = quits
    self.claims = claims
    isSlow = patience != nil
    settings = ProbeTests.settings(mode, depth) {
      if let patience { $0.timeouts.cap(stage, at: patience) }
      change(&$0)
    }
  }

  var testDescription: String { id }
}

/// Parts of scripts that many vectors begin with.
enum Opening {
  static let greeting = #"S"220 mail.example.test ESMTP""#
  /// In clear, up to the list of keywords.
  static let clear = "\(greeting) R(EHLO) E"
  /// Up to the handshake.
  static let upgrade = #"\#(clear) R(STARTTLS) S"220 2.0.0 go""#
  /// Inside TLS, with the list of keywords still to come.
  static let hello = "\(upgrade) T(good) R(EHLO)"
  /// Inside TLS, greeted.
  static let secured = "\(hello) E"
  /// The same with implicit TLS.
  static let implicit = "T(good) \(greeting) R(EHLO) E"
}
