import HTTP
package import Metrics

/// Which format a scraper gets.
package struct MetricsNegotiation: Sendable, Equatable {
  package var format: ExpositionFormat
  /// The value of `Content-Type`.
  package var contentType: String

  /// The format of the best clause that names one that we write; text where none does. A wildcard gets text,
  /// so that browsers and curl see something readable.
  package init(accept: String?) {
    for clause in ContentNegotiation.clauses(of: accept ?? "") {
      guard let format = Self.format(of: clause) else { continue }
      self.format = format
      contentType = format.contentType + Self.escaping(of: clause)
      return
    }
    format = .text
    contentType = format.contentType
  }

  private static func format(of clause: ContentNegotiation.Clause) -> ExpositionFormat? {
    switch (clause.type, clause["version"]) {
    case ("application/openmetrics-text", "1.0.0"): .openMetrics
    case ("text/plain", nil), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _): .text
    default: nil
    }
  }

  /// Our names need no escaping: they are the same under every scheme but `dots`, which we do not write.
  private static func escaping(of clause: ContentNegotiation.Clause) -> String {
    switch clause["escaping"] {
    case "allow-utf-8", "underscores", "dots", "values": "; escaping=underscores"
    default: ""
    }
  }
}
