import ArgumentParser
import Base
import Configuration
import Model

extension ProbeFlags {
  /// The target that the flags describe. Bad flags exit 64, bad files and variables 78, each after one line
  /// that says what is wrong.
  func target(for text: String?, environment: [String: String]) throws -> Target {
    var target = try base(text, environment: environment)
    var settings = target.settings.value
    if let tls { settings.tls.mode = tls }
    settings.tls.caFile = caFile ?? settings.tls.caFile
    settings.tls.crlFile = crlFile ?? settings.tls.crlFile
    if let serverName {
      settings.tls.serverName = try checked("--tls.server-name '\(serverName)'", serverName) {
        text throws(Complaint) in try HostName.check(text)
      }
    }
    settings.tls.insecureSkipVerify = insecureSkipVerify
    settings.tls.ocsp = ocsp ?? settings.tls.ocsp
    settings.tls.minVersion = minVersion ?? settings.tls.minVersion
    settings.addresses = addresses ?? .any
    settings.rollUp = rollUp
    settings.proxyProtocol = proxyProtocol
    settings.sourceAddress = try sourceAddress.map {
      try checked("--source-address", $0) { text throws(Complaint) in try SourceAddress.check(text) }
    }
    settings.checks = OptionalCheck.allCases.filter(checks.contains)
    if let ehlo {
      settings.ehlo = try checked("--ehlo '\(ehlo)'", ehlo) { text throws(Complaint) in
        try Configuration.EHLOName.check(text)
      }
    }
    if let timeout { settings.timeout = try duration("--timeout", timeout) }
    if let stageTimeout {
      let cap = try duration("--timeout.stage", stageTimeout)
      settings.timeouts = StageTimeouts(all: cap)
    }
    settings.auth = try login(environment: environment) ?? settings.auth
    try addEnvelope(to: &settings)
    try addPolicies(to: &settings)
    target.settings = Shared(settings)
    return target
  }

  private func base(_ text: String?, environment: [String: String]) throws -> Target {
    guard let text else {
      guard environment["SMTP_SERVER"] != nil else {
        throw Refusal.usage("there is nothing to probe: name a TARGET, or set SMTP_SERVER")
      }
      let loaded = try ConfigurationReport(SettingsSource(file: nil, variables: environment)).load()
      for warning in loaded.warnings { StandardStream.error.write("\(warning)\n") }
      guard let target = loaded.settings.targets.first else {
        throw Refusal.usage("there is nothing to probe: name a TARGET, or set SMTP_SERVER")
      }
      return target
    }
    let endpoint = try checked("TARGET \(text.quoted)", text) { text throws(Complaint) in
      try Endpoint.parse(text)
    }
    let server = endpoint.server
    var settings = ProbeSettings()
    settings.tls.mode = server.tlsMode
    return Target(
      name: server.host, host: server.host, port: server.port, dialect: server.dialect, settings: settings)
  }

  private func login(environment: [String: String]) throws -> AuthSettings? {
    let mechanism = try mechanism.flatMap { name in
      try checked("--auth.mechanism '\(name)'", name) { text throws(Complaint) in
        try MechanismName.check(text)
      }
    }
    guard let user else {
      guard passwordVariable == nil, passwordFile == nil, self.mechanism == nil else {
        throw Refusal.usage("A login needs a user: add --auth.user.")
      }
      return nil
    }
    _ = try checked("--auth.user", user) { text throws(Complaint) in try UserName.check(text) }
    let source: SecretSource
    switch (passwordVariable, passwordFile) {
    case (let variable?, nil): source = .environment(name: variable)
    case (nil, let file?): source = .file(path: file)
    case (nil, nil): throw Refusal.usage("--auth.user needs --auth.password-env or --auth.password-file.")
    case (_?, _?): throw Refusal.usage("--auth.password-env and --auth.password-file exclude each other.")
    }
    do throws(ConfigurationError) {
      let flag = passwordFile == nil ? "--auth.password-env" : "--auth.password-file"
      let (secret, warnings) = try source.read(environment: environment, at: Place(file: flag))
      for warning in warnings { StandardStream.error.write("\(warning)\n") }
      return AuthSettings(username: user, password: secret, mechanism: mechanism)
    } catch {
      StandardStream.error.write("\(error)\n")
      throw ExitCode.configuration
    }
  }

  private func addEnvelope(to settings: inout ProbeSettings) throws {
    guard sender != nil || recipient != nil || sends else { return }
    guard let sender, let recipient else {
      throw Refusal.usage(
        sends ? "--send needs --from and --to." : "An envelope needs both --from and --to.")
    }
    let from = try checked("--from '\(sender)'", sender) { text throws(Complaint) in
      try MailAddress.check(text, isSender: true)
    }
    let to = try checked("--to '\(recipient)'", recipient) { text throws(Complaint) in
      try MailAddress.check(text, isSender: false)
    }
    settings.envelope = Envelope(from: from, to: to)
    if sends { settings.send = SendSettings(envelope: Envelope(from: from, to: to)) }
  }

  private func addPolicies(to settings: inout ProbeSettings) throws {
    if let dane { settings.policy.dane = dane }
    if let domain {
      settings.policy.domain = try checked("--policy.domain '\(domain)'", domain) { text throws(Complaint) in
        try PolicyText.domain(text)
      }
      (settings.policy.mtaSTS, settings.policy.tlsRPT) = (.report, .report)
    }
    if let policyResolver {
      let name = "--policy.resolver '\(policyResolver)'"
      settings.policy.resolver = try checked(name, policyResolver) { text throws(Complaint) in
        try PolicyText.resolver(text)
      }
    }
    settings.policy.caFile = policyCAFile ?? settings.policy.caFile
  }

  private func duration(_ flag: String, _ text: String) throws -> Duration {
    try checked("\(flag) '\(text)'", text) { text throws(Complaint) in
      let duration = try Duration(setting: text)
      guard duration > .zero else { throw Complaint("must be at least 1ms") }
      return duration
    }
  }

  /// A value that passes its check; otherwise a usage error that names it.
  private func checked<Value>(
    _ name: String, _ text: String, _ check: (String) throws(Complaint) -> Value
  ) throws -> Value {
    do throws(Complaint) {
      return try check(text)
    } catch {
      throw Refusal.usage("\(name) \(error.message)\(error.cure.isEmpty ? "" : " (\(error.cure))").")
    }
  }
}

extension StageTimeouts {
  /// The same cap for every stage.
  fileprivate init(all cap: Duration) {
    self.init()
    (dns, connect, tls, banner, reply, message) = (cap, cap, cap, cap, cap, cap)
  }
}
