package import Model

/// A whole configuration, checked and resolved.
package struct Settings: Sendable, Equatable {
  /// What to watch, each with its module and its own overrides applied, in the order of the files.
  package var targets: [Target] = []
  /// The ways to probe, by name; `default` is always there.
  package var modules: [String: ProbeSettings] = ["default": ProbeSettings()]
  /// The modules that leave the TLS mode to the port.
  package var modulesWithoutMode: Set<String> = ["default"]
  package var history = HistorySettings()
  package var allowance = ProbeAllowance()
  package var limits = Limits()
  /// The families that a scrape gets; every one where the configuration names none.
  package var metricGroups = Set(MetricGroup.allCases)
  /// Control hosts: when all fail, results are inconclusive.
  package var networkCheck: [HostPort] = []
  /// Every file that the settings come from: the configuration, lists of targets, secrets, TLS material.
  package var files: [String] = []
  /// The patterns of `target_files`, as paths that can be expanded again.
  package var targetFilePatterns: [Glob] = []

  /// Lists of targets to be fetched.
  package var targetURLs: [TargetURL] = []

  /// A configuration with nothing to watch.
  package init() {}

  /// A target for one probe of `endpoint` in the way of `module`, without a schedule; nil for an unknown
  /// module. A mode in the endpoint's URL goes before the module's, and that before the port's own.
  package func target(for endpoint: Endpoint.Server, module: String = "default") -> Target? {
    guard var settings = modules[module] else { return nil }
    if endpoint.isModeGiven || modulesWithoutMode.contains(module) { settings.tls.mode = endpoint.tlsMode }
    var target = Target(
      name: endpoint.host, host: endpoint.host, port: endpoint.port, dialect: endpoint.dialect,
      module: module, settings: settings)
    if settings.policy.domain == nil, let domain = target.mailDomain {
      target.settings.policy.domain = domain.lowercased()
    }
    return target
  }
}

/// How much of the past to keep for each target.
package struct HistorySettings: Sendable, Equatable {
  package var results = 512
  package var transcripts = 20

  /// The defaults.
  package init() {}
}

/// How many probes may run at once.
package struct Limits: Sendable, Equatable {
  /// In all.
  package var inFlight = 1000
  /// To one address.
  package var perAddress = 4

  /// The defaults.
  package init() {}
}

/// Which hosts `/probe` may reach.
package struct ProbeAllowance: Sendable, Equatable {
  /// The hosts of the configured targets, on their ports and on those of mail.
  package var configured = true
  package var any = false
  /// Further hosts by pattern.
  package var hosts: [Glob] = []

  /// The hosts of the configured targets and no other.
  package init() {}

  /// Whether a host may be probed on demand; `isConfigured` says that a target names it, and the port is one for it.
  package func permits(host: String, isConfigured: Bool) -> Bool {
    any || (configured && isConfigured) || hosts.contains { $0.matches(host.lowercased()) }
  }
}

/// A host with a port.
package struct HostPort: Sendable, Hashable, CustomStringConvertible {
  /// A name or an address, without brackets.
  package var host: String
  package var port: Int

  /// A host with a port.
  package init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package var description: String {
    host.contains(":") && !host.hasPrefix("mx:") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

/// Settings with what is odd about them.
package struct Loaded: Sendable, Equatable {
  package var settings: Settings
  package var warnings: [Finding]
  /// The text of the configuration file, which may hold passwords.
  package var text: Secret
  /// The lists of targets beside it.
  package var lists: [TargetList] = []

  /// Settings without any list of targets beside them.
  package init(settings: Settings, warnings: [Finding], text: Secret = Secret(""), lists: [TargetList] = []) {
    self.settings = settings
    self.warnings = warnings
    self.text = text
    self.lists = lists
  }
}
