/// Where a server listens: `:10525` (every address of this host), `127.0.0.1:9000`, `[::1]:9000`,
/// `host:port`.
package struct ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// A name or an address, without brackets; nil for every address, IPv4 and IPv6.
  package var host: String?
  /// 0 lets the system choose.
  package var port: UInt16

  /// An address.
  package init(host: String? = nil, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads an address as it is written on a command line; nil where it is none.
  package init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    self.port = port
    switch text[..<colon] {
    case "": host = nil
    case let bracketed where bracketed.first == "[" && bracketed.last == "]" && bracketed.contains(":"):
      host = String(bracketed.dropFirst().dropLast())
    case let plain where !plain.contains(where: { ":[] /".contains($0) }): host = String(plain)
    default: return nil
    }
  }

  package var description: String {
    guard let host else { return ":\(port)" }
    return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}
