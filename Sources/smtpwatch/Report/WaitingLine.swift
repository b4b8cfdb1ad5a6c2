import Base
import Loop
import Model
import Probe

/// A line on a terminal that says what a probe waits for, once that takes long enough to be wondered at. It is gone
/// before anything else is written.
final class WaitingLine: Sendable {
  private let waits: Waits
  private let shown = Locked("")

  /// How long a wait is no news.
  private static let patience = Duration.seconds(1)
  private static let pace = Duration.milliseconds(200)

  /// A line that is not shown yet.
  init(of waits: Waits) { self.waits = waits }

  /// Keeps the line true until the loop ends.
  func follow(on loop: isolated EventLoop) async {
    while await loop.sleep(until: .now().advanced(by: Self.pace)) {
      guard let wait = waits.longest, wait.begin.duration(to: .now()) >= Self.patience else {
        erase()
        continue
      }
      show(wait.words)
    }
  }

  /// Takes the line away.
  func erase() { show("") }

  private func show(_ words: String) {
    shown.withLock { shown in
      guard words != shown else { return }
      // Back to the first column, and what stands there is erased.
      StandardStream.error.write("\r\u{1B}[K\(words)")
      shown = words
    }
  }
}

extension Waits.Wait {
  /// The wait for a person. Short enough for one line of any terminal, for only one can be erased.
  fileprivate var words: String {
    let seconds = Int(begin.duration(to: limit).seconds.rounded(.up))
    return switch purpose {
    case .phase(let phase): "waiting for \(phase.end) (\(seconds) s at most)…"
    case .policies: "looking up the domain's policies (\(seconds) s at most)…"
    case .closerLook: "looking for the cause (\(seconds) s at most)…"
    }
  }
}

extension Phase {
  /// What ends it, for a person who waits.
  fileprivate var end: String {
    switch self {
    case .dns: "the resolver"
    case .connect: "the connection"
    case .tls: "the TLS handshake"
    case .banner: "the greeting"
    case .ehlo, .ehloTls: "the answer to EHLO"
    case .message: "the answer to the message"
    case .starttls, .auth, .mail, .rcpt, .rset, .data, .quit: "the answer to \(slug.uppercased())"
    }
  }
}
