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
    help: """
      Reload when a file of the configuration changes. Lists of targets and files of access tokens are always \
      followed.
      """)
  var reloadsByItself = false

  @OptionGroup var web: WebFlags

  @Option(
    name: .customLong("storage.path"),
    help: ArgumentHelp(
      "Keep the history in this directory, so that it survives restarts. One directory for each process.",
      valueName: "directory"))
  var storagePath: String?

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
    try web.check()
    if storagePath == "" { throw ValidationError("--storage.path must name a directory.") }
  }

  func run() throws {
    let source = SettingsSource(file: configFile, variables: Environment.variables())
    let report = ConfigurationReport(source)
    if checksOnly { throw report.print(webFile: web.configFile) }
    let logger = log.logger()
    try Startup.orExit {
      let signals = try SignalSource()
      raiseDescriptorLimit()
      let daemon = try daemon(source, try loaded(report, logger), logger)
      try daemon.run(signals: signals, web: web, watchesFiles: reloadsByItself)
      ProcessEnd.success()
    }
  }

  private func loaded(_ report: ConfigurationReport, _ logger: Logger) throws -> Loaded {
    let loaded = try report.load()
    for warning in loaded.warnings { logger.warning("\(warning)") }
    return loaded
  }

  /// The monitor of a configuration. Nothing of that stays here: when another takes its place, its secrets go.
  private func daemon(_ source: SettingsSource, _ loaded: Loaded, _ logger: Logger) throws -> Daemon {
    let shard = Shard(ordinal: shard, total: totalShards)
    let program = try Program(loaded.settings, shard: shard)
    logger.info(
      "Starting smtpwatch",
      metadata: ["version": "\(Version.facts.version)", "targets": "\(program.targets.count)"])
    let storage = try storagePath.map {
      try HistoryStorage(directory: $0, settings: loaded.settings.history, logger: logger)
    }
    return Daemon(
      program, of: loaded, loop: try EventLoop(), source: source, storage: storage, shard: shard,
      logger: logger)
  }
}
