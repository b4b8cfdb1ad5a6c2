/// A timed part of a probe. Each runs from the moment its request is due (connect: its start) to the
/// arrival of the last byte of its answer.
///
/// The raw values are positions in history records: append, never renumber.
package enum Phase: UInt8, CaseIterable, Sendable {
  case dns = 0
  case connect, tls, banner, ehlo, starttls
  /// The second EHLO, inside TLS.
  case ehloTls
  case auth, mail, rcpt, rset, data
  /// From the dot that ends the message to its reply.
  case message
  case quit

  /// The label value, such as `ehlo_tls`.
  package var slug: String { Self.slugs[Int(rawValue)] }

  private static let slugs = allCases.map { $0 == .ehloTls ? "ehlo_tls" : String(describing: $0) }
}

/// How long each phase took; a phase that was not reached has no time.
package struct PhaseTimings: Sendable, Equatable {
  /// Microseconds by the phase's raw value; `UInt32.max` where there is none.
  package private(set) var microseconds: SIMD16<UInt32>

  /// No phase reached.
  package init() { microseconds = SIMD16(repeating: .max) }

  /// The timings of a stored record.
  package init(microseconds: SIMD16<UInt32>) { self.microseconds = microseconds }

  /// The time of one phase, rounded to microseconds.
  package subscript(phase: Phase) -> Duration? {
    get {
      let value = microseconds[Int(phase.rawValue)]
      return value == .max ? nil : .microseconds(value)
    }
    set {
      microseconds[Int(phase.rawValue)] = newValue.map { UInt32(clamping: $0.wholeMicroseconds) } ?? .max
    }
  }

  /// The phases that were reached, in the order of a conversation.
  package var reached: [(phase: Phase, time: Duration)] {
    Phase.allCases.compactMap { phase in self[phase].map { (phase, $0) } }
  }
}

extension Duration {
  /// The duration in microseconds, cut to a whole number.
  package var wholeMicroseconds: Int64 { Int64(clamping: attoseconds / 1_000_000_000_000) }

  /// The duration in seconds.
  package var seconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
