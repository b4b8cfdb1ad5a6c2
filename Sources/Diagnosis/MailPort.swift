import Model

/// Ports as people mistype them.
enum MailPort {
  /// The ports of SMTP, the likeliest first.
  static let known = [587, 465, 25, 2525, 2587, 2465, 24]

  /// The mail port that was probably meant; nil where the port is one, or resembles none.
  static func meant(by port: Int) -> Int? {
    guard !known.contains(port) else { return nil }
    let close = [465, 587, 25, 2525].map { ($0, EditDistance.between(String(port), String($0))) }
    guard let best = close.min(by: { $0.1 < $1.1 }), best.1 <= 1,
      close.count(where: { $0.1 == best.1 }) == 1
    else { return nil }
    return best.0
  }

  /// What a port that is not mail's usually serves.
  static func service(of port: Int) -> String? {
    [
      21: "FTP", 22: "SSH", 53: "DNS", 80: "HTTP", 110: "POP3", 143: "IMAP", 443: "HTTPS",
      993: "IMAP over TLS",
      995: "POP3 over TLS", 3306: "MySQL", 4190: "ManageSieve", 5432: "PostgreSQL", 6379: "Redis",
      8080: "HTTP",
    ][port]
  }

  /// The mode that a port usually speaks.
  static func usualMode(of port: Int) -> TLSMode? {
    switch port {
    case 465, 2465: .implicit
    case 25, 587, 2525, 2587: .starttls
    case 24: TLSMode.none
    default: nil
    }
  }
}
