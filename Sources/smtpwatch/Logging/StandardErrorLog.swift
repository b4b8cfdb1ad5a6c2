import Base
import Logging
import Model

/// Writes log lines to standard error, each by one write, and counts them by level.
struct StandardErrorLog: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]
  let format: LogFormat

  private static let counts = Locked<[String: Int]>(["debug": 0, "info": 0, "warn": 0, "error": 0])

  /// Lines written since the start of the process, by level.
  static var lines: [(level: String, count: Int)] {
    counts.withLock { $0 }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let fields = metadata.merging(event.metadata ?? [:]) { _, event in event }
    let line = LogLine(
      time: Timestamp(microseconds: WallClock.microseconds()), level: event.level,
      message: event.message.description,
      fields: fields.map { ($0.key, $0.value.description) }.sorted { $0.key < $1.key })
    Self.counts.withLock { $0[event.level.shortName, default: 0] += 1 }
    StandardStream.error.write(line.text(as: format) + "\n")
  }
}
