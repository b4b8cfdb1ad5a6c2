/// A part of a configuration on its way to typed values: a mapping of which every name is known. Each getter
/// is nil where the setting is absent, or wrong and noted.
struct Section {
  /// The setting's own dotted name, empty at the top.
  let path: String
  let place: Place
  let mapping: Mapping
  let reading: Reading
  /// Values here may be secrets, and are never shown.
  private let isSecretive: Bool

  /// A section of a mapping whose names have been checked.
  init(_ mapping: Mapping, path: String, place: Place, reading: Reading, isSecretive: Bool = false) {
    self.mapping = mapping
    self.path = path
    self.place = place
    self.reading = reading
    self.isSecretive = isSecretive
  }

  /// A section of `value`, which must be a mapping with no other names than `keys`. `subject` is what
  /// messages call it where it has no path.
  init?(
    _ value: Value, path: String = "", subject: String = "", keys: [String], reading: Reading,
    isSecretive: Bool = false
  ) {
    guard case .mapping(let mapping) = value.content else {
      let subject = path.isEmpty ? subject : path
      reading.error(
        value.place, "\(subject) must be a mapping, found \(value.kind)", cure: "of \(choices(keys))")
      return nil
    }
    self.init(mapping, path: path, place: value.place, reading: reading, isSecretive: isSecretive)
    for entry in mapping.entries where !keys.contains(entry.key) {
      let name = shown(entry.key)
      reading.error(entry.place, "unknown key '\(name)'", cure: hint(for: name, among: keys))
    }
  }

  private func hint(for name: String, among keys: [String]) -> String {
    let nearest = keys.nearest(to: name)
    // A letter too few or too many is likelier than a setting in the wrong place.
    if let nearest, editDistance(nearest, name) == 1 { return "did you mean '\(nearest)'?" }
    if let home = reading.home(name) { return "it belongs under '\(home)'" }
    if let nearest { return "did you mean '\(nearest)'?" }
    return "known are \(keys.sorted().joined(separator: ", "))"
  }

  /// The dotted name of a setting here.
  func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Where a setting stands, else where the section does.
  func place(_ key: String) -> Place { mapping.place(of: key) ?? place }

  /// Whether a setting is there, good or not.
  func has(_ key: String) -> Bool { mapping[key].map { !$0.isNull } ?? false }

  /// A section within this one.
  func section(_ key: String, keys: [String], isSecretive: Bool = false) -> Section? {
    guard let value = mapping[key], !value.isNull else { return nil }
    return Section(value, path: name(key), keys: keys, reading: reading, isSecretive: isSecretive)
  }

  /// Text as it stands, without `${…}` expanded.
  func rawText(_ key: String) -> String? {
    guard let value = mapping[key], !value.isNull else { return nil }
    return text(of: value, named: name(key), expands: false)
  }

  /// Text.
  func text(_ key: String) -> String? {
    guard let value = mapping[key], !value.isNull else { return nil }
    return text(of: value, named: name(key), expands: true)
  }

  /// Text that `parse` makes a value of, or complains about.
  func parsed<T>(_ key: String, _ parse: (String) throws(Complaint) -> T) -> T? {
    guard let value = mapping[key], let text = text(key) else { return nil }
    return parsed(value, text, named: name(key), parse)
  }

  /// A list of texts.
  func list<T>(_ key: String, _ parse: (String) throws(Complaint) -> T) -> [T]? {
    guard let value = mapping[key], !value.isNull else { return nil }
    guard case .list(let members) = value.content else {
      reading.error(value.place, "\(name(key)) must be a list, found \(value.kind)", cure: "write [A, B]")
      return nil
    }
    return members.compactMap { member in
      text(of: member, named: name(key), expands: true)
        .flatMap { parsed(member, $0, named: name(key), parse) }
    }
  }

  /// A whole number within `range`.
  func number(_ key: String, _ range: ClosedRange<Int>) -> Int? {
    parsed(key) { text throws(Complaint) in
      guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
        range.contains(number)
      else {
        throw Complaint("must be a whole number \(range.lowerBound)-\(range.upperBound)\(found(key, text))")
      }
      return number
    }
  }

  /// `true` or `false`.
  func flag(_ key: String) -> Bool? {
    parsed(key) { text throws(Complaint) in
      guard let flag = Bool(text) else { throw Complaint("must be true or false\(found(key, text))") }
      return flag
    }
  }

  /// A duration of at least `minimum`.
  func duration(_ key: String, atLeast minimum: Duration = .milliseconds(1)) -> Duration? {
    parsed(key) { text throws(Complaint) in
      do throws(Complaint) {
        let duration = try Duration(setting: text)
        guard duration >= minimum else { throw Complaint("must be at least \(minimum.setting)") }
        return duration
      } catch {
        throw Complaint(error.message + found(key, text), cure: error.cure)
      }
    }
  }

  /// One of the words of a closed list.
  func choice<T: RawRepresentable<String>>(_ key: String, _ members: [T]) -> T? {
    parsed(key) { text throws(Complaint) in
      if let member = T(rawValue: text), members.contains(where: { $0.rawValue == text }) { return member }
      let words = members.map(\.rawValue)
      let cure = words.nearest(to: text).map { "did you mean '\($0)'?" } ?? ""
      throw Complaint("must be \(choices(words))\(found(key, text))", cure: cure)
    }
  }

  /// The path of a file, as seen from here.
  func file(_ key: String) -> String? {
    parsed(key) { text throws(Complaint) in
      guard !text.isEmpty else { throw Complaint("is empty", cure: "name a file") }
      return FileText.resolve(text, from: reading.directory)
    }
  }

  /// `, found 'abc'`: the value as it was written, before variables went in, for those may be secrets.
  func found(_ key: String, _ text: String) -> String {
    guard !isSecretive, case .text(let written, _)? = mapping[key]?.content else { return "" }
    return ", found '\(written.prefix(60))'"
  }

  private func text(of value: Value, named name: String, expands: Bool) -> String? {
    guard case .text(let text, let isPlain) = value.content else {
      reading.error(value.place, "\(name) must be text, found \(value.kind)")
      return nil
    }
    if text.isEmpty && isPlain {
      reading.error(
        value.place, "\(name) has no value",
        cure: isSecretive ? "put it in quotes: a # begins a comment" : "give it one, or leave the line out")
      return nil
    }
    guard expands, reading.expands else { return text }
    return parsed(value, text, named: name) { text throws(Complaint) in
      try Expansion.expand(text, from: reading.environment)
    }
  }

  private func parsed<T>(
    _ value: Value, _ text: String, named name: String, _ parse: (String) throws(Complaint) -> T
  ) -> T? {
    do throws(Complaint) {
      return try parse(text)
    } catch {
      reading.error(value.place, "\(name) \(error.message)", cure: error.cure)
      return nil
    }
  }
}
