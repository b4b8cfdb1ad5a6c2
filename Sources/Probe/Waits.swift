package import Base
package import Model

/// What the probes of a prober wait for at the moment, for whoever looks.
package final class Waits: Sendable {
  /// One wait for the other side.
  package struct Wait: Sendable {
    package let purpose: Purpose
    package let begin: MonotonicInstant
    /// It is over by then, whatever comes.
    package let limit: MonotonicInstant
  }

  /// What is waited for.
  package enum Purpose: Sendable {
    /// What ends a phase.
    case phase(Phase)
    /// What the domain publishes.
    case policies
    /// The cause of a failure.
    case closerLook
  }

  private let all = Locked<[ObjectIdentifier: Wait]>([:])

  /// Nothing is waited for yet.
  package init() {}

  /// The one that began first.
  package var longest: Wait? { all.withLock { waits in waits.values.min { $0.begin < $1.begin } } }

  /// Whoever waits does so for this from now on, and for nothing else.
  func set(_ wait: Wait, of waiting: AnyObject) {
    all.withLock { $0[ObjectIdentifier(waiting)] = wait }
  }

  /// Whoever waited is done.
  func end(of waiting: AnyObject) {
    _ = all.withLock { $0.removeValue(forKey: ObjectIdentifier(waiting)) }
  }
}
