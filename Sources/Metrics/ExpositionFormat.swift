/// The formats of an exposition.
package enum ExpositionFormat: CaseIterable, Sendable {
  /// Prometheus's text format 0.0.4.
  case text
  /// OpenMetrics 1.0.
  case openMetrics

  /// The value of `Content-Type`.
  package var contentType: String {
    switch self {
    case .text: TextFormat.contentType
    case .openMetrics: OpenMetricsFormat.contentType
    }
  }

  /// What ends a page.
  var terminator: String {
    switch self {
    case .text: ""
    case .openMetrics: OpenMetricsFormat.terminator
    }
  }

  /// Writes the lines that stand before a family's samples.
  func describe(_ family: MetricFamily, into bytes: inout [UInt8]) {
    switch self {
    case .text: TextFormat.describe(family, into: &bytes)
    case .openMetrics: OpenMetricsFormat.describe(family, into: &bytes)
    }
  }
}

extension [UInt8] {
  /// Appends `# KEYWORD NAME ` of a line about a family.
  mutating func appendMetadata(_ keyword: String, _ name: Substring) {
    append(contentsOf: "# ".utf8)
    append(contentsOf: keyword.utf8)
    append(UInt8(ascii: " "))
    append(contentsOf: name.utf8)
    append(UInt8(ascii: " "))
  }
}
