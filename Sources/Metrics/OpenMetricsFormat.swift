/// OpenMetrics 1.0: metadata carries the family's name without `_total` or `_info`, the order is TYPE, UNIT,
/// HELP, neither comments nor blank lines are allowed, and the page ends with `# EOF`.
enum OpenMetricsFormat {
  static let contentType = "application/openmetrics-text; version=1.0.0; charset=utf-8"
  static let terminator = "# EOF\n"

  /// Writes TYPE, UNIT and HELP.
  static func describe(_ family: MetricFamily, into bytes: inout [UInt8]) {
    let name = family.familyName
    bytes.appendMetadata("TYPE", name)
    bytes.append(contentsOf: keyword(family.kind).utf8)
    bytes.append(UInt8(ascii: "\n"))
    if let unit = family.unit {
      bytes.appendMetadata("UNIT", name)
      bytes.append(contentsOf: unit.utf8)
      bytes.append(UInt8(ascii: "\n"))
    }
    bytes.appendMetadata("HELP", name)
    bytes.appendEscaped(family.help, quotes: true)
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func keyword(_ kind: MetricFamily.Kind) -> String {
    switch kind {
    case .counter: "counter"
    case .gauge: "gauge"
    case .histogram: "histogram"
    case .info: "info"
    }
  }
}
