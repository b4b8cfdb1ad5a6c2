import Base
import Configuration
import HTTP
import Logging

/// The doors of the program's pages by the web configuration file, which is read again whenever it or a file that it
/// names has changed. One that cannot be used leaves the doors as they are.
final class WebDoor: Sendable {
  /// What sessions stand on; nil where nothing is encrypted. It is settled at the start whether something is.
  let credentials: TLSCredentials?
  private let path: String?
  private let logger: Logger
  private let onReload: @Sendable (WebFileError?) -> Void
  private let state: Locked<State>

  private struct State {
    var configuration: WebConfiguration
    var stamps: FileStamps
    /// As the files were when they were last seen to differ: whoever still writes is waited for.
    var changing: FileStamps?
    var server: HTTPServer?
    var doorkeeper: Doorkeeper?
  }

  /// How often the files are looked at. A change is taken when it has stood for as long.
  private static let interval: Duration = .seconds(1)

  /// The doors of a file; without one they stand open. `onReload` is told of each time that the file was read again,
  /// with what keeps it from being used.
  init(
    _ path: String?, logger: Logger, onReload: @escaping @Sendable (WebFileError?) -> Void
  ) throws(WebFileError) {
    self.path = path
    self.logger = logger
    self.onReload = onReload
    guard let path else {
      credentials = nil
      state = Locked(State(configuration: WebConfiguration(), stamps: FileStamps()))
      return
    }
    let stamps = FileStamps(of: [path])
    let file = try WebFile(path)
    credentials = file.credentials
    for warning in file.warnings { logger.warning("\(warning)") }
    state = Locked(
      State(configuration: file.configuration, stamps: FileStamps(of: file.files, keeping: stamps)))
  }

  /// Opens: serves what `responder` says to those who may come in.
  func serve(
    _ addresses: [ListenAddress], counts: RequestCounts, _ responder: @escaping HTTPServer.Responder
  ) throws(HTTPServerError) -> HTTPServer {
    let configuration = state.withLock { $0.configuration }
    let doorkeeper = Doorkeeper(configuration, counts: counts, before: responder)
    let server = try HTTPServer(addresses: addresses, tls: credentials, responder: doorkeeper.answer)
    state.withLock { state in
      state.server = server
      state.doorkeeper = doorkeeper
    }
    return server
  }

  /// Looks after the files until the task is cancelled.
  func watch() -> Task<Void, Never>? {
    guard path != nil else { return nil }
    return Task.detached { [self] in
      while (try? await Task.sleep(for: Self.interval)) != nil {
        if hasChanged() { _ = reload() }
      }
    }
  }

  /// Reads the file again at once; what keeps it from being used is thrown, and in the log.
  func reload() -> Result<Void, WebFileError> {
    guard let path else { return .success(()) }
    return state.withLock { state in
      // What is written during the reading is seen as changed later.
      let stamps = state.stamps.renewed
      state.changing = nil
      state.stamps = stamps
      do throws(WebFileError) {
        let file = try WebFile(path)
        for warning in file.warnings { logger.warning("\(warning)") }
        state.stamps = FileStamps(of: file.files, keeping: stamps)
        adopt(file, &state)
        onReload(nil)
        return .success(())
      } catch {
        logger.error(
          "The web configuration cannot be used; the old one stays", metadata: ["error": "\(error)"])
        onReload(error)
        return .failure(error)
      }
    }
  }

  private func adopt(_ file: WebFile, _ state: inout State) {
    if (file.credentials == nil) != (credentials == nil) {
      logger.warning("Encryption is turned on or off at a start only: restart the program")
    } else if let credentials = file.credentials {
      state.server?.adopt(credentials)
    }
    state.configuration = file.configuration
    state.doorkeeper?.adopt(file.configuration)
    logger.info("Web configuration reloaded", metadata: ["file": "\(path ?? "")"])
  }

  private func hasChanged() -> Bool {
    state.withLock { state in
      let now = state.stamps.renewed
      guard now != state.stamps else {
        state.changing = nil
        return false
      }
      defer { state.changing = now }
      return state.changing == now
    }
  }
}
