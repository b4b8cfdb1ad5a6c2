import ArgumentParser
import Base
import Configuration
import DNS
import Loop
import Model
import Probe
import Web

/// `smtpwatch probe`: one probe now, and a report for a person.
struct ProbeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "probe",
    abstract: "Probe one server now, and say what works, what fails, and why.",
    discussion: """
      TARGET is HOST, HOST:PORT, [v6]:PORT, or a URL: smtp:// (STARTTLS, 587), smtps:// (implicit TLS, 465), \
      smtp+plain:// (25), lmtp:// (24), or mx:DOMAIN (every MX host of the domain, port 25). Without it SMTP_SERVER, SMTP_PORT, SMTP_USER and SMTP_PASSWORD (or \
      SMTP_PASSWORD_FILE) say what to probe. Exits 0 up, 1 degraded, 2 down, 3 inconclusive. A password never \
      goes on the command line.
      """)

  @Argument(help: "What to probe.")
  var target: String?

  @OptionGroup var flags: ProbeFlags

  @Flag(help: "Show the whole conversation.")
  var transcript = false

  @Flag(help: "Write the result as JSON.")
  var json = false

  @Flag(help: "Write one line for Nagios, with performance data.")
  var nagios = false

  @Flag(name: .customLong("no-follow-up"), help: "Judge by the one probe alone; make no further connections.")
  var judgesAlone = false

  func validate() throws {
    guard !(json && nagios) else { throw ValidationError("--json and --nagios exclude each other.") }
  }

  func run() throws {
    let environment = Environment.variables()
    var target = try flags.target(for: target, environment: environment)
    if judgesAlone { target.settings.diagnosis = .off }
    let result = try probe(target, showsWaits: showsWaits(environment))
    if json {
      StandardStream.output.write(String(decoding: Web.json(of: result), as: UTF8.self) + "\n")
    } else if nagios {
      let line = NagiosLine(
        result: result, slowAfter: target.settings.slowAfter, timeout: target.settings.timeout)
      StandardStream.output.write(line.text)
    } else {
      let isColoured = StandardStream.output.isTerminal && environment["NO_COLOR", default: ""].isEmpty
      let report = ProbeReport(
        result: result, style: Style(isColoured: isColoured), showsTranscript: transcript)
      StandardStream.output.write(report.text)
    }
    throw result.outcome.exitCode
  }

  /// Only a person at a terminal is told what is waited for.
  private func showsWaits(_ environment: [String: String]) -> Bool {
    !json && !nagios && StandardStream.output.isTerminal && StandardStream.error.isTerminal
      && environment["TERM"] != "dumb"
  }

  /// One probe on a loop of its own.
  private func probe(_ target: Target, showsWaits: Bool) throws -> ProbeResult {
    let plan: ProbePlan
    do throws(ProbePlanError) {
      plan = try ProbePlan(target: target, hostName: OwnName.forEHLO, materials: TLSMaterials())
    } catch {
      throw Refusal.configuration("\(error)")
    }
    let waits = showsWaits ? Waits() : nil
    let line = waits.map(WaitingLine.init)
    let prober = Prober(resolver: Resolver(), waits: waits)
    let messages = flags.sends ? Int.max : 0
    let result = try EventLoop.run { loop in
      if let line { Task(executorPreference: loop.executor) { await line.follow(on: loop) } }
      return await prober.diagnose(plan, messages: messages, on: loop)
    }
    line?.erase()
    return result.value
  }
}

/// What this host calls itself.
enum OwnName {
  /// The host's full name, or an address literal where it has none (RFC 5321 section 4.1.3).
  static var forEHLO: String { DNS.HostName.fullyQualified() ?? "[127.0.0.1]" }
}
