import CLinux
package import Base

/// What a descriptor is waited for. Errors and hang-ups end every wait, whatever was asked.
package struct Readiness: OptionSet, Sendable {
  package let rawValue: UInt32

  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// There is something to read, a connection to accept, or the end of the stream.
  package static let read = Readiness(rawValue: EPOLLIN.rawValue)
  /// There is room to write, or a connect has come to its end.
  package static let write = Readiness(rawValue: EPOLLOUT.rawValue)
}

/// How a wait ended.
package enum WaitOutcome: Sendable, Equatable {
  /// The descriptor can be used; the moment is that at which the loop learnt of it.
  case ready(at: MonotonicInstant)
  case timedOut
  /// The loop has ended, or the kernel refuses to watch more descriptors.
  case ended
}
