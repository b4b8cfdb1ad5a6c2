import ArgumentParser
import Base
import Configuration

/// `smtpwatch check-config`: reads a configuration strictly and says all that is wrong or odd in it.
struct CheckConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-config",
    abstract: "Check a configuration, without sending a packet.",
    discussion: "Exits 0 where it can be used, also with warnings, and 78 where it cannot.")

  @Argument(help: "The configuration.")
  var file: String

  @Option(
    name: .customLong("web.config.file"),
    help: ArgumentHelp("Check a web configuration too.", valueName: "file"))
  var webFile: String?

  @Flag(help: "Write the findings as JSON.")
  var json = false

  func run() throws {
    let report = ConfigurationReport(SettingsSource(file: file, variables: Environment.variables()))
    throw report.print(webFile: webFile, asJSON: json)
  }
}
