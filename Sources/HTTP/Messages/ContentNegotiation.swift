/// What a client prefers (RFC 9110 section 12.5).
package enum ContentNegotiation {
  /// One clause of an `Accept` header, such as `text/plain;version=0.0.4;q=0.5`.
  package struct Clause: Sendable, Equatable {
    /// In lower case, such as `text/plain` or `*/*`.
    package var type: String
    /// Names in lower case; `q` is not among them.
    package var parameters: [(name: String, value: String)]
    /// 0 to 1.
    package var quality: Double

    /// The value of a parameter.
    package subscript(name: String) -> String? { parameters.first { $0.name == name }?.value }

    package static func == (left: Clause, right: Clause) -> Bool {
      left.type == right.type && left.quality == right.quality
        && left.parameters.elementsEqual(right.parameters, by: ==)
    }
  }

  /// The clauses of a header, the best first, equals in their order; those with `q=0` are left out.
  package static func clauses(of header: String) -> [Clause] {
    let clauses = header.split(separator: ",").compactMap(clause)
    return clauses.filter { $0.quality > 0 }.enumerated()
      .sorted { ($1.element.quality, $0.offset) < ($0.element.quality, $1.offset) }
      .map(\.element)
  }

  /// Whether an `Accept-Encoding` header allows gzip. Without the header nothing is compressed: the client
  /// did not say that it can undo it.
  package static func acceptsGzip(_ header: String?) -> Bool {
    let clauses = (header ?? "").split(separator: ",").compactMap(clause)
    let named = clauses.last { $0.type == "gzip" || $0.type == "x-gzip" }
    return (named ?? clauses.last { $0.type == "*" }).map { $0.quality > 0 } ?? false
  }

  private static func clause(_ text: Substring) -> Clause? {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(trimmed)
    guard let type = parts.first, !type.isEmpty else { return nil }
    var clause = Clause(type: type.lowercased(), parameters: [], quality: 1)
    for part in parts.dropFirst() {
      let pair = part.split(separator: "=", maxSplits: 1).map(trimmed)
      guard pair.count == 2 else { continue }
      let (name, value) = (pair[0].lowercased(), unquoted(pair[1]))
      if name == "q" {
        clause.quality = min(max(Double(value) ?? 0, 0), 1)
      } else {
        clause.parameters.append((name, value))
      }
    }
    return clause
  }

  private static func trimmed(_ text: Substring) -> Substring {
    func isBlank(_ letter: Character) -> Bool { letter == " " || letter == "\t" }
    let start = text.drop(while: isBlank)
    return start.lastIndex { !isBlank($0) }.map { start[...$0] } ?? ""
  }

  private static func unquoted(_ text: Substring) -> String {
    String(
      text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"") ? text.dropFirst().dropLast() : text)
  }
}
