package import Base
import CLinux
import Glibc

/// A socket that accepts connections.
package struct Listener: ~Copyable, Sendable {
  /// What the loop waits for.
  package let descriptor: Descriptor
  /// Where it listens; the port is the real one where 0 was asked for.
  package let address: SocketAddress

  /// Listens on an address; port 0 lets the kernel choose. With a backlog of 0 the kernel still queues one
  /// connection.
  package init(on address: SocketAddress, backlog: Int32 = 128) throws(SystemError) {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = try Descriptor(socket(address.family.domain, type, 0), of: "socket")
    let number = descriptor.rawValue
    var on: Int32 = 1
    _ = unsafe setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, 4)
    if address.family == .ipv6 { _ = unsafe setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, &on, 4) }
    guard unsafe address.withSockaddr({ unsafe bind(number, $0, $1) }) == 0 else { throw .last("bind") }
    guard listen(number, backlog) == 0 else { throw .last("listen") }
    guard let bound = unsafe SocketAddress.read({ unsafe getsockname(number, $0, $1) }) else {
      throw .last("getsockname")
    }
    self.descriptor = descriptor
    self.address = bound
  }

  /// Waits for a connection. A failure such as EMFILE lasts until descriptors are free: sleep before trying again.
  package func accept(
    until deadline: MonotonicInstant = .distantFuture, on loop: isolated EventLoop
  ) async -> Result<Socket, ConnectError> {
    while true {
      let number = clinux_accept(descriptor.rawValue)
      if number >= 0 {
        let descriptor = Descriptor(owning: number)
        descriptor.prepareForConnection()
        do throws(SystemError) {
          let attachment = try loop.attach(descriptor)
          return .success(Socket(descriptor, attachment, connectedAt: .now()))
        } catch {
          return .failure(.local(error))
        }
      }
      switch errno {
      case EAGAIN: break
      case EINTR, ECONNABORTED: continue
      case let code: return .failure(.local(SystemError("accept", code: code)))
      }
      switch await loop.wait(for: descriptor, .read, until: deadline) {
      case .ready: continue
      case .timedOut: return .failure(.timedOut)
      case .ended: return .failure(.ended)
      }
    }
  }
}
