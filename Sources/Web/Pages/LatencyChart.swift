import Model
import Monitor

/// How long the last probes took, each a bar of its phases, the oldest on the left.
struct LatencyChart {
  var records: [ResultRecord]

  private static let height = 120
  /// The chart has room for so many at least: bars are to look like bars.
  private static let fewest = 60

  /// The chart; nothing without results.
  var html: HTML? {
    let past = Array(records.reversed())
    let longest = past.map { Self.total($0) }.max() ?? .zero
    guard past.count > 1, longest > .zero else { return nil }
    let empty = max(0, Self.fewest - past.count)
    let bars = past.enumerated().map { index, record in bar(record, at: empty + index, longest: longest) }
    return """
      <h2>Latency over time</h2>
      <svg class="latency" role="img" aria-label="\(summary(past))" preserveAspectRatio="none" \
      viewBox="0 0 \((empty + past.count) * 10) \(Self.height)">\(bars)</svg>
      \(legend(past))
      """
  }

  private static func total(_ record: ResultRecord) -> Duration {
    record.phases.reached.reduce(.zero) { $0 + $1.time }
  }

  private func bar(_ record: ResultRecord, at index: Int, longest: Duration) -> HTML {
    var top = Self.height
    let pieces = record.phases.reached.compactMap { phase, time -> HTML? in
      let height = Int((time / longest * Double(Self.height - 4)).rounded())
      guard height > 0 else { return nil }
      top -= height
      return """
        <rect class="p\(Self.colour(of: phase))" x="\(index * 10 + 1)" y="\(top)" width="8" height="\(height)"/>
        """
    }
    let words = "\(Wording.moment(record.startedAt)): \(Wording.latency(record.duration))"
    return "<g><title>\(words), \(Wording.reason(record.reason))</title>\(pieces)</g>"
  }

  /// Phases that follow each other have colours that differ in lightness; after nine they begin again.
  private static func colour(of phase: Phase) -> Int {
    phase == .quit ? 9 : (Phase.allCases.firstIndex(of: phase) ?? 0) % 9
  }

  private func legend(_ past: [ResultRecord]) -> HTML {
    let reached = Set(past.flatMap { $0.phases.reached.map(\.phase) })
    let items = Phase.allCases.filter(reached.contains).map { phase -> HTML in
      """
      <li><svg class="key" viewBox="0 0 1 1" aria-hidden="true">\
      <rect class="p\(Self.colour(of: phase))" width="1" height="1"/></svg> \(Wording.phase(phase))</li>
      """
    }
    return "<ul class=\"legend\">\(items)</ul>"
  }

  /// `last 60 probes: 12 ms to 231 ms, in the middle 14 ms`.
  private func summary(_ past: [ResultRecord]) -> String {
    let sorted = past.map(\.duration).sorted()
    let (least, middle, most) = (sorted[0], sorted[sorted.count / 2], sorted[sorted.count - 1])
    return "last \(sorted.count) probes: \(Wording.latency(least)) to \(Wording.latency(most)), "
      + "in the middle \(Wording.latency(middle))"
  }
}
