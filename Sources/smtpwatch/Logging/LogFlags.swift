import ArgumentParser
import Logging

/// How to log.
struct LogFlags: ParsableArguments {
  @Option(name: .customLong("log.level"), help: ArgumentHelp("How much to log.", valueName: "level"))
  var level = LogLevel.info

  @Option(name: .customLong("log.format"), help: ArgumentHelp("How to write a line.", valueName: "format"))
  var format = LogFormat.logfmt

  /// A logger to standard error.
  func logger() -> Logger {
    let handler = StandardErrorLog(logLevel: level.level, format: format)
    return Logger(label: "smtpwatch") { _ in handler }
  }
}

extension LogFormat: ExpressibleByArgument {}
