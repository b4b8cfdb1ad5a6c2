extension Settings {
  /// Reads a configuration file and every file that it names. Throws all that is wrong, not the first fault
  /// only. Nothing is sent over any network.
  package static func load(file: String, environment: [String: String]) throws(ConfigurationError) -> Loaded {
    let reading = Reading(environment: environment, directory: FileText.directory(of: file))
    let text = try reading.configuration(file, at: nil)
    return try parse(text, file: file, reading)
  }

  /// The same for text that is already here; paths in it are seen from `directory`.
  package static func parse(
    yaml: String, file: String = "config.yml", directory: String = "", environment: [String: String] = [:]
  ) throws(ConfigurationError) -> Loaded {
    try parse(yaml, file: file, Reading(environment: environment, directory: directory))
  }

  private static func parse(
    _ text: String, file: String, _ reading: Reading
  ) throws(ConfigurationError) -> Loaded {
    guard let root = try YAMLText.parse(text, file: file) else {
      let cure = "it needs at least one of 'targets', 'target_files' and 'modules'"
      throw ConfigurationError([Finding(.error, at: Place(file: file), "the file is empty", cure: cure)])
    }
    var parts = SettingsReading(reading)
    var settings = parts.settings(of: root)
    settings.files = reading.files
    return Loaded(settings: settings, warnings: try reading.warnings())
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
