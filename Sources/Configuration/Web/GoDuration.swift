extension Duration {
  /// A duration in the words of Go, such as `1s`, `1m30s`, `1.5h` or `500ms`; a number alone is nanoseconds.
  init(go text: String) throws(Complaint) {
    let complaint = Complaint("must be a duration", cure: "such as 500ms, 1s or 1m30s")
    if let nanoseconds = Int64(text), nanoseconds >= 0 {
      self = .nanoseconds(nanoseconds)
      return
    }
    var rest = text[...]
    var seconds = 0.0
    repeat {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { !$0.isNumber && $0 != "." }
      rest = rest.dropFirst(unit.count)
      guard let number = Double(digits), let scale = Self.units[String(unit)] else { throw complaint }
      seconds += number * scale
    } while !rest.isEmpty
    guard seconds <= 1e9 else { throw complaint }
    self = .seconds(seconds)
  }

  private static let units = [
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600,
  ]
}
