import ArgumentParser
import Logging

/// How much is logged.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
  case debug, info, warn, error

  /// The level in the logging library's terms.
  var level: Logger.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warn: .warning
    case .error: .error
    }
  }
}
