package import Base
import CLinux
import Glibc

/// Tells that something happens in folders: a file is written, made, removed, or comes under another name. What
/// happened is for the reader to look at. inotify(7); file systems of the network tell of nothing.
package struct FolderWatch: ~Copyable, Sendable {
  private let descriptor: Descriptor
  private var watches: Set<Int32> = []

  private static let events: UInt32 = [
    UInt32(IN_CLOSE_WRITE), UInt32(IN_CREATE), UInt32(IN_DELETE), UInt32(IN_MOVED_FROM), UInt32(IN_MOVED_TO),
    UInt32(IN_ONLYDIR),
  ].reduce(0, |)

  /// A watch over nothing.
  package init() throws(SystemError) {
    descriptor = try Descriptor(inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC)), of: "inotify_init1")
  }

  /// Watches these folders and no others; those that do not exist are left out. True where one is new: what
  /// happened in it before is not told.
  package mutating func watch(_ folders: Set<String>) -> Bool {
    var wanted: Set<Int32> = []
    for folder in folders {
      // The same folder keeps its number; another one in its place gets another.
      let number = unsafe inotify_add_watch(descriptor.rawValue, folder, Self.events)
      if number >= 0 { wanted.insert(number) }
    }
    for number in watches.subtracting(wanted) { _ = inotify_rm_watch(descriptor.rawValue, number) }
    defer { watches = wanted }
    return !wanted.isSubset(of: watches)
  }

  /// Waits until something happens or the moment has come; what has happened by then counts as one event.
  package func wait(until deadline: MonotonicInstant, on loop: isolated EventLoop) async -> WaitOutcome {
    let outcome = await loop.wait(for: descriptor, .read, until: deadline)
    unsafe withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 8) { buffer in
      while unsafe read(descriptor.rawValue, buffer.baseAddress, buffer.count) > 0 {}
    }
    return outcome
  }
}
