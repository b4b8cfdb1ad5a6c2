import Configuration

/// Where the configuration comes from: a file, or the environment alone. It can be read again.
struct SettingsSource: Sendable {
  let file: String?
  let variables: [String: String]

  /// Reads the configuration; every finding is in the error where there is one. The lists from URLs are those of the
  /// configuration in use, and what was fetched since.
  func load(
    after inUse: Loaded? = nil, fetched: [String: FetchedList] = [:]
  ) throws(ConfigurationError) -> Loaded {
    if let file {
      return try Settings.load(file: file, environment: variables, after: inUse, fetched: fetched)
    }
    guard let loaded = try Settings.fromEnvironment(variables) else {
      throw ConfigurationError([
        Finding(
          .error, at: Place(file: "environment"),
          "there is nothing to watch: neither --config.file nor SMTP_SERVER is given",
          cure:
            "write a configuration and name it with --config.file, or set SMTP_SERVER; see 'smtpwatch demo'")
      ])
    }
    return loaded
  }

  /// Reads it again while it is in use: a list of targets that has turned bad keeps its text.
  ///
  /// - Parameter all: the configuration file is read too, not the lists and secrets alone.
  func reload(
    _ inUse: Loaded, fetched: [String: FetchedList], all: Bool
  ) throws(ConfigurationError) -> Loaded {
    guard let file else { return try load() }
    return try Settings.reload(inUse, file: file, rereadsFile: all, environment: variables, fetched: fetched)
  }
}
