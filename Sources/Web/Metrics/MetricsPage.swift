package import Base
package import HTTP
package import Metrics
import Model
package import Monitor

/// The page of metrics: a pure function of one snapshot and of the program's own counts. A new page is made
/// for every scrape, so that series vanish with their targets.
package struct MetricsPage: Sendable {
  /// The state of everything.
  package var snapshot: Snapshot
  package var program: ProgramFacts
  package var process: ProcessFacts
  /// Answered requests.
  package var requests: [(key: RequestCounts.Key, count: Int)]
  /// Lines of the log by level.
  package var logMessages: [(level: String, count: Int)]
  /// The closer looks at failures.
  package var followUps: FollowUpFacts

  /// A page of these facts.
  package init(
    snapshot: Snapshot, program: ProgramFacts, process: ProcessFacts,
    requests: [(key: RequestCounts.Key, count: Int)] = [], logMessages: [(level: String, count: Int)] = [],
    followUps: FollowUpFacts = FollowUpFacts()
  ) {
    self.snapshot = snapshot
    self.program = program
    self.process = process
    self.requests = requests
    self.logMessages = logMessages
    self.followUps = followUps
  }

  /// The page in a format.
  package func render(_ format: ExpositionFormat) -> [UInt8] {
    let targets = snapshot.targets.map {
      LabelledTarget(labels: LabelSet("target", $0.target.name), state: $0)
    }
    var page = Exposition(format, capacity: 32_768 + 12_288 * targets.count)
    page.writeTargets(targets)
    page.writeSchedules(targets)
    page.writeResults(targets, now: snapshot.takenAt)
    page.writeTLS(targets)
    page.writeOffers(targets)
    page.writeCounters(targets)
    page.writeLatencies(targets, snapshot.monitor)
    page.writeMonitor(snapshot.monitor, targets: targets.count)
    page.writeFollowUps(followUps)
    page.writeProgram(program, requests: requests, logMessages: logMessages)
    page.writeProcess(process)
    return page.finish()
  }
}

/// A target with its label, encoded once for all of its series.
struct LabelledTarget {
  var labels: LabelSet
  var state: TargetSnapshot
}

extension Exposition {
  /// Writes one series for each target that has a value.
  mutating func write(
    _ family: MetricFamily, _ targets: [LabelledTarget], _ value: (TargetSnapshot) -> Int?
  ) {
    self.family(family)
    for target in targets {
      if let value = value(target.state) { sample(target.labels, value) }
    }
  }

  /// Writes one series for each target that has a value.
  mutating func write(
    _ family: MetricFamily, _ targets: [LabelledTarget], _ value: (TargetSnapshot) -> Double?
  ) {
    self.family(family)
    for target in targets {
      if let value = value(target.state) { sample(target.labels, value) }
    }
  }

  /// Writes one series for each target that has a value: 1 or 0.
  mutating func write(
    _ family: MetricFamily, _ targets: [LabelledTarget], _ value: (TargetSnapshot) -> Bool?
  ) {
    self.family(family)
    for target in targets {
      if let value = value(target.state) { sample(target.labels, value) }
    }
  }

  /// Writes a histogram of the monitor.
  mutating func histogram(_ labels: LabelSet, _ histogram: Histogram) {
    self.histogram(
      labels, bounds: Histogram.bounds,
      counts: (0...Histogram.bounds.count).map { Int(histogram.counts[$0]) },
      sum: histogram.sum)
  }
}
