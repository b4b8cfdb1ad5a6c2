import Model

/// How pages say times, numbers and reasons.
enum Wording {
  /// A latency: `4.2 ms`, `231 ms`, `1.23 s`.
  static func latency(_ duration: Duration) -> String {
    let milliseconds = duration.seconds * 1000
    if milliseconds < 10 { return "\(decimal(milliseconds, places: 1)) ms" }
    if milliseconds < 999.5 { return "\(decimal(milliseconds, places: 0)) ms" }
    return "\(decimal(duration.seconds, places: 2)) s"
  }

  /// A span in its two largest units: `12 s`, `5 min`, `2 h 5 min`, `3 d 4 h`.
  static func span(_ duration: Duration) -> String {
    let seconds = max(0, Int(duration.seconds))
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min"
    case ..<86_400: return pair(seconds / 3600, "h", seconds % 3600 / 60, "min")
    default: return pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
    }
  }

  /// A moment in UTC: `2026-11-23 10:00:00 UTC`.
  static func moment(_ time: Timestamp) -> String {
    String(time.rfc3339.prefix(19).map { $0 == "T" ? " " : $0 }) + " UTC"
  }

  /// A share: `100 %` only where nothing is missing, and rounded down else.
  static func share(_ ratio: Double) -> String {
    if ratio >= 1 { return "100 %" }
    return "\(decimal((ratio * 10_000).rounded(.down) / 100, places: 2)) %"
  }

  /// A reason for a person: `login rejected` for `auth_rejected`.
  static func reason(_ reason: Reason) -> String { words(of: reason.slug) }

  /// A reason with its stage, unless the reason says that itself: `Certificate expired at TLS`.
  static func verdict(_ reason: Reason, at stage: Stage?) -> String {
    let words = Wording.reason(reason)
    let sentence = words.prefix(1).uppercased() + words.dropFirst()
    guard let stage, !reason.slug.hasPrefix(stage.slug) else { return sentence }
    return "\(sentence) at \(Wording.words(of: stage.slug))"
  }

  /// What a result came to, in a few words. A server that works, and whose message did not arrive, has the reason
  /// `ok`, which is not what a person should read.
  static func verdict(of result: ProbeResult) -> String {
    let isLoss = result.reason == .ok && result.outcome == .degraded && result.warnings.contains(.messageLost)
    return isLoss
      ? "Test message accepted, but it did not arrive" : verdict(result.reason, at: result.stage)
  }

  /// A phase for a person.
  static func phase(_ phase: Phase) -> String { phase == .ehloTls ? "EHLO in TLS" : words(of: phase.slug) }

  /// A name in snake case, spelled out.
  static func words(of slug: String) -> String {
    slug.split(separator: "_").map { spelled[String($0)] ?? String($0) }.joined(separator: " ")
  }

  /// A mode of TLS for a person.
  static func mode(_ mode: TLSMode) -> String {
    switch mode {
    case .starttls: "STARTTLS"
    case .implicit: "implicit TLS"
    case .opportunistic: "opportunistic TLS"
    case .none: "no TLS"
    }
  }

  private static let spelled = [
    "auth": "login", "cert": "certificate", "conn": "connection", "config": "configuration", "dane": "DANE",
    "data": "DATA", "dns": "DNS", "ehlo": "EHLO", "ip": "IP", "mail": "MAIL", "quit": "QUIT", "rcpt": "RCPT",
    "rset": "RSET", "smtp": "SMTP", "sni": "SNI", "starttls": "STARTTLS", "tls": "TLS", "lf": "line feed",
    "aaaa": "AAAA", "mta": "MTA", "sts": "STS", "rpt": "reporting", "cn": "common name",
  ]

  private static func pair(_ large: Int, _ largeUnit: String, _ small: Int, _ smallUnit: String) -> String {
    small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
  }

  /// A number that is not negative, with so many places behind the point.
  private static func decimal(_ value: Double, places: Int) -> String {
    let scale = places == 0 ? 1 : places == 1 ? 10 : 100
    let scaled = Int((value * Double(scale)).rounded())
    guard places > 0 else { return String(scaled) }
    let fraction = String(scaled % scale)
    return "\(scaled / scale).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
  }
}
