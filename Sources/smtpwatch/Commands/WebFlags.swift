import ArgumentParser
import Base
import HTTP

/// What is served, and where.
struct WebFlags: ParsableArguments {
  @Option(
    name: .customLong("web.listen-address"), parsing: .singleValue,
    help: ArgumentHelp(
      "Where to serve: HOST:PORT, :PORT or unix:/PATH; may be repeated. (default: :10525)",
      valueName: "address"))
  var listenAddresses: [String] = []

  @Flag(
    name: .customLong("web.systemd-socket"),
    help: "Serve on the sockets that systemd passes, instead of listen addresses.")
  var usesPassedSockets = false

  @Option(
    name: .customLong("web.config.file"),
    help: ArgumentHelp(
      "Encryption, users and headers of the pages, in the format of Prometheus's exporters.",
      valueName: "file"))
  var configFile: String?

  @Option(
    name: .customLong("web.telemetry-path"), help: ArgumentHelp("Where the metrics are.", valueName: "path"))
  var telemetryPath = "/metrics"

  @Option(
    name: .customLong("web.external-url"),
    help: ArgumentHelp(
      "The URL under which the pages are reached, where a proxy changes it.", valueName: "url"))
  var externalURLText: String?

  @Option(
    name: .customLong("web.route-prefix"),
    help: ArgumentHelp(
      "The path under which everything is. (default: the path of --web.external-url)", valueName: "path"))
  var routePrefix: String?

  @Option(
    name: .customLong("web.grafana-url"),
    help: ArgumentHelp(
      "The address of a dashboard with a variable named target; pages link to it.", valueName: "url"))
  var grafanaURL: String?

  @Flag(
    name: .customLong("web.enable-lifecycle"), help: "Allow POST /-/reload, and the button \"Probe now\".")
  var enablesLifecycle = false

  /// The route prefix with a slash in front, or nothing.
  var prefix: String {
    let segments = (routePrefix ?? externalURL?.path ?? "").split(separator: "/")
    return segments.isEmpty ? "" : "/" + segments.joined(separator: "/")
  }

  /// Where the pages are seen from outside; nil where nothing is said about it.
  var externalURL: ExternalURL? { externalURLText.flatMap { ExternalURL($0) } }

  /// Sees whether the flags make sense.
  func check() throws {
    if let externalURLText, externalURL == nil {
      throw ValidationError(
        "--web.external-url \(externalURLText.quoted) is no address of pages: write https://HOST[:PORT][/PATH]."
      )
    }
    if let grafanaURL, !["http://", "https://", "/"].contains(where: grafanaURL.hasPrefix) {
      throw ValidationError(
        "--web.grafana-url \(grafanaURL.quoted) is no address: write https://HOST/d/smtpwatch-target, for example."
      )
    }
    _ = try listenedAddresses()
  }

  /// Where to serve: the addresses, or the sockets that were passed.
  func addresses() throws -> [ListenAddress] {
    guard usesPassedSockets else { return try listenedAddresses() }
    return try PassedSockets.addresses(environment: Environment.variables())
  }

  private func listenedAddresses() throws -> [ListenAddress] {
    try (listenAddresses.isEmpty ? [":10525"] : listenAddresses).map { text in
      guard let address = ListenAddress(text) else {
        throw ValidationError(
          "--web.listen-address '\(text)' is no address: "
            + "write :10525, 127.0.0.1:10525, [::1]:10525 or unix:/run/smtpwatch/web.sock.")
      }
      return address
    }
  }
}
