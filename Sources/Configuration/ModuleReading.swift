import Model

extension Section {
  /// A module's settings, or a target's with its module's below them. `isWhole` false lets what a target may
  /// still add be missing.
  func probeSettings(isWhole: Bool) -> ProbeSettings {
    var settings = ProbeSettings()
    duration("timeout").map { settings.timeout = $0 }
    settings.timeouts = stageTimeouts()
    choice("diagnosis", DiagnosisLevel.allCases).map { settings.diagnosis = $0 }
    settings.checks = optionalChecks()
    settings.tls = tlsSettings(isWhole: isWhole)
    settings.ehlo = parsed("ehlo", EHLOName.check)
    choice("ip", AddressChoice.allCases).map { settings.addresses = $0 }
    settings.rollUp = choice("rollup", RollUp.allCases)
    settings.sourceAddress = parsed("source_address", SourceAddress.check)
    settings.proxyProtocol = choice("proxy_protocol", ProxyProtocol.allCases)
    number("retries", 0...10).map { settings.retries = $0 }
    duration("retry_backoff", atLeast: .zero).map { settings.retryBackoff = $0 }
    settings.auth = authSettings(isWhole: isWhole)
    if let envelope = section("envelope", keys: Keys.envelope) {
      settings.envelope = envelope.envelope(isWhole: isWhole)
    }
    settings.send = sendSettings(isWhole: isWhole)
    settings.delivery = deliverySettings(isWhole: isWhole)
    settings.expect = expectations()
    settings.slowAfter = duration("slow_after")
    duration("cert_expiry_warning", atLeast: .zero).map { settings.certExpiryWarning = $0 }
    settings.policy = policySettings(isWhole: isWhole)
    return settings
  }

  private func stageTimeouts() -> StageTimeouts {
    var timeouts = StageTimeouts()
    guard let section = section("timeouts", keys: Keys.timeouts) else { return timeouts }
    timeouts.dns = section.duration("dns")
    timeouts.connect = section.duration("connect")
    timeouts.tls = section.duration("tls")
    timeouts.banner = section.duration("banner")
    timeouts.reply = section.duration("reply")
    timeouts.message = section.duration("message")
    return timeouts
  }

  private func optionalChecks() -> [OptionalCheck] {
    let checks = list("checks") { text throws(Complaint) in
      if let check = OptionalCheck(rawValue: text) { return check }
      let words = OptionalCheck.allCases.map(\.rawValue)
      let cure = words.nearest(to: text).map { "did you mean '\($0)'?" } ?? ""
      throw Complaint("must hold \(choices(words))", cure: cure)
    }
    return OptionalCheck.allCases.filter { checks?.contains($0) == true }
  }

  private func tlsSettings(isWhole: Bool) -> TLSSettings {
    var tls = TLSSettings()
    guard let section = section("tls", keys: Keys.tls) else { return tls }
    section.choice("mode", TLSMode.allCases).map { tls.mode = $0 }
    tls.minVersion = section.choice("min_version", TLSVersion.allCases)
    tls.maxVersion = section.choice("max_version", TLSVersion.allCases)
    if let low = tls.minVersion, let high = tls.maxVersion, low > high {
      reading.error(
        section.place("min_version"),
        "tls.min_version \(low.rawValue) is above tls.max_version \(high.rawValue)",
        cure: "no version is left")
    }
    tls.caFile = section.material("ca_file", .authorities)
    tls.caDirectory = section.parsed("ca_dir") { text throws(Complaint) in
      let path = FileText.resolve(text, from: reading.directory)
      guard FileText.isDirectory(path) else {
        throw Complaint(
          "\(path) is no directory", cure: "it holds the authorities' certificates as PEM files")
      }
      return path
    }
    tls.crlFile = section.material("crl_file", .revocations)
    tls.ciphers = section.parsed("ciphers") { text throws(Complaint) in
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
        throw Complaint("must be a list of ciphers", cure: "such as HIGH:!aNULL:TLS_AES_256_GCM_SHA384")
      }
      return text
    }
    tls.serverName = section.parsed("server_name", HostName.check)
    tls.certFile = section.material("cert_file", .certificate)
    tls.keyFile = section.material("key_file", .key)
    if isWhole, section.has("cert_file") != section.has("key_file") {
      let (given, other) = section.has("cert_file") ? ("cert_file", "key_file") : ("key_file", "cert_file")
      reading.error(
        section.place(given), "tls.\(given) needs tls.\(other)", cure: "a client certificate has both",
        reason: .configTlsMaterial)
    }
    section.flag("insecure_skip_verify").map { tls.insecureSkipVerify = $0 }
    section.choice("ocsp", PolicySettings.Level.allCases).map { tls.ocsp = $0 }
    return tls
  }

  private func material(_ key: String, _ kind: TLSMaterial.Kind) -> String? {
    guard let path = file(key) else { return nil }
    TLSMaterial.check(path, kind, named: name(key), at: place(key), reading)
    return path
  }

  private func envelope(isWhole: Bool) -> Envelope? {
    let from = parsed("from") { text throws(Complaint) in try MailAddress.check(text, isSender: true) }
    let to = parsed("to") { text throws(Complaint) in try MailAddress.check(text, isSender: false) }
    for key in ["from", "to"] where isWhole && !has(key) {
      reading.error(place, "\(name(key)) is missing", cure: "\(path) has from and to")
    }
    guard let from, let to else { return nil }
    return Envelope(from: from, to: to)
  }

  private func sendSettings(isWhole: Bool) -> SendSettings? {
    guard let section = section("send", keys: Keys.send) else { return nil }
    let every = section.duration("every", atLeast: .seconds(1))
    let subject = section.parsed("subject") { text throws(Complaint) in
      guard !text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }), text.utf8.count <= 200 else {
        throw Complaint("must be one line of up to 200 ASCII characters")
      }
      return text
    }
    guard let envelope = section.envelope(isWhole: isWhole) else { return nil }
    var settings = SendSettings(envelope: envelope)
    every.map { settings.every = $0 }
    subject.map { settings.subject = $0 }
    section.number("max_per_day", 1...10_000).map { settings.maxPerDay = $0 }
    section.flag("chunking").map { settings.chunking = $0 }
    return settings
  }

  private func expectations() -> Expectations {
    var expect = Expectations()
    guard let section = section("expect", keys: Keys.expect) else { return expect }
    expect.banner = section.parsed("banner") { text throws(Complaint) in
      guard !reading.goodPatterns.contains(text) else { return text }
      do {
        _ = try Regex(text)
      } catch {
        throw Complaint("is not a regular expression", cure: "\(error)")
      }
      reading.goodPatterns.insert(text)
      return text
    }
    section.list("capabilities") { text throws(Complaint) in
      guard !text.isEmpty, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
        throw Complaint("must be keywords of the EHLO reply", cure: "such as STARTTLS or \"AUTH PLAIN\"")
      }
      return text
    }.map { expect.capabilities = $0 }
    expect.reject = section.parsed("reject") { text throws(Complaint) in
      if let stage = Stage(slug: text), Section.refusals.contains(stage) { return stage }
      let words = Section.refusals.map(\.slug)
      let cure = words.nearest(to: text).map { "did you mean '\($0)'?" } ?? ""
      throw Complaint("must be \(choices(words))\(section.found("reject", text))", cure: cure)
    }
    return expect
  }

  /// The stages at which a server can refuse.
  private static let refusals: [Stage] = [
    .connect, .tls, .banner, .ehlo, .starttls, .auth, .mail, .rcpt, .data, .message,
  ]
}
