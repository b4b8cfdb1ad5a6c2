import ArgumentParser
import Base
import Configuration
import Loop
import TLS

/// `smtpwatch healthcheck`: asks a running monitor whether it is well, for containers.
struct HealthcheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "healthcheck",
    abstract: "Ask a running monitor whether it is healthy.",
    discussion: "Exits 0 where it is, and 1 where it is not or does not answer.")

  @Argument(help: "The monitor's address, such as http://127.0.0.1:10525 or https://localhost:10525.")
  var url = "http://127.0.0.1:10525"

  @Option(
    name: .customLong("tls.ca-file"),
    help: ArgumentHelp("Trust only the authorities of this PEM file.", valueName: "file"))
  var caFile: String?

  @Option(
    name: .customLong("tls.server-name"),
    help: ArgumentHelp("The name that the certificate must be for.", valueName: "name"))
  var serverName: String?

  @Option(
    name: .customLong("tls.cert-file"),
    help: ArgumentHelp("A client certificate, where the monitor wants one.", valueName: "file"))
  var certFile: String?

  @Option(
    name: .customLong("tls.key-file"),
    help: ArgumentHelp("The key of the client certificate.", valueName: "file"))
  var keyFile: String?

  @Flag(name: .customLong("tls.insecure-skip-verify"), help: "Believe any certificate.")
  var insecureSkipVerify = false

  @Option(name: .customLong("auth.user"), help: ArgumentHelp("Log in as this user.", valueName: "user"))
  var user: String?

  @Option(
    name: .customLong("auth.password-env"),
    help: ArgumentHelp("The environment variable that holds the password.", valueName: "variable"))
  var passwordVariable: String?

  @Option(
    name: .customLong("auth.password-file"),
    help: ArgumentHelp("The file that holds the password.", valueName: "file"))
  var passwordFile: String?

  func validate() throws {
    let hasPassword = passwordFile != nil || passwordVariable != nil
    guard (user != nil) == hasPassword else {
      throw ValidationError(
        "--auth.user goes with --auth.password-file or --auth.password-env.")
    }
    guard passwordFile == nil || passwordVariable == nil else {
      throw ValidationError("Give one of --auth.password-file and --auth.password-env.")
    }
    guard keyFile == nil || certFile != nil else {
      throw ValidationError("--tls.key-file goes with --tls.cert-file.")
    }
  }

  func run() throws {
    let place = try HTTPPlace(url)
    let visit = HTTPVisit(
      place: place, authorization: try authorization(), security: place.isEncrypted ? try security() : nil)
    let outcome = try EventLoop.run { loop in await visit.statusLine(on: loop) }
    switch outcome {
    case .success(let status) where status.contains(" 200 "): return
    case .success(let status):
      let cure = status.contains(" 401 ") ? " (log in with --auth.user and --auth.password-file)" : ""
      StandardStream.error.write("\(url) is not healthy: \(status)\(cure)\n")
    case .failure(let error): StandardStream.error.write("\(url) does not answer: \(error)\n")
    }
    throw ExitCode.failure
  }

  /// The value of the header Authorization; nil without a user.
  private func authorization() throws -> String? {
    guard let user else { return nil }
    let source: SecretSource =
      if let passwordFile { .file(path: passwordFile) } else { .environment(name: passwordVariable ?? "") }
    do throws(ConfigurationError) {
      let (password, _) = try source.read(
        environment: Environment.variables(), at: Place(file: "healthcheck"))
      return HTTPVisit.basicAuthorization(user: user, password: password)
    } catch {
      throw Refusal.configuration("\(error)")
    }
  }

  private func security() throws -> HTTPVisit.Security {
    do throws(TLSMaterialError) {
      let trust = if let caFile { try TrustStore(caFile: caFile) } else { TrustStore() }
      let context = try TLSContext(client: ClientOptions(certFile: certFile, keyFile: keyFile))
      return HTTPVisit.Security(
        context: context, trust: trust, serverName: serverName, isForgiving: insecureSkipVerify)
    } catch {
      throw Refusal.configuration("\(error)")
    }
  }
}

/// Where a monitor serves.
struct HTTPPlace: Sendable {
  let isEncrypted: Bool
  let host: String
  let port: UInt16
  /// Ends with a slash.
  let path: String

  /// Reads `http://HOST[:PORT][/PREFIX]`, or the same with `https`.
  init(_ url: String) throws {
    let usage = ValidationError(
      "\(url.quoted) is no address of a monitor: write http://HOST:PORT or https://HOST:PORT.")
    isEncrypted = url.hasPrefix("https://")
    guard isEncrypted || url.hasPrefix("http://") else { throw usage }
    let parts = url.dropFirst(isEncrypted ? 8 : 7).split(
      separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let authority = parts.first, !authority.isEmpty,
      case .server(let server)? = try? Endpoint.parse(String(authority))
    else { throw usage }
    host = server.host
    port = server.isPortGiven ? UInt16(server.port) : isEncrypted ? 443 : 80
    let prefix = parts.count == 2 ? parts[1].split(separator: "/").joined(separator: "/") : ""
    path = prefix.isEmpty ? "/" : "/\(prefix)/"
  }

  /// `/-/healthy` below the path, unless that says so already.
  var healthPath: String {
    path.hasSuffix("/-/healthy/") ? String(path.dropLast()) : "\(path)-/healthy"
  }
}
