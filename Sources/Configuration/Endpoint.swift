package import Model

/// What a person names on the command line or in `SMTP_SERVER`: a server, or the servers of a domain.
package enum Endpoint: Sendable, Equatable {
  case server(Server)
  /// Every MX host of the domain, port 25.
  case mailExchangers(domain: String)

  /// A server with its port and how to speak there.
  package struct Server: Sendable, Equatable {
    /// A name or an address, without brackets or trailing dot.
    package var host: String
    package var port: Int
    package var tlsMode: TLSMode
    package var dialect: Dialect
    /// The port was written out.
    package var isPortGiven: Bool
    /// The mode is that of a URL's scheme, not the port's usual one.
    package var isModeGiven: Bool

    /// Every MX host of a domain.
    package init(mailDomain domain: String) {
      host = "mx:\(domain)"
      port = 25
      (tlsMode, dialect) = (.starttls, .smtp)
      (isPortGiven, isModeGiven) = (false, false)
    }

    init(host: String, port: Int, tlsMode: TLSMode, dialect: Dialect, isPortGiven: Bool, isModeGiven: Bool) {
      self.host = host
      self.port = port
      self.tlsMode = tlsMode
      self.dialect = dialect
      self.isPortGiven = isPortGiven
      self.isModeGiven = isModeGiven
    }

    /// The same server on another port; the mode follows the port unless a URL gave it.
    package func on(port: Int) -> Server {
      let convention = Convention(port: port)
      var result = self
      result.port = port
      result.isPortGiven = true
      if !isModeGiven { (result.tlsMode, result.dialect) = (convention.tlsMode, convention.dialect) }
      return result
    }
  }

  /// The server, or the servers of the domain as one target.
  package var server: Server {
    switch self {
    case .server(let server): server
    case .mailExchangers(let domain): Server(mailDomain: domain)
    }
  }

  /// Reads `HOST`, `HOST:PORT`, `[v6]:PORT`, `smtp://`, `smtps://`, `smtp+plain://`, `lmtp://` and
  /// `mx:DOMAIN`.
  package static func parse(_ text: String) throws(Complaint) -> Endpoint {
    if let domain = try mailDomain(text) { return .mailExchangers(domain: domain) }
    guard let separator = text.firstRange(of: "://") else {
      let (host, port) = try hostAndPort(text)
      let convention = Convention(port: port ?? 587)
      return .server(
        Server(
          host: host, port: port ?? 587, tlsMode: convention.tlsMode, dialect: convention.dialect,
          isPortGiven: port != nil, isModeGiven: false))
    }
    let scheme = text[..<separator.lowerBound].lowercased()
    guard let (standard, mode, dialect) = schemes[scheme] else {
      let names = ["smtp", "smtps", "smtp+plain", "lmtp"]
      // Nobody who names TLS is talked out of it by a guess.
      let guessable = names.filter { $0 != "smtp+plain" || !scheme.contains("tls") }
      let guess = guessable.nearest(to: scheme).map { "did you mean \($0)://?" }
      throw Complaint(
        "has the unknown scheme '\(shown(scheme))://'",
        cure: guess ?? "known are " + names.map { "\($0)://" }.joined(separator: ", "))
    }
    var rest = String(text[separator.upperBound...])
    if rest.hasSuffix("/") { rest.removeLast() }
    let (host, port) = try hostAndPort(rest)
    return .server(
      Server(
        host: host, port: port ?? standard, tlsMode: mode, dialect: dialect, isPortGiven: port != nil,
        isModeGiven: true))
  }

  /// A target's host: a name, an address, or `mx:DOMAIN`.
  static func host(_ text: String) throws(Complaint) -> String {
    if let domain = try mailDomain(text) { return "mx:\(domain)" }
    return try HostName.check(text)
  }

  /// The domain of `mx:DOMAIN`; nil for anything else.
  private static func mailDomain(_ text: String) throws(Complaint) -> String? {
    guard text.prefix(3).lowercased() == "mx:" else { return nil }
    let domain = String(text.dropFirst(3))
    guard !domain.hasPrefix("/") else { throw Complaint("has a '/' in it", cure: "write mx:DOMAIN") }
    guard !domain.contains(":"), !AddressLiteral.isIPv4(domain) else {
      throw Complaint(
        "has more than a domain behind 'mx:'", cure: "write mx:DOMAIN; its MX hosts listen on port 25")
    }
    guard !domain.isEmpty else { throw Complaint("names no domain", cure: "write mx:DOMAIN") }
    return try HostName.check(domain)
  }

  /// A port from 1 to 65535 in digits.
  package static func port(_ text: some StringProtocol) throws(Complaint) -> Int {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(text),
      (1...65_535).contains(port)
    else {
      throw Complaint("has the port '\(shown(String(text)))'", cure: "a port is a whole number 1-65535")
    }
    return port
  }

  /// Splits `HOST`, `HOST:PORT`, `[v6]` and `[v6]:PORT`; a bare IPv6 address is a host.
  static func hostAndPort(_ text: String) throws(Complaint) -> (host: String, port: Int?) {
    // First of all, for what stands before it may be a password, and no message may show that.
    if text.contains("@") {
      throw Complaint("has an '@' in it", cure: "a user does not belong here")
    }
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else {
        throw Complaint("has '[' without ']'", cure: "write an IPv6 address with its port as [ADDRESS]:PORT")
      }
      let address = String(text[text.index(after: text.startIndex)..<end])
      guard AddressLiteral.isIPv6(address) else {
        throw Complaint(
          "has '[' and ']' around what is no IPv6 address", cure: "write a name without brackets")
      }
      let rest = text[text.index(after: end)...]
      guard !rest.isEmpty else { return (try HostName.check(address), nil) }
      guard rest.hasPrefix(":") else { throw Complaint("goes on after ']'", cure: "write [\(address)]:PORT") }
      return (try HostName.check(address), try port(rest.dropFirst()))
    }
    guard !AddressLiteral.isIPv6(text), let colon = text.lastIndex(of: ":") else {
      return (try HostName.check(text), nil)
    }
    let host = String(text[..<colon])
    if host.contains(":") {
      throw Complaint(
        "has more than one ':' in it", cure: "write an IPv6 address with its port as [ADDRESS]:PORT")
    }
    let port = text[text.index(after: colon)...]
    guard !port.contains("/") else {
      throw Complaint("goes on after the port", cure: "a path does not belong here")
    }
    return (try HostName.check(host), try Self.port(port))
  }

  private static let schemes: [String: (Int, TLSMode, Dialect)] = [
    "smtp": (587, .starttls, .smtp), "smtps": (465, .implicit, .smtp), "smtp+plain": (25, .none, .smtp),
    "lmtp": (24, .none, .lmtp),
  ]
}

/// How a server is usually spoken to on a port, and on which port in a mode.
package struct Convention: Sendable, Equatable {
  package var tlsMode: TLSMode
  package var dialect: Dialect

  /// What is usual on `port`: TLS from the first byte on 465, LMTP in clear on 24, STARTTLS elsewhere.
  package init(port: Int) {
    switch port {
    case 465: (tlsMode, dialect) = (.implicit, .smtp)
    case 24: (tlsMode, dialect) = (.none, .lmtp)
    default: (tlsMode, dialect) = (.starttls, .smtp)
    }
  }

  /// The port that goes with `mode` where none is named.
  package static func port(for mode: TLSMode) -> Int {
    switch mode {
    case .implicit: 465
    case .starttls: 587
    case .opportunistic, .none: 25
    }
  }
}
