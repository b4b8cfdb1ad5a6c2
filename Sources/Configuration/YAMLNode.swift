/// A piece of YAML to be written.
indirect enum YAMLNode: Equatable {
  /// Text that is written as it is: a number, a flag, or what has its quotes already.
  case plain(String)
  case null
  case list([YAMLNode])
  case mapping([Member])

  /// A name with its value.
  typealias Member = (String, YAMLNode)

  static func of(_ number: Int) -> YAMLNode { .plain(String(number)) }
  static func of(_ flag: Bool) -> YAMLNode { .plain(flag ? "true" : "false") }
  static func of(_ duration: Duration?) -> YAMLNode { duration.map { .plain($0.setting) } ?? .null }
  static func of(_ text: String?) -> YAMLNode { text.map { .plain(quoted($0)) } ?? .null }
  static func of(_ texts: [String]) -> YAMLNode { .list(texts.map(of)) }

  /// Whether there is nothing in it.
  var isEmpty: Bool {
    switch self {
    case .plain: false
    case .null: true
    case .list(let nodes): nodes.isEmpty
    case .mapping(let members): members.isEmpty
    }
  }

  /// The same without settings that are not set; nil where nothing is left.
  var withoutNulls: YAMLNode? {
    guard case .mapping(let members) = self else { return isEmpty ? nil : self }
    let rest = members.compactMap { key, node in node.withoutNulls.map { (key, $0) } }
    return rest.isEmpty ? nil : .mapping(rest)
  }

  /// What has to be written over `other` to get this; nil where they are the same.
  func difference(from other: YAMLNode) -> YAMLNode? {
    guard self != other else { return nil }
    guard case .mapping(let members) = self, case .mapping(let others) = other else {
      return withoutNulls ?? .null
    }
    return .mapping(zip(members, others).filter { $0.1 != $1.1 }.map(\.0))
  }

  /// The piece as a document.
  var text: String { lines.map { "\($0)\n" }.joined() }

  private var lines: [String] {
    switch self {
    case .plain(let text): [text]
    case .null: ["null"]
    case .list(let nodes) where nodes.isEmpty: ["[]"]
    case .mapping(let members) where members.isEmpty: ["{}"]
    case .list(let nodes): nodes.flatMap { Self.indented($0.lines, first: "- ") }
    case .mapping(let members):
      members.flatMap { key, node -> [String] in
        let name = Self.isPlainName(key) ? key : Self.quoted(key)
        let lines = node.lines
        return node.isNested ? ["\(name):"] + lines.map { "  \($0)" } : ["\(name): \(lines[0])"]
      }
    }
  }

  private var isNested: Bool {
    switch self {
    case .plain, .null: false
    case .list, .mapping: !isEmpty
    }
  }

  private static func indented(_ lines: [String], first: String) -> [String] {
    zip(lines.indices, lines).map { index, line in (index == 0 ? first : "  ") + line }
  }

  private static func isPlainName(_ name: String) -> Bool {
    let isWord = name.utf8.allSatisfy {
      UInt8(ascii: "a") <= $0 | 0x20 && $0 | 0x20 <= UInt8(ascii: "z") || $0 == UInt8(ascii: "_")
    }
    return isWord && !name.isEmpty
      && !["null", "true", "false", "yes", "no", "on", "off", "y", "n"].contains(
        name.lowercased())
  }

  /// A text in double quotes, with the escapes that JSON and YAML share, so that it expands to itself.
  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.replacing("${", with: "$${").unicodeScalars {
      switch scalar {
      case "\"", "\\": quoted += "\\\(scalar)"
      case "\n": quoted += "\\n"
      case "\u{0}"..."\u{1f}", "\u{7f}"..."\u{9f}":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }

  static func == (left: YAMLNode, right: YAMLNode) -> Bool {
    switch (left, right) {
    case (.plain(let left), .plain(let right)): left == right
    case (.null, .null): true
    case (.list(let left), .list(let right)): left == right
    case (.mapping(let left), .mapping(let right)): left.elementsEqual(right, by: ==)
    default: false
    }
  }
}
