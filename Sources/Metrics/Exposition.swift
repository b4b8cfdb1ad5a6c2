/// A page of metrics in the making, in one of the two formats that Prometheus scrapes. The series are the
/// same in both.
///
///     var page = Exposition(.text)
///     page.family(runs)
///     page.sample(LabelSet("target", "plunk"), 17)
///     return page.finish()
///
/// Families are written one after the other, each exactly once; one without samples leaves no trace.
package struct Exposition {
  private let bucketSuffix = "_bucket"
  private let format: ExpositionFormat
  private var bytes: [UInt8] = []
  private var pending: MetricFamily?
  /// The current family's sample name.
  private var name: [UInt8] = []
  /// The bounds of the latest histogram, and how the line of each of its buckets goes on behind the labels.
  private var bucketBounds: [Double] = []
  private var bucketEnds: [[UInt8]] = []

  /// An empty page. `capacity` is the size to expect, in bytes.
  package init(_ format: ExpositionFormat, capacity: Int = 16_384) {
    self.format = format
    bytes.reserveCapacity(capacity)
  }

  /// Begins a family; its description is written before its first sample.
  package mutating func family(_ family: MetricFamily) {
    pending = family
    name = Array(family.name.utf8)
  }

  /// A series of the current family.
  package mutating func sample(_ labels: LabelSet, _ value: Double) {
    begin(suffix: "", labels)
    end(labels)
    finishLine(value)
  }

  /// A series of the current family.
  package mutating func sample(_ labels: LabelSet, _ value: Int) {
    begin(suffix: "", labels)
    end(labels)
    finishLine(value)
  }

  /// A series of the current family: 1 or 0.
  package mutating func sample(_ labels: LabelSet, _ value: Bool) { sample(labels, value ? 1 : 0 as Int) }

  /// A series with one label more than `labels` has.
  package mutating func sample(_ labels: LabelSet, _ label: String, _ text: String, _ value: Double) {
    begin(suffix: "", labels)
    end(labels, label, text)
    finishLine(value)
  }

  /// A series with one label more than `labels` has.
  package mutating func sample(_ labels: LabelSet, _ label: String, _ text: String, _ value: Int) {
    begin(suffix: "", labels)
    end(labels, label, text)
    finishLine(value)
  }

  /// A histogram of the current family.
  ///
  /// - Parameters:
  ///   - bounds: The upper bounds of all buckets but the last, ascending.
  ///   - counts: Observations by bucket, not cumulated; one more than `bounds`.
  package mutating func histogram(
    _ labels: LabelSet, bounds: [Double], counts: some Collection<Int>, sum: Double
  ) {
    precondition(counts.count == bounds.count + 1, "the last bucket is beyond every bound")
    if bounds != bucketBounds {
      bucketBounds = bounds
      bucketEnds = (bounds + [.infinity]).map { bound in
        var end = Array("le=\"".utf8)
        end.appendDecimal(bound)
        return end + Array("\"} ".utf8)
      }
    }
    begin(suffix: bucketSuffix, labels)
    // Most of a page are buckets: each line begins like the first.
    let start = bytes.count - name.count - bucketSuffix.utf8.count
    bytes.append(UInt8(ascii: "{"))
    bytes.append(contentsOf: labels.bytes)
    if !labels.bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
    let beginning = Array(bytes[start...])
    var cumulated = 0
    for (index, count) in counts.enumerated() {
      cumulated += count
      if index > 0 { bytes.append(contentsOf: beginning) }
      bytes.append(contentsOf: bucketEnds[index])
      finishLine(cumulated)
    }
    begin(suffix: "_sum", labels)
    end(labels)
    finishLine(sum)
    begin(suffix: "_count", labels)
    end(labels)
    finishLine(cumulated)
  }

  /// Ends the page, and is the whole of it. Where it consumed the page, it would work on a copy of megabytes.
  package mutating func finish() -> [UInt8] {
    bytes.append(contentsOf: format.terminator.utf8)
    return bytes
  }

  private mutating func begin(suffix: String, _ labels: LabelSet) {
    if let family = pending {
      format.describe(family, into: &bytes)
      pending = nil
    }
    bytes.append(contentsOf: name)
    bytes.append(contentsOf: suffix.utf8)
  }

  private mutating func end(_ labels: LabelSet) {
    if !labels.bytes.isEmpty {
      bytes.append(UInt8(ascii: "{"))
      bytes.append(contentsOf: labels.bytes)
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: " "))
  }

  private mutating func end(_ labels: LabelSet, _ label: String, _ text: String) {
    bytes.append(UInt8(ascii: "{"))
    bytes.append(contentsOf: labels.bytes)
    bytes.appendLabel(label, text)
    bytes.append(UInt8(ascii: "}"))
    bytes.append(UInt8(ascii: " "))
  }

  private mutating func finishLine(_ value: Double) {
    bytes.appendDecimal(value)
    bytes.append(UInt8(ascii: "\n"))
  }

  private mutating func finishLine(_ value: Int) {
    bytes.appendDecimal(value)
    bytes.append(UInt8(ascii: "\n"))
  }

}
