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
      guard let before = UInt64(text) else {
        throw QueryRefusal(
          "before is not a whole number.", hint: "Use the next_before of the previous page, or leave it out.")
      }
      self.before = before
    }
  }
}

/// Which targets to show: `state` and `group` of a query.
struct TargetFilter {
  private(set) var state: TargetState?
  private(set) var group: String?

  /// The filter that a query asks for.
  init(_ request: Request) throws(QueryRefusal) {
    if let text = request.query("state") {
      guard let state = TargetState(rawValue: text) else {
        let states = TargetState.allCases.map(\.rawValue).joined(separator: ", ")
        throw QueryRefusal("There is no such state.", hint: "state is one of \(states).")
      }
      self.state = state
    }
    group = request.query("group")
  }

  /// Whether it leaves anything out.
  var isActive: Bool { state != nil || group != nil }

  /// What it lets pass, for a person.
  var description: String {
    [state.map { "state \($0.rawValue)" }, group.map { "group \($0)" }].compactMap(\.self)
      .joined(separator: " and ")
  }

  /// The targets that pass, in their order.
  func choose(from targets: [TargetSnapshot]) -> [TargetSnapshot] {
    targets.filter { target in
      (state.map { $0 == target.state } ?? true) && (group.map { $0 == target.target.group } ?? true)
    }
  }
}
