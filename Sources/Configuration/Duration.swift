extension Duration {
  /// A duration as it is written in the configuration: a whole number with its unit, such as `500ms`, `30s`,
  /// `5m`, `1h` or `14d`.
  package init(setting text: String) throws(Complaint) {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let form = "must be a number with a unit"
    guard let number = Int64(digits), number <= 1_000_000_000 else {
      throw Complaint(form, cure: "such as 500ms, 30s, 5m, 1h or 14d")
    }
    let duration: Duration
    switch text.dropFirst(digits.count) {
    case "ms": duration = .milliseconds(number)
    case "s": duration = .seconds(number)
    case "m": duration = .seconds(number * 60)
    case "h": duration = .seconds(number * 3600)
    case "d": duration = .seconds(number * 86_400)
    case "": throw Complaint(form, cure: "did you mean \(number)s?")
    default: throw Complaint(form, cure: "such as 500ms, 30s, 5m, 1h or 14d")
    }
    // Far beyond use, and far from where microseconds overflow.
    guard duration <= .seconds(3650 * 86_400) else { throw Complaint("must be at most 3650d") }
    self = duration
  }

  /// The shortest way to write it in the configuration.
  package var setting: String {
    let (seconds, attoseconds) = components
    if attoseconds != 0 { return "\(seconds * 1000 + attoseconds / 1_000_000_000_000_000)ms" }
    let units: [(Int64, String)] = [(86_400, "d"), (3600, "h"), (60, "m")]
    for (size, unit) in units where seconds >= size && seconds % size == 0 {
      return "\(seconds / size)\(unit)"
    }
    return "\(seconds)s"
  }
}
