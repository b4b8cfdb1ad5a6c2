import ArgumentParser

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
}
