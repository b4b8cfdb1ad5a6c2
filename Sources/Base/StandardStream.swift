import Glibc

/// Standard output and standard error, written at once and without a buffer.
package enum StandardStream: Int32, Sendable {
  case output = 1
  case error = 2

  /// Writes a text; false when the stream is closed, full for good, or was never open.
  @discardableResult
  package func write(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      var written = 0
      while written < bytes.count {
        let count = unsafe Glibc.write(
          rawValue, bytes.baseAddress?.advanced(by: written), bytes.count - written)
        if count < 0 && errno == EINTR { continue }
        if count <= 0 { return false }
        written += count
      }
      return true
    }
  }

  /// A terminal shows it.
  package var isTerminal: Bool { isatty(rawValue) == 1 }
}
