import Base
import Model
import SMTP

/// Writes the conversation down as it goes. Secrets never get here: commands come in their folded form, replies
/// redacted.
struct TranscriptWriter {
  private(set) var transcript = Transcript()
  private let start: MonotonicInstant
  /// Bytes that may still be kept: a hostile server shall not fill the memory.
  private var roomLeft = 64 * 1024

  /// An empty transcript of a probe that began at `start`.
  init(start: MonotonicInstant) { self.start = start }

  /// Adds a remark, or what the client said at a moment.
  mutating func add(
    _ text: String, from speaker: TranscriptLine.Speaker, tls: Bool, at moment: MonotonicInstant
  ) {
    add(from: speaker, tls: tls, at: moment) { $0 += text.utf8 }
  }

  /// Adds that TLS begins, with its version and cipher.
  mutating func add(_ tls: TLSFacts, at moment: MonotonicInstant) {
    add(from: .note, tls: true, at: moment) { text in
      for part in ["TLS begins: ", tls.version, " ", tls.cipher] { text += part.utf8 }
    }
  }

  /// Adds a command that went out.
  mutating func add(_ command: Command, tls: Bool, at moment: MonotonicInstant) {
    add(from: .client, tls: tls, at: moment) { command.writeTranscript(to: &$0) }
  }

  /// Adds a reply, redacted.
  mutating func add(_ reply: Reply, tls: Bool, at moment: MonotonicInstant) {
    var lines = reply.eachLine
    while let line = lines.next() {
      let separator = UInt8(ascii: lines.isAtEnd ? " " : "-")
      add(from: .server, tls: tls, at: moment) { text in
        for place in [100, 10, 1] { text.append(UInt8(0x30 + reply.code / place % 10)) }
        text.append(separator)
        EscapedText.write(line, to: &text)
      }
    }
  }

  private mutating func add(
    from speaker: TranscriptLine.Speaker, tls: Bool, at moment: MonotonicInstant,
    _ write: (inout [UInt8]) -> Void
  ) {
    guard roomLeft > 0 else { return }
    // Not before: a server that says nothing shall cost little.
    if transcript.isEmpty { transcript.reserve(lines: 24, bytes: 700) }
    roomLeft -= transcript.append(at: start.duration(to: moment), from: speaker, tls: tls, write)
  }
}
