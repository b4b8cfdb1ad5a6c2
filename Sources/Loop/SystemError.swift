import Base
import CLinux
import Glibc

/// A system call that failed: which one, and the kernel's reason.
package struct SystemError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kernel's number, such as ECONNREFUSED.
  package var code: Int32
  /// The call, such as `connect`.
  package var call: String

  /// An error with a known number.
  package init(_ call: String, code: Int32) {
    self.code = code
    self.call = call
  }

  /// The error that the call just made left in errno.
  package static func last(_ call: String) -> SystemError { SystemError(call, code: errno) }

  /// The peer broke the connection off.
  package static let connectionReset = SystemError("send", code: ECONNRESET)

  /// The number's name, such as `ECONNREFUSED`.
  package var name: String {
    guard let name = unsafe clinux_error_name(code) else { return "errno \(code)" }
    return unsafe String(cString: name)
  }

  /// The kernel's words, such as `Connection refused`.
  package var words: String {
    guard let words = unsafe clinux_error_words(code) else { return "Unknown error" }
    return unsafe String(cString: words)
  }

  /// A sentence, such as `connect: Connection refused (ECONNREFUSED)`; where the process has reached a limit of its
  /// own, with that.
  package var description: String { "\(call): \(words) (\(name)\(limit))" }

  private var limit: String {
    guard code == EMFILE, let most = ProcessFacts.descriptorLimit() else { return "" }
    return "; RLIMIT_NOFILE is \(most)"
  }

  /// The peer, or a firewall in its name, refused the connection.
  package var isRefusal: Bool { code == ECONNREFUSED }

  /// The process or this machine is short of something, or set up wrongly; the peer is not to blame.
  package var isLocalTrouble: Bool {
    switch code {
    case EMFILE, ENFILE, ENOBUFS, ENOMEM, EADDRNOTAVAIL, EADDRINUSE, ENOSPC: true
    default: false
    }
  }
}
