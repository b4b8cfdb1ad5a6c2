import CRunbooks

/// What to do about a reason, as `deploy/runbooks/reasons` says it.
package struct Runbook: Sendable {
  /// The reason's name in snake case.
  package let reason: String
  /// Markdown.
  package let text: String

  /// The runbook of a reason by its name; nil where there is none.
  package init?(_ reason: String) {
    guard let text = unsafe crunbooks_text(reason) else { return nil }
    self.reason = reason
    self.text = unsafe String(cString: text)
  }
}
