/// A path with what answers it.
package struct Route: Sendable {
  /// Answers a request; the second argument holds what stood in the place of the braces, in order.
  package typealias Answer = @Sendable (Request, [String]) -> Reply

  private enum Segment {
    case fixed(String)
    case any
  }

  /// The name that requests are counted under.
  package let handler: String
  /// The methods that it knows; HEAD comes with GET.
  let methods: [String]
  let answer: Answer
  private let pattern: [Segment]

  /// A route. The pattern is a path such as `/targets/{name}`, where braces stand for any one segment.
  package init(_ pattern: String, handler: String, methods: [String] = ["GET"], answer: @escaping Answer) {
    self.handler = handler
    self.methods = methods.contains("GET") ? methods + ["HEAD"] : methods
    self.answer = answer
    self.pattern = pattern.split(separator: "/").map { $0.hasPrefix("{") ? .any : .fixed(String($0)) }
  }

  /// What the braces stand for in a path that fits; nil where it does not.
  func match(_ path: some Collection<String>) -> [String]? {
    guard path.count == pattern.count else { return nil }
    var captured: [String] = []
    for (segment, expected) in zip(path, pattern) {
      switch expected {
      case .fixed(segment): break
      case .fixed: return nil
      case .any: captured.append(segment)
      }
    }
    return captured
  }
}
