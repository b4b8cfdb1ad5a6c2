package import Base
import Glibc

/// Tells when something new is in a directory (inotify). What happens between two waits is not missed.
package struct DirectoryWatch: ~Copyable, Sendable {
  private let descriptor: Descriptor

  /// A watch over directories; those that are not there are left out.
  package init(over paths: [String]) throws(SystemError) {
    descriptor = try Descriptor(inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)), of: "inotify_init1")
    for path in paths {
      _ = unsafe inotify_add_watch(descriptor.rawValue, path, UInt32(IN_CREATE | IN_MOVED_TO))
    }
  }

  /// Waits until something is new, or until a moment.
  package func wait(until deadline: MonotonicInstant, on loop: isolated EventLoop) async -> WaitOutcome {
    let outcome = await loop.wait(for: descriptor, .read, until: deadline)
    // That something happened is enough; what it was, the directory tells.
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    defer { unsafe buffer.deallocate() }
    while unsafe read(descriptor.rawValue, buffer.baseAddress, buffer.count) > 0 {}
    return outcome
  }
}
