import Model

/// The one line that Nagios and its kin read: state, words, and performance data behind a bar.
struct NagiosLine {
  let result: ProbeResult
  let slowAfter: Duration?
  let timeout: Duration

  /// The line, with its end.
  var text: String {
    let state =
      switch result.outcome {
      case .up: "OK"
      case .degraded: "WARNING"
      case .down: "CRITICAL"
      case .inconclusive: "UNKNOWN"
      }
    let endpoint = "\(result.host):\(result.port)"
    let words =
      result.message.isEmpty
      ? "\(endpoint) answered in \(result.duration.milliseconds)"
      : "\(result.reason.slug): \(result.message)"
    // A bar would end the words, a line break the line.
    let clean = words.map { $0 == "|" ? "/" : $0.isNewline ? " " : $0 }
    return "SMTP \(state) - \(String(clean)) | \(performance.joined(separator: " "))\n"
  }

  private var performance: [String] {
    let limits = "\(slowAfter.map { "\($0.seconds)" } ?? "");\(timeout.seconds);0"
    let members =
      result.members.isEmpty
      ? [] : ["working=\(result.members.count(where: \.success));;;0;\(result.members.count)"]
    return ["time=\(result.duration.seconds)s;\(limits)"]
      + result.phases.reached.map { "\($0.phase.slug)=\($0.time.seconds)s;;;0" }
      + (result.tls?.certificate.map {
        ["cert_days=\(Int(($0.notAfter - result.startedAt).seconds / 86_400));;;"]
      } ?? []) + members
  }
}
