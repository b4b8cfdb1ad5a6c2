package import Base
package import HTTP
package import Metrics
package import Model
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
  /// How late probes read what had arrived.
  package var observationLag: Histogram
  /// What is wanted of all this.
  package var groups: Set<MetricGroup>

  /// A page of these facts.
  package init(
    snapshot: Snapshot, program: ProgramFacts, process: ProcessFacts,
    requests: [(key: RequestCounts.Key, count: Int)] = [], logMessages: [(level: String, count: Int)] = [],
    followUps: FollowUpFacts = FollowUpFacts(), observationLag: Histogram = Histogram(),
    groups: Set<MetricGroup> = Set(MetricGroup.allCases)
  ) {
    self.snapshot = snapshot
    self.program = program
    self.process = process
    self.requests = requests
    self.logMessages = logMessages
    self.followUps = followUps
    self.observationLag = observationLag
    self.groups = groups
  }

  /// The page in a format.
  package func render(_ format: ExpositionFormat) -> [UInt8] {
    let targets = snapshot.targets.map {
      LabelledTarget(labels: LabelSet("target", $0.target.name), state: $0)
    }
    var page = Exposition(format, capacity: 32_768 + 1_536 * groups.count * targets.count)
    for group in MetricGroup.allCases where groups.contains(group) {
      switch group {
      case .targets: page.writeTargets(targets)
      case .results:
        page.writeSchedules(targets)
        page.writeResults(targets, now: snapshot.takenAt)
        page.writeMembers(targets)
        page.writeLogins(targets)
      case .phases: page.writePhases(targets)
      case .tls:
        page.writeTLS(targets, now: snapshot.takenAt)
        page.writePolicies(targets)
      case .capabilities: page.writeOffers(targets)
      case .counters:
        page.writeCounters(targets)
        page.writeDeliveries(targets, snapshot.monitor.deliveries)
      case .latencies:
        page.writeLatencies(targets, snapshot.monitor)
        page.writeDeliveryLatencies(targets, snapshot.monitor.deliveries)
      case .monitor:
        page.writeMonitor(snapshot.monitor, targets: targets.count, observationLag: observationLag)
        page.writeFollowUps(followUps)
        page.writeProgram(program, requests: requests, logMessages: logMessages)
        page.writeProcess(process)
      }
    }
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
