import HTTP
import Model
import Monitor

/// A query that makes no sense, and what would.
struct QueryRefusal: Error {
  var problem: Problem

  init(_ error: String, hint: String) { problem = Problem(status: 400, error: error, hint: hint) }
}

/// Where a page of history begins, and how long it is: `limit` and `before` of a query.
struct PagePosition {
  static let limits = 1...1000

  private(set) var limit = 50
  private(set) var before: UInt64?

  /// The position that a query asks for.
  init(_ request: Request) throws(QueryRefusal) {
    if let text = request.query("limit") {
      guard let limit = Int(text), Self.limits.contains(limit) else {
        throw QueryRefusal(
          "limit is not a whole number from \(Self.limits.lowerBound) to \(Self.limits.upperBound).",
          hint: "Use limit=100, and before for what is older.")
      }
      self.limit = limit
    }
    if let text = request.query("before") {
      // Whatever reads JSON has whole numbers up to there.
      guard let before = UInt64(text), before < 1 << 53 else {
        throw QueryRefusal(
          "before is not a whole number.", hint: "Use the next_before of the previous page, or leave it out.")
      }
      self.before = before
    }
  }
}

/// Which families a scrape wants: `collect[]` of a query, as often as there are groups.
struct MetricChoice {
  private(set) var groups: Set<MetricGroup>

  /// The groups that a query names; those of the configuration where it names none.
  init(_ request: Request, configured: Set<MetricGroup>) throws(QueryRefusal) {
    groups = []
    for (name, value) in request.query where name == "collect[]" {
      guard let group = MetricGroup(rawValue: value) else {
        let groups = MetricGroup.allCases.map(\.rawValue).joined(separator: ", ")
        throw QueryRefusal("There is no such group of metrics.", hint: "collect[] is one of \(groups).")
      }
      groups.insert(group)
    }
    if groups.isEmpty { groups = configured }
  }
}

/// Which targets to show, and in which order: `state`, `group`, `q` and `sort` of a query.
struct TargetFilter {
  /// What targets can be sorted by.
  enum Order: String, CaseIterable {
    /// As in the configuration.
    case configuration
    /// The worst first.
    case state
    case name
    /// The slowest first.
    case latency
    /// The latest change first.
    case since
    /// The next to end first.
    case certificate
  }

  private(set) var state: TargetState?
  private(set) var group: String?
  /// In lower case.
  private(set) var words: String?
  private(set) var order: Order?

  /// The filter that a query asks for; an empty value asks for nothing.
  init(_ request: Request) throws(QueryRefusal) {
    if let text = Self.value("state", of: request) {
      guard let state = TargetState(rawValue: text) else {
        let states = TargetState.allCases.map(\.rawValue).joined(separator: ", ")
        throw QueryRefusal("There is no such state.", hint: "state is one of \(states).")
      }
      self.state = state
    }
    if let text = Self.value("sort", of: request) {
      guard let order = Order(rawValue: text) else {
        let orders = Order.allCases.map(\.rawValue).joined(separator: ", ")
        throw QueryRefusal("There is no such order.", hint: "sort is one of \(orders).")
      }
      self.order = order
    }
    group = request.query("group").flatMap { $0.isEmpty ? nil : $0 }
    words = request.query("q").flatMap { $0.isEmpty ? nil : $0.lowercased() }
  }

  private static func value(_ name: String, of request: Request) -> String? {
    // In the API an empty word is a wrong one; a form sends one for every field that is left alone.
    request.query(name).flatMap { $0.isEmpty && request.path.first != "api" ? nil : $0 }
  }

  /// Whether it leaves anything out.
  var isActive: Bool { state != nil || group != nil || words != nil }

  /// What it lets pass, for a person.
  var description: String {
    [
      state.map { "state \($0.rawValue)" }, group.map { "group \($0)" }, words.map { "names with “\($0)”" },
    ].compactMap(\.self).joined(separator: " and ")
  }

  /// The targets that pass, in order.
  func choose(from targets: [TargetSnapshot]) -> [TargetSnapshot] {
    let chosen = targets.filter { target in
      (state.map { $0 == target.state } ?? true) && (group.map { $0 == target.target.group } ?? true)
        && (words.map { target.isNamed($0) } ?? true)
    }
    guard let order, order != .configuration else { return chosen }
    return chosen.enumerated().sorted { left, right in
      switch order.compare(left.element, right.element) {
      case let order where order != 0: order < 0
      default: left.offset < right.offset
      }
    }.map(\.element)
  }
}

extension TargetFilter.Order {
  /// Negative where the first comes before the second, 0 where that does not matter.
  fileprivate func compare(_ left: TargetSnapshot, _ right: TargetSnapshot) -> Int {
    switch self {
    case .configuration: 0
    case .state: Self.order(left.state, right.state)
    case .name: Self.order(left.target.name.lowercased(), right.target.name.lowercased())
    case .latency: Self.order(right.last?.duration ?? .zero, left.last?.duration ?? .zero)
    case .since: Self.order(right.since?.microseconds ?? 0, left.since?.microseconds ?? 0)
    case .certificate:
      Self.order(
        left.certificate?.chainNotAfter.microseconds ?? .max,
        right.certificate?.chainNotAfter.microseconds ?? .max)
    }
  }

  private static func order<Value: Comparable>(_ left: Value, _ right: Value) -> Int {
    left < right ? -1 : right < left ? 1 : 0
  }
}

extension TargetSnapshot {
  /// Whether its name, host or group has these words in it.
  fileprivate func isNamed(_ words: String) -> Bool {
    [target.name, target.host, target.group ?? ""].contains { $0.lowercased().contains(words) }
  }
}
