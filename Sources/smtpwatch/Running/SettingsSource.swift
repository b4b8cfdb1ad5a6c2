import Configuration

/// Where the configuration comes from: a file, or the environment alone. It can be read again.
struct SettingsSource: Sendable {
  let file: String?
  let variables: [String: String]

  /// Reads the configuration; every finding is in the error where there is one.
  func load() throws(ConfigurationError) -> Loaded {
    if let file { return try Settings.load(file: file, environment: variables) }
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
}
