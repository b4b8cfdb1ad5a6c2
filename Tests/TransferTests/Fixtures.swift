import Base
import Foundation
import Loop
import Model
import ScriptedSMTP
import TLS

@testable import Transfer

/// The authority of all servers here, and their certificates, for `policy.test`.
let identities = Result {
  try Identities(host: "policy.test", at: Timestamp(microseconds: WallClock.microseconds()))
}

/// The authority's certificate as a file.
let authorityFile = Result {
  let path = FileManager.default.temporaryDirectory.appending(path: "smtpwatch-ca-\(getpid()).pem").path
  try identities.get().authority.certificate.pem.write(toFile: path, atomically: true, encoding: .utf8)
  return path
}

/// A server on a loop and a thread of its own that says over TLS, or in clear, what a script says.
final class Server: Sendable {
  private let loop: EventLoop
  private let scripted: ScriptedServer

  init(_ scripts: String...) throws {
    loop = try EventLoop()
    scripted = try ScriptedServer(
      scripts.map { try Script($0) }, identities: identities.get(), host: "policy.test")
    try loop.runOnOwnThread()
    Task(executorPreference: loop.executor) { [loop, scripted] in await scripted.run(on: loop) }
  }

  deinit { loop.stop() }

  var port: UInt16 { scripted.address.port }

  /// What each client said, of those that have gone.
  var heard: [String] { scripted.heard.map { String(decoding: $0, as: UTF8.self) } }

  /// What the first clients said, once they have gone.
  func heard(_ count: Int) async -> [String] {
    while heard.count < count { await Task.yield() }
    return heard
  }

  /// A request to it by its name.
  func request(_ path: String = "/", scheme: String = "https") throws -> TransferRequest {
    var request = TransferRequest(url: "\(scheme)://policy.test:\(port)\(path)")
    request.addresses = [.loopback()]
    request.caFile = try authorityFile.get()
    request.timeout = .seconds(20)
    return request
  }
}

/// The client of most tests.
let client = Result { try fresh() }

/// A client of its own: the first connection's tags with IMAP begin with A.
func fresh() throws -> TransferClient { try TransferClient(userAgent: "smtpwatch/test") }

/// What a request leads to.
func outcome(
  _ request: TransferRequest, of own: TransferClient? = nil
) async throws -> Result<TransferResponse, TransferError> {
  let client = try own ?? client.get()
  do throws(TransferError) {
    return .success(try await client.perform(request))
  } catch {
    return .failure(error)
  }
}

/// The error of a request that has to fail.
func failure(_ request: TransferRequest, of own: TransferClient? = nil) async throws -> TransferError? {
  switch try await outcome(request, of: own) {
  case .success: nil
  case .failure(let error): error
  }
}
