import ArgumentParser
import Base
import Configuration
import HTTP
import Logging
import Loop
import Monitor
import Web

/// `smtpwatch run`: the monitor.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Watch the configured targets, and serve metrics and pages.",
    discussion: """
      Without --config.file the variables SMTP_SERVER, SMTP_PORT, SMTP_USER and SMTP_PASSWORD (or \
      SMTP_PASSWORD_FILE) are the configuration: one target, named after the server. SIGHUP reloads; SIGTERM \
      and SIGINT let the probes in flight say goodbye, and exit 0.
      """)

  @Option(name: .customLong("config.file"), help: ArgumentHelp("The configuration.", valueName: "file"))
  var configFile: String?

  @Flag(name: .customLong("config.check"), help: "Check the configuration, say what is wrong, and exit.")
  var checksOnly = false

  @Flag(
    name: .customLong("config.enable-auto-reload"),
    help: "Reload when a file of the configuration changes.")
  var reloadsByItself = false

  @OptionGroup var web: WebFlags

  @Option(
    name: .customLong("shard"),
    help: ArgumentHelp("Which share of the targets is ours, from 0.", valueName: "n"))
  var shard = 0

  @Option(
    name: .customLong("total-shards"),
    help: ArgumentHelp("Into how many shares the targets are divided.", valueName: "n"))
  var totalShards = 1

  @OptionGroup var log: LogFlags

  func validate() throws {
    guard totalShards >= 1, (0..<totalShards).contains(shard) else {
      throw ValidationError("--shard must be at least 0 and below --total-shards, which must be at least 1.")
    }
    _ = try web.addresses()
  }

  func run() throws {
    let source = SettingsSource(file: configFile, variables: Environment.variables())
    let report = ConfigurationReport(source)
    if checksOnly { throw report.print() }
    let loaded = try report.load()
    let logger = log.logger()
    for warning in loaded.warnings { logger.warning("\(warning)") }
    let shard = Shard(ordinal: shard, total: totalShards)
    try Startup.orExit {
      let signals = try SignalSource()
      raiseDescriptorLimit()
      let program = try Program(loaded.settings, shard: shard)
      logger.info(
        "Starting smtpwatch",
        metadata: ["version": "\(Version.facts.version)", "targets": "\(program.targets.count)"])
      let daemon = Daemon(
        loop: try EventLoop(), source: source, settings: loaded.settings, shard: shard, logger: logger)
      try daemon.run(program, signals: signals, web: web, watchesFiles: reloadsByItself)
    }
  }
}
