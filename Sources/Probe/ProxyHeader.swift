import Loop
import Model

/// The header of the PROXY protocol: whose connection this is (proxy-protocol.txt, sections 2.1 and 2.2).
enum ProxyHeader {
  /// The header of a connection that nobody passes on: its ends are its own.
  static func bytes(
    _ version: ProxyProtocol, from source: SocketAddress, to destination: SocketAddress
  ) -> [UInt8] {
    switch version {
    case .v1:
      let family = source.family == .ipv4 ? "TCP4" : "TCP6"
      let ends = "\(plain(source)) \(plain(destination)) \(source.port) \(destination.port)"
      return Array("PROXY \(family) \(ends)\r\n".utf8)
    case .v2:
      let ends =
        source.bytes + destination.bytes
        + [source.port, destination.port].flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
      // Version 2 and the command PROXY; TCP over IPv4 or IPv6; the length of what follows.
      return signature + [0x21, source.family == .ipv4 ? 0x11 : 0x21, 0, UInt8(ends.count)] + ends
    }
  }

  private static let signature: [UInt8] = [
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A,
  ]

  /// The address without the zone of a link-local one, which means nothing to others.
  private static func plain(_ address: SocketAddress) -> Substring {
    address.text.prefix { $0 != "%" }
  }
}
