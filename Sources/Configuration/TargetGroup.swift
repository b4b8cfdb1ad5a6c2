import Model

/// A group of targets as Prometheus's service discovery writes it, `{targets: [ADDRESS, …], labels: {…}}`, for files
/// that serve both. Every address becomes a target of our own shape; labels with a meaning here become its settings.
struct TargetGroup {
  private let section: Section
  /// It comes from elsewhere: `${…}` in it would tell what is none of its business.
  private let isForeign: Bool
  private let reading: Reading

  /// A group; nil for what is none, or no good one.
  init?(_ value: Value, isForeign: Bool = false, reading: Reading) {
    guard
      let section = Section(
        value, subject: "a group of targets", keys: ["targets", "labels"], reading: reading)
    else { return nil }
    self.section = section
    self.isForeign = isForeign
    self.reading = reading
  }

  /// Whether a member of a list is a group, and no target.
  static func isGroup(_ value: Value) -> Bool {
    if case .mapping(let mapping) = value.content { mapping["targets"] != nil } else { false }
  }

  /// The group's targets, each as it would be written in a list of our own.
  func targets() -> [Value] {
    let addresses = addresses()
    let settings = settings(isSingle: addresses.count == 1)
    return addresses.compactMap { address in
      settings.map { Value(place: address.place, content: .mapping(address.mapping.overridden(by: $0))) }
    }
  }

  // MARK: Addresses

  private func addresses() -> [(place: Place, mapping: Mapping)] {
    guard let value = section.mapping["targets"], !value.isNull else { return [] }
    guard case .list(let members) = value.content else {
      reading.error(value.place, "targets must be a list, found \(value.kind)", cure: "write [HOST:PORT]")
      return []
    }
    return members.compactMap { member in
      guard case .text(let text, _) = member.content else {
        reading.error(
          member.place, "targets must be addresses, found \(member.kind)", cure: "write HOST:PORT")
        return nil
      }
      do throws(Complaint) {
        let server = try Self.server(isForeign ? text : try Expansion.expand(text, from: reading.environment))
        return (member.place, Self.mapping(of: server, named: text, at: member.place))
      } catch {
        reading.error(member.place, "the address \(error.message)", cure: error.cure)
        return nil
      }
    }
  }

  private static func server(_ text: String) throws(Complaint) -> Endpoint.Server {
    guard case .server(let server) = try Endpoint.parse(text) else {
      throw Complaint("is a domain, which is more than one server", cure: "list its MX hosts")
    }
    guard server.dialect == Convention(port: server.port).dialect else {
      throw Complaint("has LMTP on another port than 24", cure: "LMTP is spoken on port 24 only")
    }
    return server
  }

  private static func mapping(of server: Endpoint.Server, named name: String, at place: Place) -> Mapping {
    var mapping = Mapping()
    mapping.set("name", name, at: place)
    mapping.set("host", server.host, at: place)
    if server.isPortGiven || server.isModeGiven { mapping.set("port", String(server.port), at: place) }
    if server.isModeGiven { mapping.set(mode: server.tlsMode.rawValue, at: place) }
    return mapping
  }

  // MARK: Labels

  /// What the labels say of each target; nil where they are no good.
  private func settings(isSingle: Bool) -> Mapping? {
    guard let value = section.mapping["labels"], !value.isNull else { return Mapping() }
    guard case .mapping(let pairs) = value.content else {
      reading.error(
        value.place, "labels must be a mapping, found \(value.kind)", cure: "write { NAME: VALUE }")
      return nil
    }
    var settings = Mapping()
    var labels = Mapping()
    for entry in pairs.entries.map({ isForeign ? $0.unexpanded : $0 }) {
      switch Meaning(of: entry.key) {
      case .name where isSingle: settings.entries.append(entry.renamed("name"))
      case .name:
        reading.error(
          entry.place, "the label '\(shown(entry.key))' would give several targets one name",
          cure: "make a group of each address, or leave the label out: the address is the name")
        return nil
      case .setting(let key): settings.setOnce(entry.renamed(key))
      case .mode: settings.set(mode: entry.value, at: entry.place)
      case .label(let name): labels.entries.append(entry.renamed(name))
      case .nothing: break
      }
    }
    // An empty label is one that is not set.
    settings.entries.removeAll(where: \.value.isEmptyText)
    labels.entries.removeAll(where: \.value.isEmptyText)
    if !labels.entries.isEmpty {
      settings.entries.append(
        Mapping.Entry(
          key: "labels", place: value.place, value: Value(place: value.place, content: .mapping(labels))))
    }
    return settings
  }

  /// What a label of service discovery means here.
  private enum Meaning {
    case name
    case setting(String)
    case mode
    case label(String)
    /// Prometheus's own business.
    case nothing

    init(of label: String) {
      switch label {
      case "target", "name": self = .name
      case "__param_module", "module": self = .setting("module")
      case "__scrape_interval__": self = .setting("interval")
      case "group", "\(Self.own)group": self = .setting("group")
      case "\(Self.own)tls_mode": self = .mode
      case "job", "instance": self = .nothing
      case _ where label.hasPrefix("\(Self.own)label_"):
        self = .label(String(label.dropFirst("\(Self.own)label_".count)))
      case _ where label.hasPrefix("__"): self = .nothing
      default: self = .label(label)
      }
    }

    /// As `/api/v1/sd` of another smtpwatch writes them.
    private static let own = "__meta_smtpwatch_"
  }
}

extension Mapping.Entry {
  /// The same with text that expands to itself.
  fileprivate var unexpanded: Mapping.Entry {
    guard case .text(let text, let isPlain) = value.content else { return self }
    let content = Value.Content.text(text.replacing("${", with: "$${"), isPlain: isPlain)
    return Mapping.Entry(key: key, place: place, value: Value(place: value.place, content: content))
  }

  fileprivate func renamed(_ key: String) -> Mapping.Entry {
    Mapping.Entry(key: key, place: place, value: value)
  }
}

extension Mapping {
  fileprivate mutating func set(_ key: String, _ text: String, at place: Place) {
    entries.append(
      Entry(key: key, place: place, value: Value(place: place, content: .text(text, isPlain: false))))
  }

  fileprivate mutating func set(mode: String, at place: Place) {
    set(mode: Value(place: place, content: .text(mode, isPlain: false)), at: place)
  }

  fileprivate mutating func set(mode: Value, at place: Place) {
    let tls = Mapping(entries: [Entry(key: "mode", place: place, value: mode)])
    entries.append(Entry(key: "tls", place: place, value: Value(place: place, content: .mapping(tls))))
  }

  /// Of two labels that mean the same the first counts.
  fileprivate mutating func setOnce(_ entry: Entry) {
    if self[entry.key] == nil { entries.append(entry) }
  }
}

extension Value {
  fileprivate var isEmptyText: Bool {
    if case .text("", _) = content { true } else { false }
  }
}
