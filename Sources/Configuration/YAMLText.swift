import Yams

/// YAML as values with places. Nothing else of the program knows the library.
enum YAMLText {
  /// The one document of `text`; nil where there is nothing in it. Every scalar is text: what it should be is
  /// for the setting to say, not for its looks.
  static func parse(_ text: String, file: String) throws(ConfigurationError) -> Value? {
    do {
      let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
      guard let root = try parser.singleRoot() else { return nil }
      var room = mostValues
      let value = try convert(root, file, &room)
      if case .text("", isPlain: true) = value.content { return nil }
      return value
    } catch let error as YamlError {
      throw ConfigurationError([finding(for: error, in: text, file)])
    } catch let error as ConfigurationError {
      throw error
    } catch {
      throw ConfigurationError([Finding(.error, at: Place(file: file), "cannot be read as YAML")])
    }
  }

  /// More than any configuration has. Aliases of aliases can stand for a number without bounds.
  private static let mostValues = 1_000_000

  private static func convert(
    _ node: Node, _ file: String, _ room: inout Int
  ) throws(ConfigurationError) -> Value {
    let place = Place(file: file, line: node.mark?.line ?? 0, column: node.mark?.column ?? 0)
    room -= 1
    guard room > 0 else {
      throw ConfigurationError([
        Finding(.error, at: place, "more than \(mostValues) values, aliases included")
      ])
    }
    switch node {
    case .scalar(let scalar):
      return Value(place: place, content: .text(scalar.string, isPlain: scalar.style == .plain))
    case .sequence(let sequence):
      var values: [Value] = []
      for member in sequence { values.append(try convert(member, file, &room)) }
      return Value(place: place, content: .list(values))
    case .mapping(let mapping):
      return Value(place: place, content: .mapping(try convert(mapping, file, &room)))
    case .alias:
      throw ConfigurationError([Finding(.error, at: place, "an alias that stands for nothing")])
    }
  }

  /// The pairs of a mapping; those of a merge key (`<<`) come after the mapping's own and give way to them.
  private static func convert(
    _ mapping: Node.Mapping, _ file: String, _ room: inout Int
  ) throws(ConfigurationError) -> Mapping {
    var result = Mapping()
    var merged = Mapping()
    for (key, node) in mapping {
      let value = try convert(node, file, &room)
      let place = Place(file: file, line: key.mark?.line ?? 0, column: key.mark?.column ?? 0)
      guard case .scalar(let name) = key else {
        throw ConfigurationError([Finding(.error, at: place, "the name of a setting must be text")])
      }
      guard name.string == "<<" else {
        result.entries.append(Mapping.Entry(key: name.string, place: place, value: value))
        continue
      }
      let sources = if case .list(let list) = value.content { list } else { [value] }
      for source in sources {
        guard case .mapping(let pairs) = source.content else {
          throw ConfigurationError([
            Finding(.error, at: place, "'<<' must be a mapping or a list of mappings")
          ])
        }
        merged.entries += pairs.entries.filter { pair in merged[pair.key] == nil }
      }
    }
    result.entries += merged.entries.filter { pair in result[pair.key] == nil }
    return result
  }

  /// The library's error in one line. Its own description quotes the file, which may hold secrets.
  private static func finding(for error: YamlError, in text: String, _ file: String) -> Finding {
    switch error {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      // A quotation mark without its fellow is noticed at the file's end only.
      let mark = problem == unclosed ? context?.mark ?? mark : mark
      let place = Place(file: file, line: mark.line, column: mark.column)
      let after = context.map { " \($0.text)" } ?? ""
      return Finding(.error, at: place, "not YAML: \(problem)\(after)", cure: cure(for: problem))
    case .duplicatedKeysInMapping(let keys, let context):
      let place = Place(file: file, line: context.mark.line, column: context.mark.column)
      let names = keys.map { "'\(shown($0))'" }.joined(separator: ", ")
      return Finding(.error, at: place, "\(names) is set more than once, here first", cure: "keep one")
    case .reader(let problem, let offset, _, _):
      return Finding(.error, at: place(of: offset ?? 0, in: text, file), "not YAML: \(problem)")
    default:
      return Finding(.error, at: Place(file: file), "cannot be read as YAML")
    }
  }

  /// What the library says of a quotation mark that nothing closes.
  private static let unclosed = "found unexpected end of stream"

  private static func cure(for problem: String) -> String {
    switch problem {
    case unclosed: "close the quotation mark that stands here"
    case "did not find expected '-' indicator", "did not find expected key":
      "check the indentation: what belongs together begins in the same column"
    case "found character that cannot start any token":
      "indent with blanks, not tabs; put text that begins with %, @ or ` in quotes"
    case "could not find expected ':'": "a setting is written NAME: VALUE"
    case "did not find expected ',' or '}'", "did not find expected ',' or ']'":
      "put text with braces, brackets or commas in quotes, such as \"${NAME}\""
    case "mapping values are not allowed in this context":
      "check the indentation, and put text with ': ' in quotes"
    case "found undefined alias": "put text that begins with * in quotes"
    default: ""
    }
  }

  private static func place(of offset: Int, in text: String, _ file: String) -> Place {
    let before = text.prefix(offset)
    let lines = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return Place(file: file, line: lines.count, column: (lines.last?.unicodeScalars.count ?? 0) + 1)
  }
}

/// A name as it may be shown. What does not look like a name is cut: a blank left out after a colon makes a
/// value part of it, and the value may be a secret.
func shown(_ key: String) -> String {
  let name = key.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" || $0 == ".") }
  return name.count == key.count && key.count <= 64 ? key : name.prefix(64) + "…"
}
