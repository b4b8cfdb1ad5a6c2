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
  package func receive(into buffer: ReceiveBuffer, on loop: isolated EventLoop) -> Received {
    let isUrgent = loop.attachments.isUrgent(attachment)
    if isUrgent { descriptor.takeUrgentDataInline() }
    let received = receive(into: buffer)
    switch received {
    case .wouldBlock: loop.attachments.settle(attachment)
    // Less than there is room for is all that there was; then the kernel tells of what comes (epoll(7)). But it reads
    // no further at once than to where urgent data begins (tcp(7)).
    case .bytes(ReceiveBuffer.capacity, _): loop.remind(of: attachment)
    case .bytes where isUrgent: loop.remind(of: attachment)
    case .bytes, .endOfStream, .reset, .failed: break
    }
    return received
  }

  /// Waits until there is something to receive, and receives it. Never gives `wouldBlock`. It asks the loop first,
  /// because an answer is hardly ever there when its request has just gone out.
  package func receive(
    into buffer: ReceiveBuffer, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async -> Result<Received, ReceiveInterruption> {
    while true {
      switch await loop.wait(for: attachment, .read, until: deadline) {
      case .ready: break
      case .timedOut: return .failure(.timedOut)
      case .ended: return .failure(.ended)
      }
      let received = receive(into: buffer, on: loop)
      guard received == .wouldBlock else { return .success(received) }
    }
  }

  private func receive(into buffer: ReceiveBuffer) -> Received {
    var stamp: Int64 = 0
    let memory = unsafe buffer.memory
    let count = unsafe clinux_receive(descriptor.rawValue, memory.baseAddress, memory.count, &stamp)
    buffer.count = max(0, count)
    guard count >= 0 else {
      switch errno {
      case EAGAIN: return .wouldBlock
      case EINTR: return receive(into: buffer)
      case ECONNRESET: return .reset
      case let code: return .failed(SystemError("recvmsg", code: code))
      }
    }
    return count == 0 ? .endOfStream : .bytes(count, arrivedAt: Self.arrival(stampedAt: stamp))
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

extension Descriptor {
  /// Urgent data is a part of the stream (RFC 6093 section 6): without this the kernel leaves its last byte out.
  fileprivate borrowing func takeUrgentDataInline() {
    var on: Int32 = 1
    _ = unsafe setsockopt(rawValue, SOL_SOCKET, SO_OOBINLINE, &on, 4)
  }
}
