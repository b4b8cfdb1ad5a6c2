import ArgumentParser
import Base
import Configuration
import HTTP
import Loop
import Model
import Monitor
import Probe
import ScriptedSMTP
import TLS

/// `smtpwatch demo`: the monitor against servers of its own, healthy and broken in different ways.
struct DemoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Show the monitor at work, on built-in servers, without network or files.",
    discussion: "Stop it with Ctrl-C.")

  @OptionGroup var web: WebFlags

  @OptionGroup var log: LogFlags

  func validate() throws { try web.check() }

  func run() throws {
    let logger = log.logger()
    try Startup.orExit {
      let signals = try SignalSource()
      let loop = try EventLoop()
      let stage = try DemoStage()
      let daemon = Daemon(
        stage.program, of: Loaded(settings: stage.settings, warnings: []), loop: loop, source: nil,
        systemTrust: stage.trust, shard: Shard(), logger: logger)
      stage.play(on: loop)
      try daemon.run(signals: signals, web: web) { addresses in
        for address in addresses {
          StandardStream.output.write(
            """
            smtpwatch watches \(stage.program.targets.count) built-in servers, most of them broken.
              Status page  \(Self.place("\(web.prefix)/", at: address, web))
              Metrics      \(Self.place(web.prefix + web.telemetryPath, at: address, web))
            Within half a minute every target has been probed. Ctrl-C stops it.

            """)
        }
      }
      ProcessEnd.success()
    }
  }

  /// What a person puts into a browser, as far as a browser can reach it.
  private static func place(_ path: String, at address: ListenAddress, _ web: WebFlags) -> String {
    guard case .tcp(let host, let port) = address else { return "\(path) on \(address)" }
    let name = host.map { $0.contains(":") ? "[\($0)]" : $0 } ?? "localhost"
    return "\(web.configFile == nil ? "http" : "https")://\(name):\(port)\(path)"
  }
}

/// The servers of the demonstration, and the targets that watch them.
struct DemoStage {
  private let servers: [ScriptedServer]
  let program: Program
  /// What believes in the servers' certificates.
  let trust: TrustStore

  /// Mints certificates, starts the servers and points a target at each.
  init() throws {
    let now = Timestamp(microseconds: WallClock.microseconds())
    let identities = try Identities(host: DemoRole.host, at: now)
    var servers: [ScriptedServer] = []
    var targets: [Target] = []
    for role in DemoRole.all {
      let server = try ScriptedServer([Script(role.script)], identities: identities, host: DemoRole.host)
      servers.append(server)
      targets.append(role.target(at: server.address))
    }
    self.servers = servers
    trust = TrustStore(authorities: [identities.authority.certificate])
    program = try Program(targets: targets, materials: TLSMaterials(systemTrust: trust))
  }

  /// The demonstration as a configuration.
  var settings: Settings {
    var settings = Settings()
    settings.targets = program.targets
    settings.modules["demo"] = DemoRole.module
    return settings
  }

  /// Lets the servers serve once the loop runs.
  func play(on loop: EventLoop) {
    for server in servers {
      Task(executorPreference: loop.executor) { await server.run(on: loop) }
    }
  }
}
