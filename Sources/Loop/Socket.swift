package import Base
import CLinux
import Glibc

/// A TCP connection. It closes when it goes out of scope; what was not yet sent still goes out.
package struct Socket: ~Copyable, Sendable {
  /// What the loop waits for.
  package let descriptor: Descriptor
  /// When the connection stood, as far as the loop could tell.
  package let connectedAt: MonotonicInstant

  init(_ descriptor: consuming Descriptor, connectedAt: MonotonicInstant) {
    self.descriptor = descriptor
    self.connectedAt = connectedAt
  }

  /// Our end; nil once the connection has gone.
  package var local: SocketAddress? {
    let number = descriptor.rawValue
    return unsafe SocketAddress.read { unsafe getsockname(number, $0, $1) }
  }

  /// The peer's end; nil once the connection has gone.
  package var remote: SocketAddress? {
    let number = descriptor.rawValue
    return unsafe SocketAddress.read { unsafe getpeername(number, $0, $1) }
  }

  /// How many bytes the peer has not acknowledged; nil where the kernel does not say.
  package var unsentBytes: Int? {
    let count = clinux_unsent_bytes(descriptor.rawValue)
    return count < 0 ? nil : Int(count)
  }

  /// Says that nothing more will be sent (FIN); receiving goes on.
  package func shutdownWrite() { _ = shutdown(descriptor.rawValue, Int32(SHUT_WR)) }

  /// Closes at once, with RST: what was not sent is dropped and no port lingers in TIME_WAIT.
  package consuming func abort() {
    setOption(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
  }

  /// Sets what only makes a connection better: a kernel that refuses is no reason to fail.
  func prepare() {
    setOption(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
    _ = clinux_stamp_arrivals(descriptor.rawValue)
  }

  @discardableResult
  func setOption<Value: BitwiseCopyable>(_ level: Int32, _ name: Int32, _ value: Value) -> Bool {
    unsafe withUnsafeBytes(of: value) { bytes in
      unsafe setsockopt(
        descriptor.rawValue, level, name, bytes.baseAddress, socklen_t(bytes.count)) == 0
    }
  }
}
