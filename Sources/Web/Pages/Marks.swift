import Model
import Monitor

/// A state as a shape and a word: nobody needs to tell colours apart.
enum Marks {
  /// The word; the style sheet puts the shape before it.
  static func state(_ state: TargetState) -> HTML {
    "<b class=\"state \(state.rawValue)\">\(word(state))</b>"
  }

  /// The state's name.
  static func word(_ state: TargetState) -> String {
    switch state {
    case .down: "Down"
    case .degraded: "Degraded"
    case .inconclusive: "Inconclusive"
    case .pending: "Pending"
    case .up: "Up"
    }
  }

  /// Two bars, for what is paused.
  static let pause: HTML = """
    <svg class="shape" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">\
    <path d="M2 1h4v14h-4zM10 1h4v14h-4z"/></svg>
    """

  /// A padlock, as wide as the word that it stands for: that is what is read out, and copied.
  static let lock: HTML = "<b class=\"lock\" title=\"went over TLS\">TLS</b>"

  /// The shape as a picture of its own, for the tab of a browser.
  static func icon(_ state: TargetState) -> HTML {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">\
    <path fill="\(colour(state))" fill-rule="evenodd" d="\(outline(state))"/></svg>
    """
  }

  /// A cross, a triangle, a diamond, an empty ring or a filled circle.
  private static func outline(_ state: TargetState) -> String {
    switch state {
    case .down: "M1 4l3-3 4 4 4-4 3 3-4 4 4 4-3 3-4-4-4 4-3-3 4-4z"
    case .degraded: "M8 1l7.5 14h-15z"
    case .inconclusive: "M8 0l8 8-8 8-8-8z"
    case .pending: "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14zm0 3a4 4 0 1 1 0 8a4 4 0 1 1 0-8z"
    case .up: "M8 1a7 7 0 1 0 0 14a7 7 0 1 0 0-14z"
    }
  }

  /// Colours that can be seen on light and dark tabs.
  private static func colour(_ state: TargetState) -> String {
    switch state {
    case .down: "#d55e00"
    case .degraded: "#e69f00"
    case .inconclusive: "#8c7ab8"
    case .pending: "#8a94a0"
    case .up: "#2b8ad0"
    }
  }

  /// The last results as a strip of bars, oldest first: failures stand high, good ones low, so that shape
  /// tells them apart as colour does.
  static func strip(_ records: [ResultRecord]) -> HTML {
    guard !records.isEmpty else { return "<span class=\"quiet\">no history yet</span>" }
    return """
      <svg class="strip" role="img" aria-label="\(summary(of: records))" \
      width="\(records.count * 6 - 1)" height="20">\(bars(records))</svg>
      """
  }

  /// One dashed line for each outcome: probes in a row with the same outcome are one piece of it, so that a
  /// quiet target takes few bytes.
  private static func bars(_ records: [ResultRecord]) -> [HTML] {
    var lines: [Outcome: String] = [:]
    var (start, index) = (0, 0)
    let past = Array(records.reversed())
    while start < past.count {
      let outcome = past[start].outcome
      while index < past.count, past[index].outcome == outcome { index += 1 }
      lines[outcome, default: ""] += "M\(start * 6) \(20 - outcome.barHeight / 2)h\((index - start) * 6 - 1)"
      start = index
    }
    return Outcome.allCases.compactMap { outcome in
      lines[outcome].map { "<path class=\"\(outcome.slug)\" d=\"\($0)\"/>" }
    }
  }

  /// The latencies of the last probes as a line, oldest on the left; nothing where there is no line yet.
  static func line(_ records: [ResultRecord]) -> HTML? {
    let times = records.prefix(20).reversed().map(\.duration.seconds)
    guard times.count > 2, let most = times.max(), most > 0 else { return nil }
    let heights = times.map { 15 - Int(($0 / most * 13).rounded()) }
    var path = "M0 \(heights[0])l"
    for (before, height) in zip(heights, heights.dropFirst()) {
      path += height < before ? "3\(height - before) " : "3 \(height - before) "
    }
    return "<svg class=\"line\" aria-hidden=\"true\"><path d=\"\(String(path.dropLast()))\"/></svg>"
  }

  /// `last 40 probes: 38 up, 2 down`.
  private static func summary(of records: [ResultRecord]) -> String {
    let counts = Outcome.allCases.compactMap { outcome in
      let count = records.count { $0.outcome == outcome }
      return count > 0 ? "\(count) \(outcome.slug)" : nil
    }
    return "last \(records.count) probes: \(counts.joined(separator: ", "))"
  }
}

extension Outcome {
  fileprivate var barHeight: Int {
    switch self {
    case .up: 8
    case .degraded: 14
    case .inconclusive: 4
    case .down: 20
    }
  }
}
