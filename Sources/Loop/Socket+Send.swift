package import Base
import Glibc

/// Why bytes could not be sent.
package enum SendError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The peer did not take them by the deadline.
  case timedOut
  /// The peer broke the connection off (ECONNRESET, EPIPE).
  case reset
  case system(SystemError)
  /// The loop ended.
  case ended

  package var description: String {
    switch self {
    case .timedOut: "the peer did not take what was sent in time"
    case .reset: "the peer closed the connection"
    case .system(let error): error.description
    case .ended: "the monitor is stopping"
    }
  }
}

/// What one attempt to send came to.
package enum Sent: Sendable, Equatable {
  /// So many bytes, perhaps not all.
  case bytes(Int)
  case wouldBlock
  case failed(SendError)
}

extension Socket {
  /// Sends all of the bytes.
  package func send(
    _ bytes: [UInt8], until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(SendError) {
    var start = 0
    while start < bytes.count {
      switch sendNow(bytes.span.extracting(start..<bytes.count)) {
      case .bytes(let count): start += count
      case .failed(let error): throw error
      case .wouldBlock:
        switch await loop.wait(for: attachment, .write, until: deadline) {
        case .ready: continue
        case .timedOut: throw .timedOut
        case .ended: throw .ended
        }
      }
    }
  }

  /// Sends as many of the bytes as the kernel takes without waiting. A connection that is gone is an error,
  /// not a signal.
  package func sendNow(_ bytes: Span<UInt8>) -> Sent {
    let count = unsafe bytes.withUnsafeBytes { bytes in
      unsafe Glibc.send(descriptor.rawValue, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
    }
    guard count < 0 else { return .bytes(count) }
    switch errno {
    case EAGAIN: return .wouldBlock
    // Nothing would tell of room that was there all along.
    case EINTR: return sendNow(bytes)
    case ECONNRESET, EPIPE: return .failed(.reset)
    case let code: return .failed(.system(SystemError("send", code: code)))
    }
  }
}
