import Model

/// Knowledge of mail applied to a configuration that is well-formed. It warns, and never fails.
struct Lint {
  let reading: Reading
  /// Where the targets of each host stand.
  private var targets: [(host: String, places: [Place])] = []
  private var positions: [String: Int] = [:]

  /// A lint that notes what it finds in `reading`.
  init(_ reading: Reading) { self.reading = reading }

  /// Looks at a module by itself.
  func check(_ settings: ProbeSettings, _ section: Section) {
    let isModeGiven = section.mapping.place(of: "tls.mode") != nil
    checkSettings(settings, section)
    if isModeGiven { checkLogin(settings, section) }
  }

  /// Looks at a target with everything applied.
  mutating func check(_ target: Target, _ section: Section) {
    let settings = target.settings.value
    checkSettings(settings, section)
    checkLogin(settings, section)
    checkPort(target, section)
    checkMembers(target, section)
    if target.interval < settings.timeout {
      let key = section.has("interval") ? "interval" : "timeout"
      reading.warn(
        section.place(key),
        "interval \(target.interval.setting) is shorter than timeout \(settings.timeout.setting)",
        cure: "a probe that takes its whole timeout makes the next one late")
    }
    if let auth = settings.auth,
      let complaint = Provider.complaint(aboutUser: auth.username, host: target.host)
    {
      let place = section.place("auth.username")
      reading.warn(
        place, "auth.username \(complaint.message)", cure: complaint.cure, reason: .configCredentials)
    }
    let host = target.host.lowercased()
    if let position = positions[host] {
      targets[position].places.append(section.place("host"))
    } else {
      positions[host] = targets.count
      targets.append((host, [section.place("host")]))
    }
  }

  /// Looks at the targets as a whole, once all are known.
  func checkTogether(limits: Limits) {
    for (host, places) in targets where places.count > limits.perAddress {
      reading.warn(
        places[limits.perAddress], "\(places.count) targets probe \(host), more than limits.per_address",
        cure: "\(limits.perAddress) at once are let through; many servers ban who knocks more often")
    }
  }

  private func checkSettings(_ settings: ProbeSettings, _ section: Section) {
    if section.mapping.place(of: "auth.password") != nil, settings.auth != nil {
      reading.warn(
        section.place("auth.password"), "auth.password stands in the configuration itself",
        cure: "use auth.password_file or auth.password_env", reason: .configCredentials)
    }
    if settings.tls.insecureSkipVerify {
      let login = settings.auth == nil ? "" : ", and the password goes to whoever answers"
      reading.warn(
        section.place("tls.insecure_skip_verify"),
        "tls.insecure_skip_verify forgives every certificate\(login)",
        cure: "name the authority with tls.ca_file, or the certificate's name with tls.server_name")
    }
    if let ehlo = settings.ehlo, !ehlo.hasPrefix("["), !ehlo.contains(".") {
      reading.warn(
        section.place("ehlo"), "ehlo '\(ehlo)' is no full name",
        cure: "many servers refuse it; use a name of the DNS")
    } else if let ehlo = settings.ehlo?.lowercased(), ehlo.hasPrefix("localhost.") {
      reading.warn(
        section.place("ehlo"), "ehlo '\(ehlo)' names no host that others know",
        cure: "many servers refuse it; use a name of the DNS")
    }
    if !settings.checks.isEmpty, settings.diagnosis != .active {
      let checks = settings.checks.map(\.rawValue).joined(separator: ", ")
      reading.warn(
        section.mapping.place(of: "diagnosis") ?? section.place("checks"),
        "checks (\(checks)) are not made with diagnosis: \(settings.diagnosis.rawValue)",
        cure: "set diagnosis to active, or remove checks")
    }
    if let send = settings.send, send.perDay <= send.maxPerDay, send.every < .seconds(300) {
      let key = section.mapping.place(of: "send.every") == nil ? "send" : "send.every"
      reading.warn(
        section.place(key), "send.every \(send.every.setting): a real message more often than every 5m",
        cure: "providers take that for spam; 15m is the default")
    }
    if let send = settings.send, send.perDay > send.maxPerDay {
      let key = section.mapping.place(of: "send.max_per_day") == nil ? "send.every" : "send.max_per_day"
      let place = section.place(section.mapping.place(of: key) == nil ? "send" : key)
      // What stands there cannot be used, so that nobody knows how many there may be.
      guard !reading.refuses(place) else { return }
      reading.warn(
        place,
        "send.every \(send.every.setting) makes \(send.perDay) messages a day, and send.max_per_day is "
          + "\(send.maxPerDay): the rest are left out",
        cure: "set send.every to \(send.shortestPeriod.setting) or more: providers take more for spam")
    }
  }

  private func checkLogin(_ settings: ProbeSettings, _ section: Section) {
    guard let auth = settings.auth else { return }
    let place = section.mapping.place(of: "tls.mode") ?? section.place("auth")
    switch settings.tls.mode {
    case .none:
      let consequence =
        auth.allowPlaintext ? "the password crosses the network in clear" : "the probe will refuse to log in"
      reading.warn(
        place, "auth without TLS: \(consequence)", cure: "set tls.mode to starttls or implicit",
        reason: .configCredentials)
    case .opportunistic where auth.allowPlaintext:
      reading.warn(
        place, "auth with opportunistic TLS: who strips STARTTLS gets the password in clear",
        cure: "set tls.mode to starttls, or auth.allow_plaintext to false", reason: .configCredentials)
    case .starttls, .implicit, .opportunistic: break
    }
  }

  private func checkPort(_ target: Target, _ section: Section) {
    let mapping = section.mapping
    if let complaint = MailPort.complaint(about: target.port) {
      reading.warn(
        section.place("port"), "port \(target.port) \(complaint.message)", cure: complaint.cure,
        reason: .configModePortConflict)
    } else if let complaint = MailPort.complaint(about: target.port, in: target.settings.tls.mode) {
      let place = mapping.place(of: "port") ?? mapping.place(of: "tls.mode") ?? section.place
      reading.warn(
        place, "port \(target.port) \(complaint.message)", cure: complaint.cure,
        reason: .configModePortConflict)
    }
  }
}

extension SendSettings {
  private static let day: Int64 = 86_400

  /// How many messages `every` comes to, to one server.
  fileprivate var perDay: Int { Int(Double(Self.day) / max(1, every / .seconds(1))) }

  /// The shortest `every` that `max_per_day` has room for.
  fileprivate var shortestPeriod: Duration {
    let seconds = (Self.day + Int64(maxPerDay) - 1) / Int64(maxPerDay)
    return .seconds(seconds > 60 ? (seconds + 59) / 60 * 60 : seconds)
  }
}
