import Base
import CLinux
import Glibc

/// A signal that the program acts on.
package enum Signal: Int32, CaseIterable, Sendable {
  case hangup = 1
  case interrupt = 2
  case terminate = 15
}

/// Signals as something to wait for, instead of something that strikes.
package struct SignalSource: ~Copyable, Sendable {
  private let descriptor: Descriptor

  /// Blocks the signals, so that they are kept until `next` asks, and ignores SIGPIPE. Call it before any other
  /// thread exists: a thread that does not block a signal can be struck by it.
  package init(_ signals: [Signal] = Signal.allCases) throws(SystemError) {
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for signal in signals { unsafe sigaddset(&set, signal.rawValue) }
    let status = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    guard status == 0 else { throw SystemError("pthread_sigmask", code: status) }
    descriptor = try Descriptor(
      unsafe signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC)), of: "signalfd")
    _ = Glibc.signal(SIGPIPE, SIG_IGN)
  }

  /// Waits for the next signal; nil when the loop ended.
  package func next(on loop: isolated EventLoop) async -> Signal? {
    var info = signalfd_siginfo()
    while true {
      let count = unsafe read(descriptor.rawValue, &info, MemoryLayout<signalfd_siginfo>.size)
      if count > 0, let signal = Signal(rawValue: Int32(info.ssi_signo)) { return signal }
      if count > 0 { continue }
      guard case .ready = await loop.wait(for: descriptor, .read, until: .distantFuture) else { return nil }
    }
  }
}
