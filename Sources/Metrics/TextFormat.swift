/// Prometheus's text format 0.0.4: metadata carries the samples' own name, an info family is a gauge, and
/// units are unknown.
enum TextFormat {
  static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  /// Writes HELP and TYPE.
  static func describe(_ family: MetricFamily, into bytes: inout [UInt8]) {
    bytes.appendMetadata("HELP", family.name[...])
    bytes.appendEscaped(family.help, quotes: false)
    bytes.append(UInt8(ascii: "\n"))
    bytes.appendMetadata("TYPE", family.name[...])
    bytes.append(contentsOf: keyword(family.kind).utf8)
    bytes.append(UInt8(ascii: "\n"))
  }

  private static func keyword(_ kind: MetricFamily.Kind) -> String {
    switch kind {
    case .counter: "counter"
    case .gauge, .info: "gauge"
    case .histogram: "histogram"
    }
  }
}
