import Configuration
import HTTP
import Model

/// A web configuration file with all that it names, ready to serve by.
struct WebFile: Sendable {
  /// Every file that it came from.
  let files: [String]
  let configuration: WebConfiguration
  /// nil: nothing is encrypted.
  let credentials: TLSCredentials?
  let warnings: [Finding]

  /// Reads a file, and sees whether certificates and keys go together.
  init(_ path: String) throws(WebFileError) {
    let loaded: LoadedWebSettings
    do throws(ConfigurationError) {
      loaded = try WebSettings.load(file: path)
    } catch {
      throw .findings(error)
    }
    do throws(TLSServerError) {
      credentials = try loaded.settings.tls.map { tls throws(TLSServerError) in
        try TLSCredentials(TLSServerSettings(tls))
      }
    } catch {
      throw .tls(path, error)
    }
    configuration = WebConfiguration(loaded.settings)
    files = loaded.settings.files
    warnings = loaded.warnings
  }
}

/// Why a web configuration cannot be used.
enum WebFileError: Error, CustomStringConvertible {
  case findings(ConfigurationError)
  case tls(String, TLSServerError)

  /// Each fault at its place.
  var findings: [Finding] {
    switch self {
    case .findings(let error): error.findings
    case .tls(let path, let error):
      [Finding(.error, at: Place(file: path), "\(error)", reason: .configTlsMaterial)]
    }
  }

  /// One line for each fault.
  var description: String {
    findings.map(\.description).joined(separator: "\n")
  }
}

extension WebConfiguration {
  fileprivate init(_ settings: WebSettings) {
    self.init()
    headers = settings.headers
    users = settings.users
    rateLimit = settings.rateLimit.map { RateLimit(interval: $0.interval, burst: $0.burst) }
  }
}

extension TLSServerSettings {
  fileprivate init(_ settings: WebTLSSettings) {
    self.init(certificate: settings.certificate, key: settings.key)
    clientCertificate =
      switch settings.clientAuth {
      case .none: .none
      case .request: .requested
      case .requireAny, .require: .required
      case .verifyIfGiven: .verifiedIfGiven
      case .requireAndVerify: .requiredAndVerified
      }
    clientAuthorities = settings.clientAuthorities
    clientNames = settings.clientAllowedNames
    // The same words in both.
    minVersion = Version(rawValue: settings.minVersion.rawValue) ?? .tls12
    maxVersion = Version(rawValue: settings.maxVersion.rawValue) ?? .tls13
    ciphers = settings.cipherSuites
    groups = settings.curves.compactMap { Group(rawValue: $0.rawValue) }
    prefersServerOrder = settings.prefersServerOrder
  }
}
