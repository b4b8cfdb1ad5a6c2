import Glibc

extension SocketAddress {
  /// The address of ours that the kernel would send from to reach this one; nil where it knows no way. Nothing
  /// is sent: connecting a UDP socket only looks up the route.
  package var localAddressOfRoute: SocketAddress? {
    let type = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard let probe = try? Descriptor(socket(family.domain, type, 0), of: "socket") else { return nil }
    let number = probe.rawValue
    let discard: UInt16 = 9
    let address = port == 0 ? with(port: discard) : self
    guard unsafe address.withSockaddr({ unsafe connect(number, $0, $1) }) == 0 else { return nil }
    return unsafe .read { unsafe getsockname(number, $0, $1) }
  }
}
