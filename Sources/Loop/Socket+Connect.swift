package import Base
import CLinux
import Glibc

/// Why there is no connection.
package enum ConnectError: Error, Sendable, Equatable, CustomStringConvertible {
  /// No answer by the deadline.
  case timedOut
  /// The network or the peer said no.
  case system(SystemError)
  /// This host could not try: out of descriptors, ports or memory, or a source address that it does not have.
  case local(SystemError)
  /// The loop ended.
  case ended

  package var description: String {
    switch self {
    case .timedOut: "no answer to the connection attempt in time"
    case .system(let error), .local(let error): error.description
    case .ended: "the monitor is stopping"
    }
  }
}

extension Socket {
  /// Connects without delaying small packets, and with the kernel's stamps of what arrives, which must be
  /// asked for before there is a connection.
  package static func connect(
    to remote: SocketAddress, from source: SocketAddress? = nil, until deadline: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws(ConnectError) -> Socket {
    let fresh = try open(for: remote.family)
    if let source { try fresh.bind(to: source) }
    fresh.prepareForConnection()
    let number = fresh.rawValue
    let start = MonotonicInstant.now()
    let status = unsafe remote.withSockaddr { unsafe Glibc.connect(number, $0, $1) }
    guard status == 0 || errno == EINPROGRESS || errno == EINTR else {
      throw ConnectError(.last("connect"))
    }
    let stood = MonotonicInstant.now()
    // Not before: a socket that is not under way has hung up, as far as epoll knows.
    let attachment = try attach(fresh, to: loop)
    if status == 0 { return Socket(fresh, attachment, connectedAt: stood) }
    switch await loop.wait(for: attachment, .write, until: deadline) {
    case .timedOut: throw .timedOut
    case .ended: throw .ended
    case .ready(let moment):
      if loop.attachments.isBroken(attachment) { try fresh.connectOutcome() }
      let end = fresh.handshakeTime.map { start.advanced(by: $0) }
      return Socket(fresh, attachment, connectedAt: min(end ?? moment, moment))
    }
  }

  private static func attach(
    _ descriptor: borrowing Descriptor, to loop: isolated EventLoop
  ) throws(ConnectError) -> Attachment {
    do throws(SystemError) {
      return try loop.attach(descriptor)
    } catch { throw .local(error) }
  }

  private static func open(for family: SocketAddress.Family) throws(ConnectError) -> Descriptor {
    let type = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    do throws(SystemError) {
      return try Descriptor(socket(family.domain, type, 0), of: "socket")
    } catch { throw ConnectError(error) }
  }
}

extension Descriptor {
  /// How a connect came out that was under way.
  fileprivate borrowing func connectOutcome() throws(ConnectError) {
    var code: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    guard unsafe getsockopt(rawValue, SOL_SOCKET, SO_ERROR, &code, &size) == 0 else {
      throw ConnectError(.last("getsockopt"))
    }
    // A peer that refuses gives ECONNREFUSED. These come from one that had accepted and broke off before we
    // looked: the connection stood, and its reader will see how it ended and what was said before.
    guard code != ECONNRESET, code != EPIPE else { return }
    guard code == 0 else { throw ConnectError(SystemError("connect", code: code)) }
  }

  /// From the SYN to its answer; nil where the kernel does not say. It speaks of the handshake only until something
  /// is sent.
  fileprivate var handshakeTime: Duration? {
    let microseconds = clinux_handshake_time(rawValue)
    return microseconds > 0 ? .microseconds(microseconds) : nil
  }

  /// Chooses the local address of a connection to come. The port is left open until then, so that one address
  /// serves as many connections as there are pairs of ends.
  fileprivate borrowing func bind(to source: SocketAddress) throws(ConnectError) {
    var on: Int32 = 1
    _ = unsafe setsockopt(rawValue, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, 4)
    let number = rawValue
    guard unsafe source.withSockaddr({ unsafe Glibc.bind(number, $0, $1) }) == 0 else {
      throw .local(.last("bind"))
    }
  }
}

extension ConnectError {
  fileprivate init(_ error: SystemError) { self = error.isLocalTrouble ? .local(error) : .system(error) }
}
