import Base
import Glibc

/// Tells the service manager how the program is doing: datagrams to the socket that `NOTIFY_SOCKET` names, as
/// sd_notify(3) has them. A manager that does not listen is no reason to fail.
package struct ServiceNotification: Sendable {
  /// What there is to tell.
  package enum State: Sendable {
    /// Serving; also the end of a reload.
    case ready
    case reloading
    case stopping
    /// Still alive.
    case watchdog
  }

  /// How often the manager wants to hear that the program is alive, with room for a message that is late;
  /// nil where it does not ask.
  package let heartbeat: Duration?

  /// The socket's name as the kernel wants it: a path, or a name that begins with a zero byte.
  private let name: [UInt8]

  /// The manager's wishes; nil where no manager waits for messages.
  package init?(environment: [String: String], process: Int32 = getpid()) {
    guard var name = environment["NOTIFY_SOCKET"].map({ Array($0.utf8) }),
      name.count > 1, name.count < MemoryLayout.size(ofValue: sockaddr_un().sun_path)
    else { return nil }
    switch name[0] {
    case UInt8(ascii: "/"): break
    case UInt8(ascii: "@"): name[0] = 0
    default: return nil
    }
    self.name = name
    let isForUs = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
    let timeout = environment["WATCHDOG_USEC"].flatMap(Int64.init) ?? 0
    heartbeat = isForUs && timeout > 0 ? .microseconds(timeout / 2) : nil
  }

  /// Sends one message.
  package func send(_ state: State) {
    guard
      let sender = try? Descriptor(
        socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0), of: "socket")
    else { return }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
    // A path ends with a zero byte, which is there already; an abstract name with its length alone.
    let end = name[0] == 0 ? name.count : name.count + 1
    let length = socklen_t(MemoryLayout<sa_family_t>.size + end)
    let message = Array(text(of: state).utf8)
    _ = unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        unsafe sendto(
          sender.rawValue, message, message.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT),
          pointer, length)
      }
    }
  }

  private func text(of state: State) -> String {
    switch state {
    case .ready: "READY=1\n"
    case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(MonotonicInstant.now().nanoseconds / 1000)\n"
    case .stopping: "STOPPING=1\n"
    case .watchdog: "WATCHDOG=1\n"
    }
  }
}
