import Model

extension Settings {
  /// The settings of `SMTP_SERVER` with `SMTP_PORT`, `SMTP_USER`, and `SMTP_PASSWORD` or
  /// `SMTP_PASSWORD_FILE`: one target, named after the server. nil where `SMTP_SERVER` is not set. The others
  /// count as not set where they are empty, but for the password of a user.
  package static func fromEnvironment(_ environment: [String: String]) throws(ConfigurationError) -> Loaded? {
    guard let server = environment["SMTP_SERVER"] else { return nil }
    let reading = Reading(environment: environment, directory: "")
    let place = Place(file: "environment")
    let endpoint = reading.endpoint(server, port: environment["SMTP_PORT"], at: place)
    var settings = Settings()
    var module = ProbeSettings()
    module.auth = reading.login(from: environment, at: place)
    settings.modules["default"] = module
    if let server = endpoint?.server, let target = settings.target(for: server) {
      settings.targets = [target]
      // Places of single settings are not known here: every finding is of the environment as a whole.
      var lint = Lint(reading)
      lint.check(target, Section(Mapping(), path: "", place: place, reading: reading))
    }
    settings.files = reading.files
    let warnings = try reading.warnings()
    return Loaded(settings: settings, warnings: warnings)
  }
}

extension Reading {
  fileprivate func endpoint(_ server: String, port text: String?, at place: Place) -> Endpoint? {
    var endpoint: Endpoint?
    do throws(Complaint) {
      endpoint = try Endpoint.parse(server)
    } catch {
      self.error(place, "SMTP_SERVER \(error.message)", cure: error.cure)
    }
    guard let text, !text.isEmpty else { return endpoint }
    do throws(Complaint) {
      let port = try Endpoint.port(text)
      guard case .server(let server)? = endpoint else { return endpoint }
      guard !server.isPortGiven || server.port == port else {
        self.error(place, "SMTP_SERVER names port \(server.port) and SMTP_PORT \(port)", cure: "keep one")
        return nil
      }
      return .server(server.on(port: port))
    } catch {
      self.error(place, "SMTP_PORT must be a whole number 1-65535, found '\(shown(text))'")
      return endpoint
    }
  }

  fileprivate func login(from environment: [String: String], at place: Place) -> AuthSettings? {
    let set = { (name: String) in environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let (user, file) = (set("SMTP_USER"), set("SMTP_PASSWORD_FILE"))
    // An empty password of a user is a mistake worth telling; without a user both are left out.
    let password = user == nil ? set("SMTP_PASSWORD") : environment["SMTP_PASSWORD"]
    guard user != nil || file != nil || password != nil else { return nil }
    if file != nil && set("SMTP_PASSWORD") != nil {
      error(
        place, "both SMTP_PASSWORD and SMTP_PASSWORD_FILE are set", cure: "keep one",
        reason: .configCredentials)
      return nil
    }
    let source: SecretSource? =
      file.map { .file(path: $0) } ?? password.map { _ in .environment(name: "SMTP_PASSWORD") }
    guard let source else {
      error(
        place, "SMTP_USER is set without a password", cure: "set SMTP_PASSWORD_FILE or SMTP_PASSWORD",
        reason: .configCredentials)
      return nil
    }
    guard let user else {
      error(place, "a password is set without SMTP_USER", cure: "set SMTP_USER", reason: .configCredentials)
      return nil
    }
    do {
      _ = try UserName.check(user)
    } catch {
      self.error(place, "SMTP_USER \(error.message)", cure: error.cure, reason: .configCredentials)
      return nil
    }
    let name = file == nil ? "SMTP_PASSWORD" : "SMTP_PASSWORD_FILE"
    return secret(source, named: name, at: place).map {
      AuthSettings(username: user, proof: .password($0), secretFile: file)
    }
  }
}
