import SMTP

/// A service that can be told from the first bytes it sends.
enum Service: String, CaseIterable {
  case smtp, ftp, http, imap, pop3, ssh, mysql, redis, nntp, sieve, telnet, vnc, xmpp, tls

  /// The name for people.
  var title: String {
    switch self {
    case .mysql: "MySQL"
    case .redis: "Redis"
    case .sieve: "ManageSieve"
    case .telnet: "Telnet"
    default: rawValue.uppercased()
    }
  }

  /// The service that begins a connection with these bytes.
  static func recognized(in bytes: [UInt8]) -> Service? {
    if bytes.count >= 3, bytes[0] == 0x15 || bytes[0] == 0x16, bytes[1] == 3 { return .tls }
    if let reply = Reply(firstIn: bytes) { return recognized(in: reply) }
    let start = bytes.prefix(64).map(\.lowered)
    if let text = texts.first(where: { start.starts(with: $0.prefix.utf8) }) { return text.service }
    if isMySQL(bytes) { return .mysql }
    if bytes.count >= 3, bytes[0] == 0xFF, (0xFB...0xFE).contains(bytes[1]) { return .telnet }
    return nil
  }

  /// The service that says this, where that is no mail server.
  static func foreign(in bytes: [UInt8]) -> Service? {
    guard let service = recognized(in: bytes), service != .smtp, service != .tls else { return nil }
    return service
  }

  /// FTP and NNTP answer with codes like SMTP's: their words tell.
  static func recognized(in reply: Reply) -> Service {
    let text = ReplyText(reply)
    if isFTP(text) { return .ftp }
    if reply.code / 100 == 2, text.has("nntp", "internetnews") { return .nntp }
    return .smtp
  }

  private static func isFTP(_ text: ReplyText) -> Bool {
    if text.has("login with user and pass", "user and pass.") { return true }
    guard !text.has("smtp"), text.code == 220 else { return false }
    // A host may be called ftp and serve mail: the word must stand apart from its name.
    return text.lowered.starts(with: "ftp ".utf8)
      || text.has(" ftp ", "(ftp", "ftpd", "pure-ftp", "filezilla server")
  }

  /// A handshake packet: length, sequence 0, protocol 10 and a version; or an error packet.
  private static func isMySQL(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 5, bytes[2] == 0, bytes[3] == 0 else { return false }
    return (bytes[4] == 10 && bytes[5].isDigit) || bytes[4] == 0xFF
  }

  /// In lower case; the first that fits counts.
  private static let texts: [(prefix: String, service: Service)] = [
    ("http/", .http), ("<!doctype", .http), ("<html", .http), ("get ", .http), ("connect ", .http),
    ("* ok", .imap), ("* preauth", .imap), ("* bye", .imap),
    ("-err unknown command", .redis), ("-noauth", .redis), ("-denied", .redis),
    ("+ok", .pop3), ("-err", .pop3), ("ssh-", .ssh), ("rfb ", .vnc),
    ("\"implementation\"", .sieve), ("<?xml", .xmpp), ("<stream:", .xmpp),
  ]
}
