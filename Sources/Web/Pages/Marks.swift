import Model
import Monitor

/// A state as a shape and a word: nobody needs to tell colours apart.
enum Marks {
  /// The shape and the word.
  static func state(_ state: TargetState) -> HTML {
    "<span class=\"state \(state.rawValue)\">\(shape(state))<span>\(word(state))</span></span>"
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

  /// The shape alone, in the colour of the text around it.
  static func shape(_ state: TargetState) -> HTML {
    """
    <svg class="shape" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">\
    <path fill-rule="evenodd" d="\(outline(state))"/></svg>
    """
  }

  /// Two bars, for what is paused.
  static let pause: HTML = """
    <svg class="shape" viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">\
    <path d="M2 1h4v14h-4zM10 1h4v14h-4z"/></svg>
    """

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
    let bars = records.reversed().enumerated().map { index, record -> HTML in
      let height = record.outcome.barHeight
      return """
        <rect class="\(record.outcome.slug)" x="\(index * 6)" y="\(20 - height)" width="5" \
        height="\(height)"/>
        """
    }
    let width = records.count * 6 - 1
    return """
      <svg class="strip" role="img" aria-label="\(summary(of: records))" viewBox="0 0 \(width) 20" \
      width="\(width)" height="20">\(bars)</svg>
      """
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
