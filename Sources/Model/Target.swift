/// One endpoint to watch, with all that says how: what a configuration comes down to.
package struct Target: Sendable, Equatable {
  /// Unique; the value of the label `target`.
  package var name: String
  /// A host name or an address, without brackets or trailing dot.
  package var host: String
  package var port: Int
  package var dialect: Dialect
  /// The module's name; `default` where none is named.
  package var module: String
  package var interval: Duration
  package var group: String?
  /// Labels of `smtp_target_info`, sorted by name.
  package var labels: [(name: String, value: String)]
  /// How to probe. Copies of a target share it: a target is handed around much, and its settings are most of it.
  package var settings: Shared<ProbeSettings>

  /// A target.
  package init(
    name: String, host: String, port: Int, dialect: Dialect = .smtp, module: String = "default",
    interval: Duration = .seconds(30), group: String? = nil,
    labels: [(name: String, value: String)] = [], settings: ProbeSettings = ProbeSettings()
  ) {
    self.name = name
    self.host = host
    self.port = port
    self.dialect = dialect
    self.module = module
    self.interval = interval
    self.group = group
    self.labels = labels.sorted { $0.name < $1.name }
    self.settings = Shared(settings)
  }

  package static func == (left: Target, right: Target) -> Bool {
    left.name == right.name && left.host == right.host && left.port == right.port
      && left.dialect == right.dialect && left.module == right.module && left.interval == right.interval
      && left.group == right.group && left.settings == right.settings
      && left.labels.elementsEqual(right.labels, by: ==)
  }
}

/// The protocol of a target: LMTP (RFC 2033) says LHLO and answers once a recipient.
package enum Dialect: String, CaseIterable, Sendable {
  case smtp
  case lmtp
}
