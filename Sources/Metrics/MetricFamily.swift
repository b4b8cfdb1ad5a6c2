/// A family of metrics: one name with its meaning, and any number of series told apart by labels.
package struct MetricFamily: Sendable, Equatable {
  /// What the numbers of a family are.
  package enum Kind: Sendable {
    /// Only grows; its samples end in `_total`.
    case counter
    case gauge
    /// Cumulated buckets, a sum and a count.
    case histogram
    /// Facts as labels, the value always 1; its sample ends in `_info`.
    case info
  }

  /// The name of the samples (for a histogram, without `_bucket`, `_sum` and `_count`).
  package let name: String
  package let kind: Kind
  /// The base unit, which is also the last word of the family's name; nil for plain numbers.
  package let unit: String?
  /// What a series says, in one sentence.
  package let help: String

  /// A family. Names follow Prometheus's rules: a counter ends in `_total`, an info family in `_info`, and
  /// a unit stands in the name; anything else is a mistake in the program.
  package init(_ name: String, _ kind: Kind, unit: String? = nil, help: String) {
    self.name = name
    self.kind = kind
    self.unit = unit
    self.help = help
    precondition(LabelSet.isValidName(name), "\(name): not a metric name")
    precondition((kind == .counter) == name.hasSuffix("_total"), "\(name): a counter ends in _total")
    precondition((kind == .info) == name.hasSuffix("_info"), "\(name): an info family ends in _info")
    precondition(unit.map { familyName.hasSuffix("_\($0)") } ?? true, "\(name): lacks its unit")
  }

  /// The name without the suffix of its kind: what OpenMetrics calls the family.
  var familyName: Substring {
    switch kind {
    case .counter: name.dropLast("_total".count)
    case .info: name.dropLast("_info".count)
    case .gauge, .histogram: name[...]
    }
  }
}
