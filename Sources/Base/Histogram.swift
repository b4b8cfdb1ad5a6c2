/// A latency histogram with the buckets of the interface.
package struct Histogram: Sendable, Equatable {
  /// Upper bounds in seconds; `+Inf` follows them.
  package static let bounds: [Double] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

  /// Observations by bucket, not cumulated; the last is beyond every bound.
  package private(set) var counts: SIMD16<UInt32> = .zero
  /// Seconds in all.
  package private(set) var sum: Double = 0

  /// Nothing observed.
  package init() {}

  /// What was observed before.
  package init(counts: SIMD16<UInt32>, sum: Double) {
    self.counts = counts
    self.sum = sum
  }

  /// How many were observed.
  package var count: Int {
    Self.bounds.indices.reduce(Int(counts[Self.bounds.count])) { $0 + Int(counts[$1]) }
  }

  /// Adds one observation.
  package mutating func observe(_ duration: Duration) {
    let seconds = Double(duration.wholeNanoseconds) / 1e9
    let bucket = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
    counts[bucket] &+= 1
    sum += seconds
  }
}
