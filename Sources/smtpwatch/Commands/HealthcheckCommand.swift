import ArgumentParser
import Base
import Configuration
import DNS
import Loop

/// `smtpwatch healthcheck`: asks a running monitor whether it is well, for containers.
struct HealthcheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "healthcheck",
    abstract: "Ask a running monitor whether it is healthy.",
    discussion: "Exits 0 where it is, and 1 where it is not or does not answer.")

  @Argument(help: "The monitor's address, such as http://127.0.0.1:10525.")
  var url = "http://127.0.0.1:10525"

  private static let patience: Duration = .seconds(5)

  func run() throws {
    let place = try HTTPPlace(url)
    let outcome = try EventLoop.run { loop in await Self.ask(place, on: loop) }
    switch outcome {
    case .success(let status) where status.contains(" 200 "): return
    case .success(let status): StandardStream.error.write("\(url) is not healthy: \(status)\n")
    case .failure(let error): StandardStream.error.write("\(url) does not answer: \(error)\n")
    }
    throw ExitCode.failure
  }

  /// The status line of the answer.
  private static func ask(_ place: HTTPPlace, on loop: isolated EventLoop) async -> Result<String, Silence> {
    let deadline = MonotonicInstant.now().advanced(by: patience)
    do {
      let resolution = try await Resolver().addresses(
        of: place.host, port: place.port, until: deadline, on: loop)
      guard let address = resolution.addresses.first else { return .failure(Silence("no address")) }
      let socket = try await Socket.connect(to: address, until: deadline, on: loop)
      try await socket.send(Array(place.request.utf8), until: deadline, on: loop)
      var answer: [UInt8] = []
      while !answer.contains(0x0A), answer.count < 4096 {
        guard
          case .success(.bytes) = await socket.receive(into: loop.receiveBuffer, until: deadline, on: loop)
        else { return .failure(Silence("the connection ended without an answer")) }
        answer += loop.receiveBuffer.bytes
      }
      let line = answer.prefix { $0 != 0x0D && $0 != 0x0A }
      return .success(String(decoding: line, as: UTF8.self))
    } catch {
      return .failure(Silence("\(error)"))
    }
  }

  /// Why there was no answer.
  private struct Silence: Error, CustomStringConvertible {
    let description: String

    init(_ words: String) { description = words }
  }
}

/// Where a monitor serves.
struct HTTPPlace: Sendable {
  let host: String
  let port: UInt16
  /// Ends with a slash.
  let path: String

  /// Reads `http://HOST[:PORT][/PREFIX]`.
  init(_ url: String) throws {
    let usage = ValidationError("'\(url)' is no address of a monitor: write http://HOST:PORT.")
    guard url.hasPrefix("http://") else { throw usage }
    let parts = url.dropFirst(7).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let authority = parts.first, !authority.isEmpty,
      case .server(let server)? = try? Endpoint.parse(String(authority))
    else { throw usage }
    host = server.host
    port = server.isPortGiven ? UInt16(server.port) : 80
    let prefix = parts.count == 2 ? parts[1].split(separator: "/").joined(separator: "/") : ""
    path = prefix.isEmpty ? "/" : "/\(prefix)/"
  }

  /// Asks `/-/healthy`, unless the path says so already.
  var request: String {
    let path = path.hasSuffix("/-/healthy/") ? String(path.dropLast()) : "\(path)-/healthy"
    return "GET \(path) HTTP/1.0\r\nHost: \(host)\r\nUser-Agent: smtpwatch\r\n\r\n"
  }
}
