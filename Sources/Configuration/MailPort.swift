import Model

/// What ports are for, as far as mail is concerned.
enum MailPort {
  /// What is odd about `port` whatever the mode; nil for a port of mail and for one that nothing is known of.
  static func complaint(about port: Int) -> Complaint? {
    if let service = services[port] {
      return Complaint(
        "is \(service), not SMTP", cure: "submission is 587 with starttls or 465 with implicit")
    }
    guard !known.contains(port), let meant = typed.first(where: { isTypo(port, of: $0) }) else { return nil }
    return Complaint("is not a port of mail", cure: "did you mean \(meant)?")
  }

  /// What is odd about `mode` on `port`.
  static func complaint(about port: Int, in mode: TLSMode) -> Complaint? {
    switch (port, mode) {
    case (25, .implicit), (587, .implicit), (2525, .implicit), (2587, .implicit):
      Complaint(
        "begins in clear and is upgraded by STARTTLS, but tls.mode is implicit",
        cure: "set tls.mode to starttls, or use port \(port == 2587 ? 2465 : 465)")
    case (465, .starttls), (465, .opportunistic), (465, .none), (2465, .starttls), (2465, .opportunistic),
      (2465, .none):
      Complaint(
        "speaks TLS from the first byte, but tls.mode is \(mode.rawValue)",
        cure: "set tls.mode to implicit, or use port \(port == 2465 ? 2587 : 587)")
    default: nil
    }
  }

  /// Whether mail servers usually listen there.
  static func isForMail(_ port: Int) -> Bool { known.contains(port) }

  /// The ports that people mean, the likeliest first.
  private static let typed = [465, 587, 2525, 25]
  /// Ports that look like slips and are in use for mail: LMTP and the usual alternatives.
  private static let known: Set<Int> = [24, 25, 26, 465, 587, 2025, 2465, 2525, 2526, 2587]
  private static let services: [Int: String] = [
    22: "SSH", 53: "DNS", 80: "HTTP", 110: "POP3", 143: "IMAP", 443: "HTTPS", 993: "IMAP over TLS",
    995: "POP3 over TLS", 4190: "ManageSieve", 8080: "HTTP",
  ]

  /// One digit wrong, the same digits in another order, or one digit doubled.
  private static func isTypo(_ port: Int, of meant: Int) -> Bool {
    let (typed, right) = (Array(String(port)), Array(String(meant)))
    if typed.count == right.count {
      // A port of two digits is one digit away from too many others.
      return typed.sorted() == right.sorted()
        || (right.count > 2 && zip(typed, right).count { $0 != $1 } == 1)
    }
    return right.count > 2
      && typed.count == right.count + 1
      && typed.indices.dropFirst().contains { index in
        typed[index] == typed[index - 1] && Array(typed[..<index] + typed[(index + 1)...]) == right
      }
  }
}
