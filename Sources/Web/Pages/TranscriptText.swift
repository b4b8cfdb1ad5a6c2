import Model

/// A conversation as plain text, one line for each that was said.
struct TranscriptText {
  var result: ProbeResult

  /// The lines: seconds since the start, whether in TLS, who spoke, and what.
  var lines: String { result.transcript.map { "\(Self.line($0))\n" }.joined() }

  /// The whole, with what came of it.
  var document: String {
    """
    \(result.target) (\(result.host):\(result.port)) at \(result.startedAt.rfc3339)
    \(lines)\(result.outcome.slug): \(Wording.verdict(of: result))
    """
  }

  /// One line. A server's text may have several itself: they stand below each other.
  static func line(_ line: TranscriptLine) -> String {
    "\(time(line)) \(line.tls ? "TLS" : "   ") \(words(line))"
  }

  /// When a line was said.
  static func time(_ line: TranscriptLine) -> String { column(line.at) }

  /// Who said what.
  static func words(_ line: TranscriptLine) -> String { "\(speaker(line.from)) \(line.text)" }

  private static func speaker(_ speaker: TranscriptLine.Speaker) -> String {
    switch speaker {
    case .server: "S:"
    case .client: "C:"
    case .note: "--"
    }
  }

  /// Seconds since the start, always as wide.
  private static func column(_ time: Duration) -> String {
    let milliseconds = String(max(0, Int(time.seconds * 1000)))
    let padded = String(repeating: "0", count: max(0, 4 - milliseconds.count)) + milliseconds
    let text = "\(padded.dropLast(3)).\(padded.suffix(3))"
    return String(repeating: " ", count: max(0, 7 - text.count)) + text
  }
}
