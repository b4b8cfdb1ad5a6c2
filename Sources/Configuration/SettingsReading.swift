import Model

/// The way from a configuration's values to settings.
struct SettingsReading {
  let reading: Reading
  var settings = Settings()
  /// The lists of targets that were read.
  var lists: [TargetList] = []
  /// The lists in use, which stand in for those that have turned bad.
  let listsInUse: ListsInUse
  private(set) var modules: [String: Section] = [:]
  private var usedModules: Set<String> = []
  private var names: [String: Place] = [:]
  private var lint: Lint

  /// A reading with nothing read.
  init(_ reading: Reading, listsInUse: ListsInUse = ListsInUse()) {
    self.reading = reading
    self.listsInUse = listsInUse
    lint = Lint(reading)
  }

  /// The settings of a configuration file's value. Faults are noted in the reading.
  mutating func settings(of root: Value) -> Settings {
    guard let top = Section(root, subject: "a configuration", keys: Keys.top, reading: reading) else {
      return settings
    }
    readWhole(top)
    readModules(top)
    if let targets = top.mapping["targets"] { readTargets(targets) }
    readTargetFiles(top)
    readTargetURLs(top)
    for (name, section) in modules where !usedModules.contains(name) {
      // No target fills in what it lacks.
      settings.modules[name] = section.probeSettings(isWhole: true)
    }
    lint.checkTogether(limits: settings.limits)
    return settings
  }

  private mutating func readWhole(_ top: Section) {
    if let history = top.section("history", keys: Keys.history) {
      history.number("results", 1...1_000_000).map { settings.history.results = $0 }
      history.number("transcripts", 0...10_000).map { settings.history.transcripts = $0 }
    }
    if let limits = top.section("limits", keys: Keys.limits) {
      limits.number("in_flight", 1...1_000_000).map { settings.limits.inFlight = $0 }
      limits.number("per_address", 1...1_000_000).map { settings.limits.perAddress = $0 }
    }
    let groups = top.section("metrics", keys: Keys.metrics)?.list("collect") { text throws(Complaint) in
      guard let group = MetricGroup(rawValue: text) else {
        let names = MetricGroup.allCases.map(\.rawValue)
        throw Complaint(
          "has '\(shown(text))', which is no group of metrics",
          cure: names.nearest(to: text).map { "did you mean '\($0)'?" } ?? "known are \(choices(names))")
      }
      return group
    }
    groups.map { settings.metricGroups = Set($0) }
    let allow = top.section("probe", keys: Keys.probe)?.list("allow") { text throws(Complaint) in
      if text != "configured", ["configured"].nearest(to: text) != nil {
        throw Complaint("has '\(shown(text))', which is no host", cure: "did you mean 'configured'?")
      }
      return text
    }
    if let allow {
      settings.allowance.configured = allow.contains("configured")
      settings.allowance.any = allow.contains("any")
      settings.allowance.hosts = allow.filter { $0 != "configured" && $0 != "any" }.map {
        Glob($0.lowercased())
      }
    }
    let controls = top.list("network_check") { text throws(Complaint) in
      let (host, port) = try Endpoint.hostAndPort(text)
      guard let port else { throw Complaint("has a host without a port", cure: "write HOST:PORT") }
      return HostPort(host: host, port: port)
    }
    controls.map { settings.networkCheck = $0 }
  }

  private mutating func readModules(_ top: Section) {
    guard let value = top.mapping["modules"], !value.isNull else { return }
    guard case .mapping(let mapping) = value.content else {
      return reading.error(value.place, "modules must be a mapping of names, found \(value.kind)")
    }
    for entry in mapping.entries {
      guard !entry.key.isEmpty else {
        reading.error(entry.place, "a module must have a name")
        continue
      }
      let subject = "the module '\(shown(entry.key))'"
      guard let section = Section(entry.value, subject: subject, keys: Keys.module, reading: reading) else {
        // Its targets shall not be told that it is missing.
        modules[entry.key] = Section(Mapping(), path: "", place: entry.place, reading: reading)
        continue
      }
      let module = section.probeSettings(isWhole: false)
      lint.check(module, section)
      modules[entry.key] = section
      settings.modules[entry.key] = module
      settings.modulesWithoutMode.remove(entry.key)
      if section.mapping.place(of: "tls.mode") == nil { settings.modulesWithoutMode.insert(entry.key) }
    }
  }

  /// Reads a list; a foreign one has groups only.
  mutating func readTargets(_ value: Value, isForeign: Bool = false) {
    guard !value.isNull else { return }
    guard case .list(let list) = value.content else {
      return reading.error(
        value.place, "targets must be a list, found \(value.kind)", cure: "begin each target with '- '")
    }
    for member in list {
      if isForeign || TargetGroup.isGroup(member) {
        let group = TargetGroup(member, isForeign: isForeign, reading: reading)
        for target in group?.targets() ?? [] { readTarget(target) }
      } else {
        readTarget(member)
      }
    }
  }

  private mutating func readTarget(_ value: Value) {
    let keys = Keys.target + Keys.module
    guard let own = Section(value, subject: "a target", keys: keys, reading: reading) else { return }
    var mapping = Mapping(entries: own.mapping.entries.filter { Keys.module.contains($0.key) })
    let moduleName = own.text("module") ?? "default"
    if let module = modules[moduleName] {
      usedModules.insert(moduleName)
      mapping = module.mapping.overridden(by: mapping)
    } else if own.has("module"), moduleName != "default" {
      let cure = modules.keys.sorted().nearest(to: moduleName).map { "did you mean '\($0)'?" }
      reading.error(
        own.place("module"), "there is no module '\(shown(moduleName))'",
        cure: cure
          ?? (modules.isEmpty ? "define it under 'modules'" : "known are \(choices(modules.keys.sorted()))"))
    } else {
      mapping = Mapping().overridden(by: mapping)
    }
    mapping.entries += own.mapping.entries.filter { Keys.target.contains($0.key) }
    let section = Section(mapping, path: "", place: own.place, reading: reading)
    if let target = target(section, module: moduleName) { settings.targets.append(target) }
  }

  private mutating func target(_ section: Section, module: String) -> Target? {
    var settings = section.probeSettings(isWhole: true)
    let host = section.parsed("host", Endpoint.host)
    if !section.has("host") {
      reading.error(
        section.place, "a target has no host", cure: "name the mail server: host: mail.example.com")
    }
    let isModeGiven = section.mapping.place(of: "tls.mode") != nil
    let given = section.number("port", 1...65_535)
    let dialect = section.dialect
    let usual: Int
    switch (dialect, host?.hasPrefix("mx:")) {
    case (.lmtp?, _): usual = 24
    case (_, true?): usual = 25
    default: usual = isModeGiven ? Convention.port(for: settings.tls.mode) : 587
    }
    let port = given ?? usual
    let convention = Convention(port: port)
    if !isModeGiven { settings.tls.mode = dialect == .lmtp ? .none : convention.tlsMode }
    let name = section.parsed("name") { text throws(Complaint) in
      guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F })
      else {
        throw Complaint("must be one line of text")
      }
      return text
    }
    let interval = section.duration("interval", atLeast: .milliseconds(100))
    let group = section.text("group")
    let labels = section.labels()
    guard let host, let name = name ?? (section.has("name") ? nil : host) else { return nil }
    if let first = names.updateValue(section.place("name"), forKey: name) {
      reading.error(
        section.place("name"), "the target name '\(name)' is taken at \(first)",
        cure: section.has("name") ? "names are unique" : "give each target a name")
    }
    let target = Target(
      name: name, host: host, port: port, dialect: dialect ?? convention.dialect, module: module,
      interval: interval ?? .seconds(30), group: group, labels: labels, settings: settings)
    lint.check(target, section)
    return target
  }
}

extension Section {
  /// What is spoken, where the port does not say it.
  fileprivate var dialect: Dialect? { choice("protocol", Dialect.allCases) }

  /// The labels of `smtp_target_info`.
  fileprivate func labels() -> [(name: String, value: String)] {
    guard let value = mapping["labels"], !value.isNull else { return [] }
    guard case .mapping(let pairs) = value.content else {
      reading.error(
        value.place, "labels must be a mapping, found \(value.kind)", cure: "write { NAME: VALUE }")
      return []
    }
    let section = Section(pairs, path: "labels", place: value.place, reading: reading)
    return pairs.entries.compactMap { entry in
      guard let complaint = Section.complaint(aboutLabel: entry.key) else {
        return section.text(entry.key).map { (entry.key, $0) }
      }
      reading.error(entry.place, "the label '\(shown(entry.key))' \(complaint.message)", cure: complaint.cure)
      return nil
    }
  }

  private static func complaint(aboutLabel name: String) -> Complaint? {
    if reserved.contains(name) || name.hasPrefix("__") {
      return Complaint("is reserved", cure: "choose another name")
    }
    return Expansion.isName(name) ? nil : Complaint("is no label name", cure: "letters, digits and _ only")
  }

  /// What `smtp_target_info` has itself, and what Prometheus sets.
  private static let reserved: Set<String> = [
    "target", "host", "port", "module", "tls_mode", "group", "instance", "job",
  ]
}
