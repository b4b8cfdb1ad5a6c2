import Model

extension Settings {
  /// Reads a configuration file and every file that it names. Throws all that is wrong, not the first fault
  /// only. Nothing is sent over any network.
  ///
  /// - Parameters:
  ///   - inUse: the configuration in use, whose lists from URLs stay.
  ///   - fetched: what came from URLs since, by their names.
  package static func load(
    file: String, environment: [String: String], after inUse: Loaded? = nil,
    fetched: [String: FetchedList] = [:]
  ) throws(ConfigurationError) -> Loaded {
    let reading = Reading(environment: environment, directory: FileText.directory(of: file))
    let lists = ListsInUse(texts: inUse?.texts ?? [:], fetched: fetched)
    return try parse(try reading.configuration(file, at: nil), file: file, reading, listsInUse: lists)
  }

  /// Reads the lists of targets and the secrets again for a configuration in use. A list that has turned bad keeps
  /// the text that was good, and its faults are told beside; what else is wrong is thrown.
  ///
  /// - Parameter rereadsFile: reads the configuration file again too; its text in use serves otherwise.
  package static func reload(
    _ inUse: Loaded, file: String, rereadsFile: Bool, environment: [String: String],
    fetched: [String: FetchedList] = [:]
  ) throws(ConfigurationError) -> Loaded {
    let reading = Reading(environment: environment, directory: FileText.directory(of: file))
    if !rereadsFile { reading.assume(inUse.text, in: file) }
    let lists = ListsInUse(texts: inUse.texts, fetched: fetched, isStrict: false)
    return try parse(try reading.configuration(file, at: nil), file: file, reading, listsInUse: lists)
  }

  /// The same for text that is already here; paths in it are seen from `directory`.
  package static func parse(
    yaml: String, file: String = "config.yml", directory: String = "", environment: [String: String] = [:]
  ) throws(ConfigurationError) -> Loaded {
    try parse(yaml, file: file, Reading(environment: environment, directory: directory))
  }

  private static func parse(
    _ text: String, file: String, _ reading: Reading, listsInUse: ListsInUse = ListsInUse()
  ) throws(ConfigurationError) -> Loaded {
    guard let root = try YAMLText.parse(text, file: file) else {
      let cure = "it needs at least one of 'targets', 'target_files' and 'modules'"
      throw ConfigurationError([Finding(.error, at: Place(file: file), "the file is empty", cure: cure)])
    }
    var parts = SettingsReading(reading, listsInUse: listsInUse)
    var settings = parts.settings(of: root)
    settings.files = reading.files
    return Loaded(
      settings: settings, warnings: try reading.warnings(), text: Secret(text), lists: parts.lists)
  }
}

extension Loaded {
  fileprivate var texts: [String: Secret] {
    Dictionary(lists.map { ($0.name, $0.text) }) { first, _ in first }
  }
}

extension Reading {
  /// The text of a configuration file. A file that another one names is missed at that place.
  func configuration(_ file: String, at place: Place?) throws(ConfigurationError) -> String {
    let bytes: [UInt8]
    do throws(FileText.Fault) {
      bytes = try contents(of: file)
    } catch {
      let message =
        place == nil ? "cannot be read: \(error.message)" : "cannot read \(file): \(error.message)"
      throw ConfigurationError([Finding(.error, at: place ?? Place(file: file), message)])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      let line = 1 + String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{FFFD}" }.count { $0.isNewline }
      let place = Place(file: file, line: line, column: 1)
      throw ConfigurationError([
        Finding(.error, at: place, "has bytes that are not UTF-8", cure: "save it as UTF-8")
      ])
    }
    return text
  }
}
