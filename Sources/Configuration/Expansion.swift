/// `${NAME}` in a configuration's text, and `$${` for a `${` that stays.
enum Expansion {
  /// `text` with the variables put in.
  static func expand(_ text: String, from environment: [String: String]) throws(Complaint) -> String {
    guard text.contains("${") else { return text }
    var result = ""
    var rest = text[...]
    while let dollar = rest.firstRange(of: "${") {
      result += rest[..<dollar.lowerBound]
      rest = rest[dollar.upperBound...]
      if result.hasSuffix("$") {
        result.removeLast()
        result += "${"
        continue
      }
      guard let end = rest.firstIndex(of: "}") else {
        throw Complaint("has '${' without '}'", cure: "write ${NAME}, or $${ for the letters themselves")
      }
      let name = String(rest[..<end])
      guard isName(name) else {
        throw Complaint("has '${…}' around what is no variable's name", cure: "only ${NAME} is expanded")
      }
      guard let value = environment[name] else {
        throw Complaint(
          "names the variable \(name), which is not set", cure: "set \(name) in the environment")
      }
      result += value
      rest = rest[rest.index(after: end)...]
    }
    return result + rest
  }

  /// Whether `name` can be the name of an environment variable.
  static func isName(_ name: String) -> Bool {
    !name.isEmpty && name.first?.isNumber == false
      && name.utf8.allSatisfy { $0 == 0x5F || Character(Unicode.Scalar($0)).isASCIILetterOrDigit }
  }
}

extension Character {
  /// A to Z in both cases, and 0 to 9.
  var isASCIILetterOrDigit: Bool { isASCII && (isLetter || isNumber) }
}
