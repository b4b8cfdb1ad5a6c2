/// A piece of a configuration, as it was written, with its place.
struct Value {
  var place: Place
  var content: Content

  /// What a piece can be.
  indirect enum Content {
    /// Text as it stands; `isPlain` without quotes.
    case text(String, isPlain: Bool)
    case list([Value])
    case mapping(Mapping)
  }

  /// `null` or `~`: the setting is to be unset.
  var isNull: Bool {
    if case .text(let text, isPlain: true) = content { text == "~" || text == "null" } else { false }
  }

  /// How messages call it, without what is in it.
  var kind: String {
    switch content {
    case .text("", isPlain: true): "nothing"
    case .text: isNull ? "nothing" : "text"
    case .list: "a list"
    case .mapping: "a mapping"
    }
  }
}

/// Settings by name, in the order of the file.
struct Mapping {
  /// A setting: its name, where that stands, and what it is set to.
  struct Entry {
    var key: String
    var place: Place
    var value: Value
  }

  var entries: [Entry] = []

  /// The setting with that name.
  subscript(key: String) -> Value? { entries.first { $0.key == key }?.value }

  /// Where a setting such as `tls.mode` stands; nil where nobody set it.
  func place(of path: String) -> Place? {
    let parts = path.split(separator: ".", maxSplits: 1).map(String.init)
    guard let value = self[parts[0]], !value.isNull else { return nil }
    guard parts.count > 1 else { return value.place }
    return if case .mapping(let inner) = value.content { inner.place(of: parts[1]) } else { nil }
  }

  /// The settings with those of `other` in front: mappings are joined, everything else is replaced, `null`
  /// takes a setting away. Settings that shut each other out replace one another.
  func overridden(by other: Mapping) -> Mapping {
    var result = self
    if other.entries.contains(where: { Mapping.proofs.contains($0.key) }) {
      result.entries.removeAll { Mapping.proofs.contains($0.key) && other[$0.key] == nil }
    }
    for entry in other.entries {
      let index = result.entries.firstIndex { $0.key == entry.key }
      if entry.value.isNull {
        if let index { result.entries.remove(at: index) }
      } else if let index {
        if case .mapping(let ours) = result.entries[index].value.content,
          case .mapping(let theirs) = entry.value.content
        {
          result.entries[index].value.content = .mapping(ours.overridden(by: theirs))
        } else {
          result.entries[index] = entry
        }
      } else {
        result.entries.append(entry)
      }
    }
    return result
  }

  /// The ways to give a password.
  static let passwords = ["password", "password_file", "password_env"]
  /// The ways to give a token.
  static let tokens = ["token_file", "oauth2"]
  /// The ways to give a password or a token, of which a login has one.
  static let proofs = passwords + tokens
}
