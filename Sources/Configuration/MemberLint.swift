import Model

/// Knowledge of targets that are several servers or addresses.
extension Lint {
  /// Looks at how a target reaches its server, or its servers.
  func checkMembers(_ target: Target, _ section: Section) {
    let settings = target.settings
    if settings.rollUp != nil, !target.hasMembers {
      reading.warn(
        section.place("rollup"), "rollup has nothing to roll up: the target is one address",
        cure: "set ip: each, or host: mx:DOMAIN")
    }
    if let source = settings.sourceAddress {
      let family = AddressLiteral.isIPv4(source) ? AddressChoice.ipv4 : .ipv6
      switch settings.addresses {
      case .each:
        reading.warn(
          section.place("source_address"),
          "source_address \(source) with ip: each: only addresses of its family are probed",
          cure: "leave source_address out, or set ip: \(family.rawValue)")
      case .ipv4 where family == .ipv6, .ipv6 where family == .ipv4:
        reading.warn(
          section.place("source_address"),
          "source_address \(source) is not of the family that ip: \(settings.addresses.rawValue) asks for",
          cure: "set ip: \(family.rawValue)")
      case .any, .ipv4, .ipv6: break
      }
    }
    if let send = settings.send, target.hasMembers {
      reading.warn(
        section.place("send"),
        "send with several servers or addresses: a message each, every \(send.every.setting)",
        cure:
          "send.max_per_day (\(send.maxPerDay)) is the most of all together; or probe one server with send")
    }
    if target.mailDomain != nil { checkDomain(target, section) }
  }

  /// Every MX host takes mail of strangers on port 25.
  private func checkDomain(_ target: Target, _ section: Section) {
    let settings = target.settings
    if target.port != 25 {
      reading.warn(
        section.place("port"), "port \(target.port) of the MX hosts of a domain: they take mail on port 25",
        cure: "leave port out", reason: .configModePortConflict)
    }
    if settings.tls.mode == .implicit, target.port != 25 {
      reading.warn(
        section.mapping.place(of: "tls.mode") ?? section.place("host"),
        "tls.mode implicit with the MX hosts of a domain: none speaks TLS from the first byte",
        cure: "set tls.mode to starttls or opportunistic", reason: .configModePortConflict)
    }
    if settings.auth != nil {
      reading.warn(
        section.place("auth"), "auth with the MX hosts of a domain: they take mail without a login",
        cure: "name the submission server as host", reason: .configCredentials)
    }
    if settings.tls.serverName != nil {
      reading.warn(
        section.mapping.place(of: "tls.server_name") ?? section.place("host"),
        "tls.server_name is one name for all MX hosts of the domain",
        cure: "leave it out: each is checked by its own name")
    }
  }
}
