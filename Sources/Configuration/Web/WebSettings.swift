package import Model

/// A web configuration file in the exporter-toolkit's format, checked and resolved: who may ask the program's pages,
/// and how.
package struct WebSettings: Sendable, Equatable {
  /// How connections are encrypted; nil: they are not.
  package var tls: WebTLSSettings?
  /// Headers of every answer; an empty one takes the program's own away.
  package var headers: [(name: String, value: String)] = []
  /// The bcrypt hashes of passwords by user.
  package var users: [String: String] = [:]
  /// The time in which one more request is allowed, and how many at once; nil: as many as anybody likes.
  package var rateLimit: (interval: Duration, burst: Int)?
  /// Every file that the settings come from, the configuration first.
  package var files: [String] = []

  /// Open doors.
  package init() {}

  package static func == (left: WebSettings, right: WebSettings) -> Bool {
    left.tls == right.tls && left.headers.elementsEqual(right.headers, by: ==) && left.users == right.users
      && left.rateLimit?.interval == right.rateLimit?.interval
      && left.rateLimit?.burst == right.rateLimit?.burst && left.files == right.files
  }
}

/// `tls_server_config`.
package struct WebTLSSettings: Sendable, Equatable {
  /// `client_auth_type`, in the words of Go's crypto/tls.
  package enum ClientAuth: String, Sendable, CaseIterable {
    case none = "NoClientCert"
    case request = "RequestClientCert"
    case requireAny = "RequireAnyClientCert"
    /// An older word for `requireAny`.
    case require = "RequireClientCert"
    case verifyIfGiven = "VerifyClientCertIfGiven"
    case requireAndVerify = "RequireAndVerifyClientCert"
  }

  /// `curve_preferences`.
  package enum Curve: String, Sendable, CaseIterable {
    case p256 = "CurveP256"
    case p384 = "CurveP384"
    case p521 = "CurveP521"
    case x25519 = "X25519"
  }

  /// In PEM, the chain behind it.
  package var certificate: [UInt8]
  /// In PEM.
  package var key: [UInt8]
  package var clientAuth = ClientAuth.none
  /// In PEM; nil: the system's.
  package var clientAuthorities: [UInt8]?
  package var clientAllowedNames: [String]?
  package var minVersion = TLSVersion.tls12
  package var maxVersion = TLSVersion.tls13
  /// IANA names; empty: the library's choice.
  package var cipherSuites: [String] = []
  package var curves: [Curve] = []
  package var prefersServerOrder = true
}

/// Settings with what is odd about them.
package struct LoadedWebSettings: Sendable, Equatable {
  package var settings: WebSettings
  package var warnings: [Finding]
}

extension WebSettings {
  /// Reads a file and those that it names; paths in it are seen from its folder. Throws all that is wrong.
  package static func load(file: String) throws(ConfigurationError) -> LoadedWebSettings {
    let reading = Reading(
      environment: [:], directory: FileText.directory(of: file), expands: false, homes: WebKeys.home)
    let text = try reading.configuration(file, at: nil)
    var settings = WebSettings()
    if let root = try YAMLText.parse(text, file: file) {
      settings = WebSettingsReading(reading).settings(of: root)
    }
    settings.files = reading.files
    return LoadedWebSettings(settings: settings, warnings: try reading.warnings())
  }
}
