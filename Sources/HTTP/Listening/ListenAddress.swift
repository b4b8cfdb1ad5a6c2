/// Where a server listens: `:10525` (every address of this host), `127.0.0.1:9000`, `[::1]:9000`, `host:port`,
/// `unix:/run/smtpwatch.sock`, or a socket that the service manager has opened.
package enum ListenAddress: Sendable, Equatable, CustomStringConvertible {
  /// A name or an address, without brackets; nil for every address, IPv4 and IPv6. Port 0 lets the system choose.
  case tcp(host: String?, port: UInt16)
  /// The file of a Unix socket.
  case unix(path: String)
  /// An open socket, by its descriptor and what is known of its name.
  case passed(Int32, name: String)

  /// A TCP address.
  package init(host: String? = nil, port: UInt16) { self = .tcp(host: host, port: port) }

  /// Reads an address as it is written on a command line; nil where it is none.
  package init?(_ text: String) {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      guard path.hasPrefix("/"), path.utf8.count <= Self.longestPath, !path.utf8.contains(0) else {
        return nil
      }
      self = .unix(path: path)
      return
    }
    guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
      return nil
    }
    switch text[..<colon] {
    case "": self = .tcp(host: nil, port: port)
    case let bracketed where bracketed.first == "[" && bracketed.last == "]" && bracketed.contains(":"):
      self = .tcp(host: String(bracketed.dropFirst().dropLast()), port: port)
    case let plain where !plain.contains(where: { ":[] /".contains($0) }):
      self = .tcp(host: String(plain), port: port)
    default: return nil
    }
  }

  /// What the kernel has room for, without the zero byte.
  private static let longestPath = 107

  /// The host of a TCP address.
  package var host: String? { if case .tcp(let host, _) = self { host } else { nil } }

  /// The port of a TCP address; 0 for other sockets.
  package var port: UInt16 { if case .tcp(_, let port) = self { port } else { 0 } }

  package var description: String {
    switch self {
    case .tcp(nil, let port): ":\(port)"
    case .tcp(let host?, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    case .unix(let path): "unix:\(path)"
    case .passed(_, let name): name
    }
  }
}
