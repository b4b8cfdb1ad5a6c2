package import Glibc

/// An IP address with a port.
package struct SocketAddress: Sendable, Hashable, CustomStringConvertible {
  /// The version of the Internet Protocol.
  package enum Family: String, Sendable, Hashable, CaseIterable {
    case ipv4, ipv6

    var domain: Int32 { self == .ipv4 ? AF_INET : AF_INET6 }
  }

  package let family: Family
  /// The first eight bytes of an IPv6 address as a number in the network's order; 0 for IPv4.
  private let high: UInt64
  /// The last eight bytes of an IPv6 address, or the four of an IPv4 one.
  private let low: UInt64
  /// The interface of a link-local address, else 0.
  private let scope: UInt32
  package var port: UInt16

  /// `127.0.0.1` or `::1`.
  package static func loopback(_ family: Family = .ipv4, port: UInt16 = 0) -> SocketAddress {
    family == .ipv4 ? ipv4(0x7F00_0001, port: port) : SocketAddress(.ipv6, 0, 1, scope: 0, port: port)
  }

  /// All of this host's addresses: `0.0.0.0`, or `::`.
  package static func any(_ family: Family, port: UInt16 = 0) -> SocketAddress {
    SocketAddress(family, 0, 0, scope: 0, port: port)
  }

  /// `0.0.0.0` or `::`: no destination, though Linux takes it for this host.
  package var isUnspecified: Bool { high == 0 && low == 0 }

  /// An IPv4 address by its number, 127.0.0.1 being 0x7F000001.
  package static func ipv4(_ number: UInt32, port: UInt16 = 0) -> SocketAddress {
    SocketAddress(.ipv4, 0, UInt64(number), scope: 0, port: port)
  }

  /// Reads an address such as `192.0.2.1`, `2001:db8::1` or `fe80::1%eth0`, without brackets; nil for any
  /// other text, names among it.
  package init?(literal text: String, port: UInt16 = 0) {
    var four = in_addr()
    if unsafe text.withCString({ unsafe inet_pton(AF_INET, $0, &four) }) == 1 {
      self = .ipv4(UInt32(bigEndian: four.s_addr), port: port)
      return
    }
    let parts = text.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    var scope: UInt32 = 0
    if parts.count == 2 {
      let zone = String(parts[1])
      scope = unsafe UInt32(zone) ?? if_nametoindex(zone)
      guard scope != 0 else { return nil }
    }
    var six = in6_addr()
    guard let address = parts.first, unsafe inet_pton(AF_INET6, String(address), &six) == 1 else {
      return nil
    }
    self.init(six, scope: scope, port: port)
  }

  /// Reads what the kernel or a library wrote; nil for other families.
  package init?(_ address: UnsafePointer<sockaddr>) {
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET:
      let four = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self)
      self = .ipv4(UInt32(bigEndian: four.sin_addr.s_addr), port: UInt16(bigEndian: four.sin_port))
    case AF_INET6:
      let six = unsafe UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in6.self)
      self.init(six.sin6_addr, scope: six.sin6_scope_id, port: UInt16(bigEndian: six.sin6_port))
    default: return nil
    }
  }

  private init(_ family: Family, _ high: UInt64, _ low: UInt64, scope: UInt32, port: UInt16) {
    self.family = family
    self.high = high
    self.low = low
    self.scope = scope
    self.port = port
  }

  private init(_ address: in6_addr, scope: UInt32, port: UInt16) {
    let (high, low) = unsafe withUnsafeBytes(of: address) { bytes in
      unsafe (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(.ipv6, UInt64(bigEndian: high), UInt64(bigEndian: low), scope: scope, port: port)
  }

  /// The same address with another port.
  package func with(port: UInt16) -> SocketAddress {
    SocketAddress(family, high, low, scope: scope, port: port)
  }

  /// The address in the network's order: four bytes, or sixteen.
  package var bytes: [UInt8] {
    func all(_ number: UInt64) -> [UInt8] {
      (0..<8).reversed().map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    return family == .ipv4 ? Array(all(low).suffix(4)) : all(high) + all(low)
  }

  /// The address leads back to this host.
  package var isLoopback: Bool {
    family == .ipv4 ? low >> 24 == 127 : high == 0 && (low == 1 || low >> 24 == 0xFFFF_7F)
  }

  /// An IPv6 address of a site's own (fc00::/7, RFC 4193).
  package var isUniqueLocal: Bool { family == .ipv6 && high >> 57 == 0xFC >> 1 }

  /// An IPv6 address that is good on one link only (fe80::/10).
  package var isLinkLocal: Bool { family == .ipv6 && high >> 54 == 0xFE80 >> 6 }

  /// The address without its port, such as `192.0.2.1` or `fe80::1%eth0`.
  package var text: String {
    guard family == .ipv6 else {
      // Fifteen bytes at most, which a string holds without memory of its own.
      var text = String(low >> 24)
      for shift in [16, 8, 0] as [UInt64] {
        text += "."
        text += String(low >> shift & 255)
      }
      return text
    }
    var six = in6_addr(high: high, low: low)
    let text = unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) {
      buffer in
      guard
        let start = unsafe inet_ntop(AF_INET6, &six, buffer.baseAddress, socklen_t(buffer.count))
      else { preconditionFailure("the buffer fits every IPv6 address") }
      return unsafe String(cString: start)
    }
    return scope == 0 ? text : "\(text)%\(zone)"
  }

  /// The address with its port, such as `192.0.2.1:25` or `[2001:db8::1]:25`.
  package var description: String { family == .ipv4 ? "\(text):\(port)" : "[\(text)]:\(port)" }

  private var zone: String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(IF_NAMESIZE)) { buffer in
      guard let name = unsafe if_indextoname(scope, buffer.baseAddress) else { return String(scope) }
      return unsafe String(cString: name)
    }
  }

  /// Lends the address in the kernel's form.
  func withSockaddr<Output>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Output) -> Output {
    switch family {
    case .ipv4:
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      four.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
      return unsafe withUnsafeBytes(of: four) { bytes in
        unsafe body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped, 16)
      }
    case .ipv6:
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = port.bigEndian
      six.sin6_addr = in6_addr(high: high, low: low)
      six.sin6_scope_id = scope
      return unsafe withUnsafeBytes(of: six) { bytes in
        unsafe body(bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped, 28)
      }
    }
  }

  /// Reads an address that `call` writes in the kernel's form; nil where it fails.
  static func read(
    _ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) -> SocketAddress? {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withUnsafeMutableBytes(of: &storage) { bytes in
      let address = unsafe bytes.assumingMemoryBound(to: sockaddr.self).baseAddress.unsafelyUnwrapped
      guard unsafe call(address, &length) == 0 else { return nil }
      return unsafe SocketAddress(UnsafePointer(address))
    }
  }
}

extension in6_addr {
  fileprivate init(high: UInt64, low: UInt64) {
    self.init()
    unsafe withUnsafeMutableBytes(of: &self) { bytes in
      unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
      unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
  }
}
