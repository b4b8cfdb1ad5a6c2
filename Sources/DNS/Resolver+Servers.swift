package import Loop

extension Resolver {
  /// The servers that it asks.
  package var servers: [SocketAddress] {
    options.servers.isEmpty ? Self.systemServers(configuration: options.configuration) : options.servers
  }

  /// The servers that the system asks, in the order of resolv.conf(5); this host where it names none.
  package static func systemServers(configuration: String = "/etc/resolv.conf") -> [SocketAddress] {
    let text = SmallFile.text(of: configuration) ?? ""
    let servers = text.split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count >= 2, words[0] == "nameserver" else { return nil as SocketAddress? }
      return SocketAddress(literal: String(words[1]), port: 53)
    }
    return servers.isEmpty ? [.loopback(port: 53)] : servers
  }
}
