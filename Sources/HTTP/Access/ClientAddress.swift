import Glibc

/// Who a client is, as far as limits go: an IPv4 address, or the 64-bit network of an IPv6 one, since whoever has
/// one address of such a network has them all.
package struct ClientAddress: Sendable, Hashable {
  private let isIPv4: Bool
  private let number: UInt64

  /// An IPv4 address by its number, 127.0.0.1 being 0x7F000001.
  package static func ipv4(_ number: UInt32) -> ClientAddress {
    ClientAddress(isIPv4: true, number: UInt64(number))
  }

  /// The network of an IPv6 address by its first eight bytes.
  package static func ipv6(network: UInt64) -> ClientAddress {
    ClientAddress(isIPv4: false, number: network)
  }

  private init(isIPv4: Bool, number: UInt64) {
    self.isIPv4 = isIPv4
    self.number = number
  }

  /// Reads what the kernel wrote; nil for sockets without addresses. An IPv4 client of a socket for both families
  /// is one of IPv4.
  init?(_ address: UnsafePointer<sockaddr>) {
    switch unsafe Int32(address.pointee.sa_family) {
    case AF_INET:
      self = unsafe UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
        unsafe .ipv4(UInt32(bigEndian: $0.pointee.sin_addr.s_addr))
      }
    case AF_INET6:
      let parts = unsafe UnsafeRawPointer(address).withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
        var bytes = unsafe $0.pointee.sin6_addr
        return unsafe withUnsafeBytes(of: &bytes) {
          unsafe ($0.load(as: UInt64.self).bigEndian, $0.load(fromByteOffset: 8, as: UInt64.self).bigEndian)
        }
      }
      self =
        parts.0 == 0 && parts.1 >> 32 == 0xFFFF
        ? .ipv4(UInt32(truncatingIfNeeded: parts.1)) : .ipv6(network: parts.0)
    default: return nil
    }
  }
}
