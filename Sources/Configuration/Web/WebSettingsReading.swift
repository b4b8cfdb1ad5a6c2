import Model

/// The way from the values of a web configuration to settings. What is blank is not set, as in the toolkit.
struct WebSettingsReading {
  private let reading: Reading

  /// A hash above this cost takes seconds.
  private static let dearCost = 14

  init(_ reading: Reading) { self.reading = reading }

  /// The settings of a file's value. Faults are noted in the reading.
  func settings(of root: Value) -> WebSettings {
    var settings = WebSettings()
    guard
      let top = Section(root, subject: "a web configuration", keys: WebKeys.top, reading: reading)
    else { return settings }
    if let section = part("tls_server_config", of: top, keys: WebKeys.tls) {
      settings.tls = WebTLSReading(section).settings()
    }
    if let section = part("http_server_config", of: top, keys: WebKeys.http) {
      settings.headers = headers(of: section)
    }
    if let section = part("rate_limit", of: top, keys: WebKeys.rateLimit) {
      settings.rateLimit = rateLimit(of: section)
    }
    settings.users = users(of: top)
    return settings
  }

  /// A section without its blanks; nil where it is blank itself.
  private func part(_ key: String, of top: Section, keys: [String]) -> Section? {
    guard var value = top.mapping[key], !value.isBlank else { return nil }
    if case .mapping(var mapping) = value.content {
      mapping.entries.removeAll { $0.value.isBlank && keys.contains($0.key) }
      value.content = .mapping(mapping)
    }
    return Section(value, path: key, keys: keys, reading: reading)
  }

  private func headers(of section: Section) -> [(name: String, value: String)] {
    if section.goFlag("http2") == true {
      reading.warn(
        section.place("http2"), "http_server_config.http2: HTTP/2 is not served",
        cure: "clients use HTTP/1.1; write http2: false to say so")
    }
    guard let headers = section.section("headers", keys: WebKeys.headers) else { return [] }
    return headers.mapping.entries.filter { WebKeys.headers.contains($0.key) }.compactMap { entry in
      guard case .text(let value, _) = entry.value.content else {
        reading.error(entry.value.place, "\(headers.name(entry.key)) must be text, found \(entry.value.kind)")
        return nil
      }
      if let complaint = Self.complaint(about: entry.value.isNull ? "" : value, of: entry.key) {
        reading.error(
          entry.value.place, "\(headers.name(entry.key)) \(complaint.message)", cure: complaint.cure)
        return nil
      }
      return (entry.key, entry.value.isNull ? "" : value)
    }
  }

  private static func complaint(about value: String, of header: String) -> Complaint? {
    let choices: [String]
    switch header {
    case "X-Content-Type-Options": choices = ["nosniff"]
    case "X-Frame-Options": choices = ["deny", "sameorigin"]
    default:
      return value.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
        ? Complaint("has a control character", cure: "write it in one line") : nil
    }
    return choices.contains(value) ? nil : Complaint("must be \(Configuration.choices(choices))")
  }

  private func rateLimit(of section: Section) -> (interval: Duration, burst: Int)? {
    let interval = section.parsed("interval") { text throws(Complaint) in try Duration(go: text) }
    let burst = section.number("burst", 0...1_000_000)
    guard let interval, interval > .zero else { return nil }
    guard let burst, burst > 0 else {
      if !section.has("burst") || burst == 0 {
        reading.error(
          section.place("burst"), "rate_limit.burst must be at least 1, else no request is ever allowed",
          cure: "say how many may come at once")
      }
      return nil
    }
    return (interval, burst)
  }

  private func users(of top: Section) -> [String: String] {
    guard let value = top.mapping["basic_auth_users"], !value.isBlank else { return [:] }
    guard case .mapping(let mapping) = value.content else {
      reading.error(
        value.place, "basic_auth_users must be a mapping, found \(value.kind)",
        cure: "write USER: BCRYPT HASH")
      return [:]
    }
    var users: [String: String] = [:]
    for entry in mapping.entries {
      let name = "basic_auth_users.\(shown(entry.key))"
      guard case .text(let hash, _) = entry.value.content else {
        reading.error(entry.value.place, "\(name) must be text, found \(entry.value.kind)")
        continue
      }
      do throws(Complaint) {
        let cost = try BcryptHash.cost(of: hash)
        if cost > Self.dearCost {
          reading.warn(
            entry.value.place, "\(name): a cost of \(cost) takes seconds for each first login",
            cure: "10 is usual")
        }
      } catch {
        reading.error(entry.value.place, "\(name) \(error.message)", cure: error.cure)
      }
      if entry.key.contains(":") {
        reading.warn(entry.place, "\(name): no client can send a user name with a colon")
      }
      users[entry.key] = hash
    }
    return users
  }
}

extension Value {
  /// Nothing, or text without a letter.
  var isBlank: Bool {
    if case .text("", _) = content { true } else { isNull }
  }
}

extension Section {
  /// A flag in any of the words that the toolkit's YAML has for it.
  func goFlag(_ key: String) -> Bool? {
    parsed(key) { text throws(Complaint) in
      switch text {
      case "y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE": return true
      case "n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE": return false
      default: throw Complaint("must be true or false\(found(key, text))")
      }
    }
  }
}
