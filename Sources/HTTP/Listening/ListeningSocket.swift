import Glibc

/// A socket that listens; closed with its value unless somebody took it over.
struct ListeningSocket: ~Copyable {
  private var descriptor: Int32
  /// Where it listens, with the port that the system chose where 0 was asked for.
  let address: ListenAddress

  /// Listens on an address: on IPv4 and IPv6 at once where it names no host, else on the first address of the
  /// host that works.
  init(_ address: ListenAddress) throws(HTTPServerError) {
    switch address {
    case .tcp(let host, _):
      descriptor =
        if let host {
          try Self.open(address, host: host, bothFamilies: false)
        } else {
          try Self.openBothFamilies(address)
        }
      self.address = .tcp(host: host, port: Self.boundPort(descriptor))
    case .unix(let path):
      descriptor = try UnixSocketFile.open(path)
      self.address = address
    case .passed(let number, _):
      descriptor = number
      self.address = address
    }
  }

  /// The descriptor, which the caller closes from now on.
  mutating func release() -> Int32 {
    defer { descriptor = -1 }
    return descriptor
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  private static func openBothFamilies(
    _ address: ListenAddress
  ) throws(HTTPServerError) -> Int32 {
    do throws(HTTPServerError) {
      return try open(address, host: "::", bothFamilies: true)
    } catch {
      switch error {
      case .portInUse, .notPermitted: throw error
      // A host without IPv6 still has IPv4.
      default: return try open(address, host: "0.0.0.0", bothFamilies: false)
      }
    }
  }

  private static func open(
    _ address: ListenAddress, host: String, bothFamilies: Bool
  ) throws(HTTPServerError) -> Int32 {
    var hints = unsafe addrinfo()
    unsafe hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let status = unsafe getaddrinfo(host, String(address.port), &hints, &found)
    guard status == 0, let first = unsafe found else {
      throw .unknownHost(address, unsafe String(cString: gai_strerror(status)))
    }
    defer { unsafe freeaddrinfo(first) }

    var failure = HTTPServerError.unknownHost(address, "no address")
    var next: UnsafeMutablePointer<addrinfo>? = unsafe first
    while let candidate = unsafe next {
      do throws(HTTPServerError) {
        return try unsafe listen(candidate.pointee, address, bothFamilies: bothFamilies)
      } catch {
        failure = error
      }
      unsafe next = candidate.pointee.ai_next
    }
    throw failure
  }

  private static func listen(
    _ candidate: addrinfo, _ address: ListenAddress, bothFamilies: Bool
  ) throws(HTTPServerError) -> Int32 {
    let kind = unsafe candidate.ai_socktype | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
    let descriptor = unsafe socket(candidate.ai_family, kind, 0)
    guard descriptor >= 0 else { throw failure(address) }
    set(descriptor, SOL_SOCKET, SO_REUSEADDR, true)
    if unsafe candidate.ai_family == AF_INET6 {
      set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, !bothFamilies)
    }
    guard unsafe bind(descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0,
      Glibc.listen(descriptor, SOMAXCONN) == 0
    else {
      let failure = failure(address)
      close(descriptor)
      throw failure
    }
    return descriptor
  }

  private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ on: Bool) {
    var value: Int32 = on ? 1 : 0
    unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The port that a bound socket has; both families keep it in the same place.
  private static func boundPort(_ descriptor: Int32) -> UInt16 {
    var name = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let status = unsafe withUnsafeMutablePointer(to: &name) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe getsockname(descriptor, $0, &length)
      }
    }
    precondition(status == 0, "getsockname cannot fail for a socket that was just bound")
    return UInt16(bigEndian: name.sin6_port)
  }

  /// What `errno` means for somebody who wants to listen.
  static func failure(_ address: ListenAddress) -> HTTPServerError {
    switch errno {
    case EADDRINUSE: .portInUse(address)
    case EACCES, EPERM: .notPermitted(address)
    case EADDRNOTAVAIL: .notOurAddress(address)
    case ENOENT: .noFolder(address)
    default: .system(address, unsafe String(cString: strerror(errno)))
    }
  }
}
