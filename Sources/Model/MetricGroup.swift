/// A group of metric families: what a scrape can ask for, so that very many targets cost only what is looked at.
package enum MetricGroup: String, CaseIterable, Sendable {
  /// What targets are.
  case targets
  /// What the latest probes came to, and how often they are made.
  case results
  /// How long each phase of the latest probes took.
  case phases
  /// Sessions, certificates, and what domains publish about them.
  case tls
  /// What servers offer after EHLO.
  case capabilities
  /// What was counted of each target.
  case counters
  /// Histograms of durations.
  case latencies
  /// The monitor itself and its process.
  case monitor
}
