package import Model

extension Settings {
  /// The configuration in use as a file that says the same, with `<secret>` in the place of every secret.
  /// Targets of `target_files` stand among the others.
  package var text: String {
    let names = modules.keys.sorted()
    let sections: [YAMLNode.Member] = [
      ("modules", .mapping(names.map { ($0, .mapping(module($0))) })),
      ("targets", .list(targets.map { .mapping(target($0)) })),
      ("history", .mapping([("results", .of(history.results)), ("transcripts", .of(history.transcripts))])),
      ("probe", .mapping([("allow", .of(allowance.words))])),
      ("limits", .mapping([("in_flight", .of(limits.inFlight)), ("per_address", .of(limits.perAddress))])),
      ("metrics", .mapping(collected.isEmpty ? [] : [("collect", .of(collected))])),
      ("network_check", .of(networkCheck.map(\.description))),
    ]
    return YAMLNode.mapping(sections.filter { !$0.1.isEmpty }).text
  }

  /// The groups of metrics where they are not simply all.
  private var collected: [String] {
    let groups = MetricGroup.allCases.filter(metricGroups.contains)
    return groups.count == MetricGroup.allCases.count ? [] : groups.map(\.rawValue)
  }

  private func module(_ name: String) -> [YAMLNode.Member] {
    var settings = (modules[name] ?? ProbeSettings()).members
    if modulesWithoutMode.contains(name) { settings.removeAll { $0.0 == "tls" && $0.1 == Self.plainTLS } }
    return settings.compactMap { key, node in node.withoutNulls.map { (key, $0) } }
  }

  /// A module's TLS where nobody said anything about it.
  private static let plainTLS = ProbeSettings().members.first { $0.0 == "tls" }?.1

  /// A target's own settings, and those in which it differs from its module.
  private func target(_ target: Target) -> [YAMLNode.Member] {
    let module = (modules[target.module] ?? ProbeSettings()).members
    let own = zip(target.settings.members, module).compactMap { own, module in
      own.1.difference(from: module.1).map { (own.0, $0) }
    }
    let head: [YAMLNode.Member] = [
      ("name", .of(target.name)), ("host", .of(target.host)), ("port", .of(target.port)),
      ("module", .of(target.module)), ("interval", .of(target.interval)),
    ]
    let group: [YAMLNode.Member] = target.group.map { [("group", .of($0))] } ?? []
    let labels: [YAMLNode.Member] =
      target.labels.isEmpty ? [] : [("labels", .mapping(target.labels.map { ($0.name, .of($0.value)) }))]
    let isUsual = target.dialect == Convention(port: target.port).dialect
    let dialect: [YAMLNode.Member] = isUsual ? [] : [("protocol", .of(target.dialect.rawValue))]
    return head + dialect + group + labels + own
  }
}

extension Target {
  /// How the target is probed, with `<secret>` in the place of every secret.
  package var settingsText: String {
    YAMLNode.mapping(settings.members.compactMap { key, node in node.withoutNulls.map { (key, $0) } }).text
  }
}

extension ProbeAllowance {
  fileprivate var words: [String] {
    (any ? ["any"] : []) + (configured ? ["configured"] : []) + hosts.map(\.pattern)
  }
}

extension ProbeSettings {
  /// Every setting of a module, in the order of the documentation; null for what is not set.
  fileprivate var members: [YAMLNode.Member] {
    let timeouts: [YAMLNode.Member] = [
      ("dns", .of(timeouts.dns)), ("connect", .of(timeouts.connect)), ("tls", .of(timeouts.tls)),
      ("banner", .of(timeouts.banner)), ("reply", .of(timeouts.reply)), ("message", .of(timeouts.message)),
    ]
    return [
      ("timeout", .of(timeout)), ("timeouts", .mapping(timeouts)), ("diagnosis", .of(diagnosis.rawValue)),
      ("checks", checks.isEmpty ? .null : .of(checks.map(\.rawValue))),
      ("tls", .mapping(tls.members)), ("ehlo", .of(ehlo)), ("ip", .of(addresses.rawValue)),
      ("rollup", .of(rollUp?.rawValue)), ("source_address", .of(sourceAddress)),
      ("proxy_protocol", .of(proxyProtocol?.rawValue)),
      ("retries", .of(retries)), ("retry_backoff", .of(retryBackoff)),
      ("auth", auth.map { .mapping($0.members) } ?? .null),
      ("envelope", envelope.map { .mapping($0.members) } ?? .null),
      ("send", send.map { .mapping($0.members) } ?? .null),
      ("delivery", delivery.map { .mapping($0.members) } ?? .null),
      ("expect", .mapping(expect.members)),
      ("slow_after", .of(slowAfter)), ("cert_expiry_warning", .of(certExpiryWarning)),
      ("policy", .mapping(policy.members)),
    ]
  }
}

extension TLSSettings {
  fileprivate var members: [YAMLNode.Member] {
    [
      ("mode", .of(mode.rawValue)), ("min_version", .of(minVersion?.rawValue)),
      ("max_version", .of(maxVersion?.rawValue)), ("ca_file", .of(caFile)),
      ("ca_dir", .of(caDirectory)), ("crl_file", .of(crlFile)), ("ciphers", .of(ciphers)),
      ("server_name", .of(serverName)),
      ("cert_file", .of(certFile)), ("key_file", .of(keyFile)),
      ("insecure_skip_verify", .of(insecureSkipVerify)), ("ocsp", .of(ocsp.rawValue)),
    ]
  }
}

extension PolicySettings {
  fileprivate var members: [YAMLNode.Member] {
    [
      ("dane", .of(dane.rawValue)), ("mta_sts", .of(mtaSTS.rawValue)), ("tls_rpt", .of(tlsRPT.rawValue)),
      ("domain", .of(domain)), ("resolver", .of(resolver)), ("ca_file", .of(caFile)),
    ]
  }
}

extension AuthSettings {
  fileprivate var members: [YAMLNode.Member] {
    let secret: [YAMLNode.Member] =
      switch proof {
      case .password(let password): [("password", .of("\(password)"))]
      case .token(let token): [("token", .of("\(token)"))]
      case .grant(let grant): [("oauth2", .mapping(grant.members))]
      case .certificate: []
      }
    return [("username", .of(username))] + secret + [
      ("mechanism", .of(mechanism?.rawValue ?? "auto")), ("allow_plaintext", .of(allowPlaintext)),
    ]
  }
}

extension TokenGrant {
  fileprivate var members: [YAMLNode.Member] {
    let (name, file): (String, String?) =
      switch kind {
      case .clientCredentials: ("client_credentials", nil)
      case .refreshToken(let file): ("refresh_token", file)
      }
    return [
      ("token_url", .of(url)), ("grant", .of(name)), ("client_id", .of(clientID)),
      ("client_secret", .of(clientSecret.map { "\($0)" })), ("client_auth", .of(clientProof.rawValue)),
      ("refresh_token_file", .of(file)), ("scopes", .of(scopes)), ("ca_file", .of(caFile)),
    ]
  }
}

extension Envelope {
  fileprivate var members: [YAMLNode.Member] { [("from", .of(from)), ("to", .of(to))] }
}

extension SendSettings {
  fileprivate var members: [YAMLNode.Member] {
    envelope.members + [
      ("every", .of(every)), ("max_per_day", .of(maxPerDay)), ("subject", .of(subject)),
      ("chunking", .of(chunking)),
    ]
  }
}

extension DeliverySettings {
  fileprivate var members: [YAMLNode.Member] {
    let box: YAMLNode.Member =
      switch mailbox {
      case .maildir(let path): ("maildir", .of(path))
      case .lmtp(let host, let port): ("lmtp_listen", .of(HostPort(host: host, port: port).description))
      case .imap(let imap): ("imap", .mapping(imap.members))
      }
    let secret: [YAMLNode.Member] = key.map { [("key", .of("\($0)"))] } ?? []
    return [
      box, ("late_after", .of(lateAfter)), ("lost_after", .of(lostAfter)),
      ("poll_interval", .of(pollInterval)),
    ] + secret
  }
}

extension IMAPSettings {
  fileprivate var members: [YAMLNode.Member] {
    let secret: YAMLNode.Member =
      switch proof {
      case .password(let password): ("password", .of("\(password)"))
      case .token(let token): ("token", .of("\(token)"))
      case .grant(let grant): ("oauth2", .mapping(grant.members))
      }
    return [
      ("host", .of(host)), ("port", .of(port)), ("username", .of(username)), secret,
      ("tls", .of(tls.rawValue)), ("ca_file", .of(caFile)),
    ] + (folders.isEmpty ? [] : [("folders", .of(folders))])
  }
}

extension Expectations {
  fileprivate var members: [YAMLNode.Member] {
    [
      ("banner", .of(banner)), ("capabilities", .of(capabilities)), ("reject", .of(reject?.slug)),
    ]
  }
}
