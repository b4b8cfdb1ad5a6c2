import Glibc

/// A file that is read to its end.
package enum WholeFile {
  /// Why that cannot be done.
  package enum Fault: Error, Sendable, Equatable {
    case system(errno: Int32)
    /// It is a pipe, and nobody writes into it.
    case silent
  }

  /// The bytes of a file.
  ///
  /// - Parameter patience: how long a pipe may be silent.
  package static func read(_ path: String, patience: Duration = .seconds(5)) throws(Fault) -> [UInt8] {
    // To open a pipe would take until somebody writes.
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(errno: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      let isReady = unsafe poll(&wait, 1, Int32(patience / .milliseconds(1)))
      guard isReady != 0 else { throw .silent }
      let count = isReady < 0 ? -1 : unsafe Glibc.read(descriptor, &part, part.count)
      guard count != 0 else { return bytes }
      if count > 0 {
        bytes += part[..<count]
      } else if errno != EINTR, errno != EAGAIN {
        throw .system(errno: errno)
      }
    }
  }
}
