import HTTP
package import Model

/// What `/probe` was asked for.
package struct ProbeWish: Sendable, Equatable {
  /// As it was written.
  package var target: String
  /// nil where none is named.
  package var module: String?
  /// How long the asker waits; nil where that is not known.
  package var timeLimit: Duration?
  /// A person asks, who wants to see everything, and has time for follow-up checks.
  package var isDebugging = false

  /// The scraper's patience is that much shorter for us: the answer has to reach it.
  private static let reserve = Duration.milliseconds(500)

  /// The wish of a request, in the words that blackbox exporter takes.
  init(_ request: Request) throws(QueryRefusal) {
    let targets = request.query.filter { $0.name == "target" && !$0.value.isEmpty }
    guard targets.count == 1 else {
      throw QueryRefusal(
        targets.isEmpty
          ? "The parameter target is missing." : "The parameter target is there more than once.",
        hint: "Ask for /probe?target=HOST:PORT&module=MODULE.")
    }
    target = targets[0].value
    module = request.query("module").flatMap { $0.isEmpty ? nil : $0 }
    isDebugging = request.query("debug") == "true"
    if let text = request.headers["X-Prometheus-Scrape-Timeout-Seconds"] {
      guard let seconds = Double(text), seconds.isFinite, seconds > 0, seconds < 1e6 else {
        throw QueryRefusal(
          "X-Prometheus-Scrape-Timeout-Seconds is not a number of seconds.",
          hint: "Send a positive number such as 10, or leave the header out.")
      }
      timeLimit = max(Duration.seconds(seconds) - Self.reserve, Duration.seconds(seconds / 2))
    }
  }
}

/// A probe that was made on request.
package struct WishedProbe: Sendable {
  package var target: Target
  package var result: ProbeResult
  /// What a person should know of how it came about, in sentences.
  package var notes: [String]
  /// How the target was probed, as YAML without secrets.
  package var settings: String

  /// A probe with its settings.
  package init(target: Target, result: ProbeResult, notes: [String], settings: String) {
    self.target = target
    self.result = result
    self.notes = notes
    self.settings = settings
  }
}
