import ArgumentParser
import Base
import Configuration

/// The program. Its `main` is synchronous: the main thread is the event loop, which an asynchronous `main`
/// would leave to a thread that takes the signals.
@main struct Main: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "smtpwatch",
    abstract: "Watches SMTP servers, and says why mail fails.",
    discussion:
      "Without a command it runs the monitor. 'smtpwatch demo' shows it all, without network or files.",
    version: Version.text,
    subcommands: [
      RunCommand.self, ProbeCommand.self, CheckConfigCommand.self, DemoCommand.self, HealthcheckCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  static func main() {
    StandardStream.holdPlaces()
    Threads.keepQuiet()
    if let word = CommandLine.arguments.dropFirst().first, let complaint = complaint(aboutCommand: word) {
      exit(withError: ValidationError(complaint))
    }
    main(nil)
  }

  /// What is wrong with the first word, which the default command would take for an argument too many.
  private static func complaint(aboutCommand word: String) -> String? {
    let commands = configuration.subcommands.compactMap { $0.configuration.commandName }
    guard !word.hasPrefix("-"), !commands.contains(word), word != "help" else { return nil }
    // Not shown: a URL may hold a password.
    let isTarget = word.contains(".") || word.contains(":") || word.contains("@")
    guard !isTarget else {
      return "The first word is no command. A server is probed by 'smtpwatch probe TARGET'."
    }
    let guess = commands.nearest(to: word).map { "Did you mean '\($0)'?" }
    return "There is no command '\(word)'. \(guess ?? "There are \(commands.joined(separator: ", ")).")"
  }
}
