import Logging
import Model

/// How a line of the log is written.
enum LogFormat: String, CaseIterable {
  case logfmt
  case json
}

/// One event of the log as a line of text, without the line's end.
struct LogLine {
  let time: Timestamp
  let level: Logger.Level
  let message: String
  /// Sorted by key, so that equal events read alike.
  let fields: [(key: String, value: String)]

  /// The line in a format.
  func text(as format: LogFormat) -> String {
    let head = [("time", time.rfc3339), ("level", level.shortName), ("msg", message)]
    let pairs = head + fields.map { ($0.key, $0.value) }
    return switch format {
    case .logfmt: pairs.map { "\($0.0)=\(logfmt($0.1))" }.joined(separator: " ")
    case .json: "{" + pairs.map { "\(json($0.0)):\(json($0.1))" }.joined(separator: ",") + "}"
    }
  }

  /// A value of logfmt: quoted where a reader could not tell its end.
  private func logfmt(_ value: String) -> String {
    let isPlain =
      !value.isEmpty
      && value.unicodeScalars.allSatisfy { $0 > " " && $0 != "=" && $0 != "\"" && $0.value != 127 }
    return isPlain ? value : json(value)
  }

  private func json(_ value: String) -> String {
    var quoted = "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case let control where control.value < 32 || control.value == 127:
        let digits = String(control.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}

extension Logger.Level {
  /// The four levels of Prometheus's programs.
  var shortName: String {
    switch self {
    case .trace, .debug: "debug"
    case .info, .notice: "info"
    case .warning: "warn"
    case .error, .critical: "error"
    }
  }
}
