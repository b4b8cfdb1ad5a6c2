import Model

/// A conversation as it went, secrets folded; it opens at a click.
struct TranscriptView {
  var result: ProbeResult
  var isOpen: Bool
  /// By which the script of the page knows it again.
  var id: String
  /// Where the same is as plain text.
  var download: String

  var html: HTML {
    """
    <details id="\(id)"\(isOpen ? " open" : "")>\
    <summary>\(Marks.state(TargetState(result.outcome))) \(time(result.startedAt)), \
    \(Wording.reason(result.reason))</summary>
    <p><a href="\(download)">As text</a></p>
    <pre tabindex="0">\(result.transcript.map(line))</pre></details>

    """
  }

  private func line(_ line: TranscriptLine) -> HTML {
    """
    <span class="\(line.from.rawValue)">\(TranscriptText.time(line)) \(line.tls ? Marks.lock : "   ") \
    \(TranscriptText.words(line))</span>

    """
  }
}
