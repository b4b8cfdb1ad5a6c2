import Model

/// The way from `tls_server_config` to settings.
struct WebTLSReading {
  private let section: Section
  private var reading: Reading { section.reading }

  init(_ section: Section) { self.section = section }

  /// The settings; nil where nothing is to be encrypted, or something is wrong and noted.
  func settings() -> WebTLSSettings? {
    let auth = section.choice("client_auth_type", WebTLSSettings.ClientAuth.allCases)
    let isEnabled =
      ["cert", "cert_file", "key", "key_file", "client_ca", "client_ca_file", "client_auth_type"]
      .contains { section.has($0) }
    let certificate = material("cert", .certificate)
    let key = material("key", .key)
    let authorities = material("client_ca", .authorities)
    let minimum = section.choice("min_version", TLSVersion.allCases)
    let maximum = section.choice("max_version", TLSVersion.allCases)
    let ciphers = section.list("cipher_suites", CipherSuiteName.check)
    let curves = section.list("curve_preferences") { text throws(Complaint) in
      let names = WebTLSSettings.Curve.allCases.map(\.rawValue)
      guard let curve = WebTLSSettings.Curve(rawValue: text) else {
        throw Complaint(
          "has the unknown curve '\(shown(text))'", cure: "known are \(names.joined(separator: ", "))")
      }
      return curve
    }
    let names = section.list("client_allowed_sans") { text throws(Complaint) in text }
    let prefersOurs = section.goFlag("prefer_server_cipher_suites")
    guard isEnabled else {
      reading.warn(
        section.place, "tls_server_config names no certificate, so that nothing is encrypted",
        cure: "set cert_file and key_file")
      return nil
    }
    checkClients(auth ?? .none)
    demand("cert")
    demand("key")
    guard let certificate, let key else { return nil }
    var settings = WebTLSSettings(certificate: certificate, key: key)
    settings.clientAuth = auth ?? .none
    settings.clientAuthorities = authorities
    settings.clientAllowedNames = names
    if let minimum { settings.minVersion = minimum }
    if let maximum { settings.maxVersion = maximum }
    if settings.minVersion > settings.maxVersion {
      reading.error(
        section.place(section.has("max_version") ? "max_version" : "min_version"),
        "tls_server_config: no version is left between min_version \(settings.minVersion.rawValue) and "
          + "max_version \(settings.maxVersion.rawValue)", cure: "min_version is TLS12 unless it is set")
    }
    settings.cipherSuites = ciphers ?? []
    settings.curves = curves ?? []
    settings.prefersServerOrder = prefersOurs ?? true
    return settings
  }

  private func demand(_ key: String) {
    if !section.has(key), !section.has("\(key)_file") {
      reading.error(
        section.place, "tls_server_config has neither \(key)_file nor \(key)",
        cure: "a server needs a certificate and its key")
    }
  }

  private func checkClients(_ auth: WebTLSSettings.ClientAuth) {
    let hasAuthorities = section.has("client_ca_file") || section.has("client_ca")
    if hasAuthorities, auth == .none {
      reading.error(
        section.place(section.has("client_ca_file") ? "client_ca_file" : "client_ca"),
        "tls_server_config has authorities for clients, but clients are asked for no certificate",
        cure: "set client_auth_type: RequireAndVerifyClientCert")
    }
    if section.has("client_allowed_sans"), ![.requireAny, .require, .requireAndVerify].contains(auth) {
      reading.error(
        section.place("client_allowed_sans"),
        "tls_server_config.client_allowed_sans needs clients that have to show a certificate",
        cure: "set client_auth_type: RequireAndVerifyClientCert")
    }
  }

  /// PEM from the file that is named, else as it stands in the configuration.
  private func material(_ key: String, _ kind: TLSMaterial.Kind) -> [UInt8]? {
    if let file = section.file("\(key)_file") {
      if section.has(key) {
        reading.warn(section.place(key), "\(section.name(key)) is not used: \(key)_file goes before it")
      }
      TLSMaterial.check(
        file, kind, named: section.name("\(key)_file"), at: section.place("\(key)_file"), reading)
      do throws(FileText.Fault) {
        return try reading.contents(of: file)
      } catch {
        // The check has said so.
        return nil
      }
    }
    guard let text = section.rawText(key) else { return nil }
    let mark = kind == .key ? "PRIVATE KEY-----" : "-----BEGIN CERTIFICATE-----"
    guard text.contains(mark) else {
      reading.error(
        section.place(key),
        "\(section.name(key)) is no \(kind == .key ? "private key" : "certificate") in PEM",
        cure: "put the text of the file behind '\(key): |', indented", reason: .configTlsMaterial)
      return nil
    }
    return Array(text.utf8)
  }
}
