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

  /// Holds the places of those that were closed when the program began: else a file or connection of its own would
  /// get the number, and what is meant for people would go there. Writing to one fails as before.
  package static func holdPlaces() {
    for number: Int32 in 0...2 where fcntl(number, F_GETFD) < 0 {
      // The lowest free number is taken, which is this one.
      _ = unsafe open("/dev/null", number == 0 ? O_WRONLY : O_RDONLY)
    }
  }

  /// A terminal shows it.
  package var isTerminal: Bool { isatty(rawValue) == 1 }
}
