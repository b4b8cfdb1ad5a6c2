import ArgumentParser
import HTTP

/// What is served, and where.
struct WebFlags: ParsableArguments {
  @Option(
    name: .customLong("web.listen-address"), parsing: .singleValue,
    help: ArgumentHelp("Where to serve; may be repeated. (default: :10525)", valueName: "address"))
  var listenAddresses: [String] = []

  @Option(
    name: .customLong("web.telemetry-path"), help: ArgumentHelp("Where the metrics are.", valueName: "path"))
  var telemetryPath = "/metrics"

  @Option(
    name: .customLong("web.route-prefix"),
    help: ArgumentHelp("The path under which everything is.", valueName: "path"))
  var routePrefix = ""

  @Flag(name: .customLong("web.enable-lifecycle"), help: "Allow POST /-/reload.")
  var enablesLifecycle = false

  /// The route prefix with a slash in front, or nothing.
  var prefix: String {
    let segments = routePrefix.split(separator: "/")
    return segments.isEmpty ? "" : "/" + segments.joined(separator: "/")
  }

  /// The addresses, checked.
  func addresses() throws -> [ListenAddress] {
    try (listenAddresses.isEmpty ? [":10525"] : listenAddresses).map { text in
      guard let address = ListenAddress(text) else {
        throw ValidationError(
          "--web.listen-address '\(text)' is no address: write :10525, 127.0.0.1:10525 or [::1]:10525.")
      }
      return address
    }
  }
}
