import ArgumentParser
import Base
import Configuration
import Model

extension ExitCode {
  /// Good input was not given: the command line cannot be used (sysexits' EX_USAGE).
  static let usage = ExitCode(64)
  /// The configuration cannot be used (sysexits' EX_CONFIG).
  static let configuration = ExitCode(78)
  /// The system refused what the program needs, such as a port (sysexits' EX_OSERR).
  static let system = ExitCode(71)
}

extension Outcome {
  /// The exit status of `probe`, as Nagios reads it.
  var exitCode: ExitCode {
    switch self {
    case .up: ExitCode(0)
    case .degraded: ExitCode(1)
    case .down: ExitCode(2)
    case .inconclusive: ExitCode(3)
    }
  }
}

/// Ends the program after one line on standard error that says what is wrong and what to do.
enum Refusal {
  /// The command line cannot be used.
  static func usage(_ words: String) -> ExitCode { refuse(words, .usage) }
  /// The configuration, or what it names, cannot be used.
  static func configuration(_ words: String) -> ExitCode { refuse(words, .configuration) }
  /// The system refuses what the program needs.
  static func system(_ words: String) -> ExitCode { refuse(words, .system) }

  private static func refuse(_ words: String, _ status: ExitCode) -> ExitCode {
    let lines = words.split(separator: "\n", omittingEmptySubsequences: false).map { OneLine.of(String($0)) }
    StandardStream.error.write("smtpwatch: \(lines.joined(separator: "\n"))\n")
    return status
  }
}
