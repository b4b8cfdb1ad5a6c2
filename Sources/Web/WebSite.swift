package import Base
package import HTTP
package import Model
package import Monitor

/// All that the site is made of: where it takes its data, and what it may ask the program to do.
package struct WebSite: Sendable {
  /// What came of a reload; the failure's text is a sentence for a person.
  package typealias ReloadOutcome = Result<Void, ReloadRefusal>
  /// Probes on request, and says what came of it on any thread.
  package typealias Probing =
    @Sendable (ProbeWish, @escaping @Sendable (Result<WishedProbe, Problem>) -> Void)
    -> Void

  package var history: any HistoryReading
  package var program: ProgramFacts
  /// The path under which everything is served; empty for none.
  package var routePrefix = ""
  /// The path that links begin with, where a proxy changes it on the way; nil means the prefix.
  package var externalPath: String?
  /// Scheme, host and port that links from elsewhere begin with, such as `https://mail.example.net`; nil means
  /// what the client asked.
  package var origin: String?
  /// Which metrics a scrape gets that asks for none in particular.
  package var metricGroups: @Sendable () -> Set<MetricGroup> = { Set(MetricGroup.allCases) }
  /// The path of the metrics.
  package var telemetryPath = "/metrics"
  /// Lines of the log by level.
  package var logMessages: @Sendable () -> [(level: String, count: Int)] = { [] }
  /// The closer looks at failures.
  package var followUps: @Sendable () -> FollowUpFacts = { FollowUpFacts() }
  /// How late probes read what had arrived.
  package var observationLag: @Sendable () -> Histogram = { Histogram() }
  /// Whether the loop that probes still turns.
  package var isAlive: @Sendable () -> Bool = { true }
  /// Whether the configuration is loaded and the schedule runs.
  package var isReady: @Sendable () -> Bool = { true }
  /// Reloads the configuration and says what came of it, on any thread; nil where that is not allowed over
  /// HTTP.
  package var reload: (@Sendable (@escaping @Sendable (ReloadOutcome) -> Void) -> Void)?
  /// Makes the probes of `/probe`; nil where there are none.
  package var probe: Probing?
  /// Starts the next probe of a configured target at once, and says on any thread whether it did; nil where
  /// that is not allowed over HTTP.
  package var probeNow: (@Sendable (String, @escaping @Sendable (Bool) -> Void) -> Void)?
  /// Tells what happens to targets as it happens; nil where nobody tells.
  package var feed: EventFeed?
  /// The address of a dashboard with the variable `target`, such as one of Grafana.
  package var dashboard: String?
  /// The running configuration as YAML, without secrets.
  package var configurationText: (@Sendable () -> String)?
  /// Answered requests.
  package let requests = RequestCounts()

  /// A site that only shows.
  package init(history: any HistoryReading, program: ProgramFacts) {
    self.history = history
    self.program = program
  }
}

/// Why a new configuration was not taken.
package struct ReloadRefusal: Error, Equatable {
  /// One sentence or more for a person.
  package var text: String

  /// A refusal.
  package init(_ text: String) { self.text = text }
}
