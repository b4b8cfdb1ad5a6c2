package import Base
import CLinux
import Glibc

/// A TCP connection. It closes when it goes out of scope; what was not yet sent still goes out.
package struct Socket: ~Copyable, Sendable {
  let descriptor: Descriptor
  /// How the loop that it was opened on knows it.
  package let attachment: Attachment
  /// When the connection stood: by the kernel's clock, so that it stays right while this process is busy, or else
  /// as far as the loop could tell.
  package let connectedAt: MonotonicInstant

  init(_ descriptor: consuming Descriptor, _ attachment: Attachment, connectedAt: MonotonicInstant) {
    self.descriptor = descriptor
    self.attachment = attachment
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

  /// Lets the kernel drop whatever arrives, unacknowledged, as a path does that loses packets; false ends that.
  /// For servers that play such a path.
  package func losesArrivals(_ loses: Bool) {
    _ = loses ? clinux_drop_arrivals(descriptor.rawValue) : clinux_take_arrivals(descriptor.rawValue)
  }

  /// Closes at once, with RST: what was not sent is dropped and no port lingers in TIME_WAIT.
  package consuming func abort() {
    descriptor.setOption(SOL_SOCKET, SO_LINGER, linger(l_onoff: 1, l_linger: 0))
  }
}

extension Descriptor {
  /// Sets what only makes a connection better: a kernel that refuses is no reason to fail.
  func prepareForConnection() {
    setOption(Int32(IPPROTO_TCP), TCP_NODELAY, Int32(1))
    _ = clinux_stamp_arrivals(rawValue)
  }

  @discardableResult
  func setOption<Value: BitwiseCopyable>(_ level: Int32, _ name: Int32, _ value: Value) -> Bool {
    unsafe withUnsafeBytes(of: value) { bytes in
      unsafe setsockopt(rawValue, level, name, bytes.baseAddress, socklen_t(bytes.count)) == 0
    }
  }
}
