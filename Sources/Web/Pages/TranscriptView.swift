import Model

/// A conversation as it went, secrets folded; it opens at a click.
struct TranscriptView {
  var result: ProbeResult
  var isOpen: Bool

  var html: HTML {
    """
    <details\(isOpen ? " open" : "")>\
    <summary>\(Marks.state(TargetState(result.outcome))) \(time(result.startedAt)), \
    \(Wording.reason(result.reason))</summary>
    <pre tabindex="0">\(result.transcript.map(line))</pre></details>

    """
  }

  private func line(_ line: TranscriptLine) -> HTML {
    """
    <span class="\(line.from.rawValue)">\(column(line.at)) \(line.tls ? "TLS" : "   ") \
    \(speaker(line.from)) \(line.text)</span>

    """
  }

  private func speaker(_ speaker: TranscriptLine.Speaker) -> String {
    switch speaker {
    case .server: "S:"
    case .client: "C:"
    case .note: "--"
    }
  }

  /// Seconds since the start, always as wide.
  private func column(_ time: Duration) -> String {
    let milliseconds = String(max(0, Int(time.seconds * 1000)))
    let padded = String(repeating: "0", count: max(0, 4 - milliseconds.count)) + milliseconds
    let text = "\(padded.dropLast(3)).\(padded.suffix(3))"
    return String(repeating: " ", count: max(0, 7 - text.count)) + text
  }
}
