package import Base
import CLinux
import Glibc

/// What one attempt to receive came to.
package enum Received: Sendable, Equatable {
  /// This many bytes, the last of which reached this host at that moment.
  case bytes(Int, arrivedAt: MonotonicInstant)
  /// Nothing yet.
  case wouldBlock
  /// The peer said that it sends no more (FIN).
  case endOfStream
  /// The peer broke the connection off (RST).
  case reset
  case failed(SystemError)
}

extension Socket {
  /// Receives what there is, without waiting, up to the buffer's capacity.
  ///
  /// The moment of arrival is the kernel's, so that it stays right while this process is busy; where the kernel
  /// gives none it is the present.
  package func receive(into buffer: ReceiveBuffer) -> Received {
    var stamp: Int64 = 0
    let memory = unsafe buffer.memory
    let count = unsafe clinux_receive(descriptor.rawValue, memory.baseAddress, memory.count, &stamp)
    buffer.count = max(0, count)
    guard count >= 0 else {
      switch errno {
      case EAGAIN, EINTR: return .wouldBlock
      case ECONNRESET: return .reset
      case let code: return .failed(SystemError("recvmsg", code: code))
      }
    }
    return count == 0 ? .endOfStream : .bytes(count, arrivedAt: Self.arrival(stampedAt: stamp))
  }

  /// Waits until there is something to receive, and receives it. Never gives `wouldBlock`. It asks the loop first,
  /// because an answer is hardly ever there when its request has just gone out; who expects that something is,
  /// such as the rest of a full buffer, tries `receive(into:)` before.
  package func receive(
    into buffer: ReceiveBuffer, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async -> Result<Received, ReceiveInterruption> {
    while true {
      switch await loop.wait(for: descriptor, .read, until: deadline) {
      case .ready: break
      case .timedOut: return .failure(.timedOut)
      case .ended: return .failure(.ended)
      }
      let received = receive(into: buffer)
      guard received == .wouldBlock else { return .success(received) }
    }
  }

  /// A moment of the wall clock, by its age, on the clock that durations are counted in. An age that cannot
  /// be, because the wall clock was set meanwhile, counts as none.
  static func arrival(
    stampedAt stamp: Int64, now: MonotonicInstant = .now(), wallClock: Int64 = WallClock.nanoseconds()
  ) -> MonotonicInstant {
    let age = wallClock - stamp
    guard stamp > 0, age >= 0, age < 10_000_000_000 else { return now }
    return MonotonicInstant(nanoseconds: now.nanoseconds - age)
  }
}
