import Base
import DNS
import Loop
import Model
import SMTP
import TLS

/// One request to a monitor, and the first line of its answer.
struct HTTPVisit: Sendable {
  /// How the connection is encrypted.
  struct Security: Sendable {
    let context: TLSContext
    let trust: TrustStore
    /// nil: the host's own.
    let serverName: String?
    let isForgiving: Bool
  }

  /// Why there was no answer.
  struct Silence: Error, CustomStringConvertible {
    let description: String

    init(_ words: String) { description = words }
  }

  private static let patience: Duration = .seconds(5)
  private static let longestLine = 4096

  let place: HTTPPlace
  let authorization: String?
  let security: Security?

  /// The value of the header Authorization for a user with a password (RFC 7617).
  static func basicAuthorization(user: String, password: Secret) -> String {
    let pair = Array("\(user):".utf8) + password.bytes
    return "Basic " + String(decoding: Base64.encode(pair), as: UTF8.self)
  }

  /// The status line of the answer.
  func statusLine(on loop: isolated EventLoop) async -> Result<String, Silence> {
    let deadline = MonotonicInstant.now().advanced(by: Self.patience)
    do {
      let resolution = try await Resolver().addresses(
        of: place.host, port: place.port, until: deadline, on: loop)
      guard let address = resolution.addresses.first else { return .failure(Silence("no address")) }
      let socket = try await Socket.connect(to: address, until: deadline, on: loop)
      let bytes =
        if let security {
          try await ask(socket, security, until: deadline, on: loop)
        } else {
          try await ask(socket, until: deadline, on: loop)
        }
      let line = bytes.prefix { $0 != 0x0D && $0 != 0x0A }
      return .success(String(decoding: line, as: UTF8.self))
    } catch {
      return .failure(Silence("\(error)"))
    }
  }

  private var request: [UInt8] {
    let login = authorization.map { "Authorization: \($0)\r\n" } ?? ""
    return Array(
      "GET \(place.healthPath) HTTP/1.0\r\nHost: \(place.host)\r\nUser-Agent: smtpwatch\r\n\(login)\r\n".utf8)
  }

  private func ask(
    _ socket: borrowing Socket, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws -> [UInt8] {
    try await socket.send(request, until: deadline, on: loop)
    var answer: [UInt8] = []
    while !Self.isLine(answer) {
      guard try await receive(socket, until: deadline, on: loop) else { throw Self.ended }
      answer += loop.receiveBuffer.bytes
    }
    return answer
  }

  private func ask(
    _ socket: borrowing Socket, _ security: Security, until deadline: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws -> [UInt8] {
    let name = security.serverName ?? place.host
    let session = TLSSession(client: security.context, serverName: name)
    var answer: [UInt8] = []
    var hasAsked = false
    while !Self.isLine(answer) {
      if !hasAsked {
        switch session.handshake() {
        case .done:
          try Self.judge(session, security, name: name)
          try session.write(request)
          hasAsked = true
        case .wantsBytes: break
        case .failed(let fault): throw Silence("no TLS: \(fault.text)")
        }
      }
      try await flush(session, to: socket, until: deadline, on: loop)
      if hasAsked {
        switch session.read(&answer) {
        case .bytes: continue
        case .closed: throw Self.ended
        case .failed(let fault): throw Silence("TLS broke: \(fault.text)")
        case .wantsBytes: break
        }
      }
      if try await receive(socket, until: deadline, on: loop) {
        session.receive(loop.receiveBuffer.bytes)
      } else {
        session.endOfStream()
      }
    }
    return answer
  }

  /// Refuses a certificate that is not to be believed, before anything secret is said.
  private static func judge(_ session: TLSSession, _ security: Security, name: String) throws(Silence) {
    guard !security.isForgiving else { return }
    let now = Timestamp(microseconds: WallClock.microseconds())
    let facts = CertificateJudge().judge(session, trust: security.trust, name: name, at: now)
    guard facts.verified else {
      let fault = facts.faults.first?.text ?? "unknown fault"
      throw Silence("its certificate is not to be believed: \(fault) (--tls.ca-file names who is)")
    }
  }

  private func flush(
    _ session: TLSSession, to socket: borrowing Socket, until deadline: MonotonicInstant,
    on loop: isolated EventLoop
  ) async throws {
    var ciphertext: [UInt8] = []
    guard session.takeOutgoing(&ciphertext) > 0 else { return }
    try await socket.send(ciphertext, until: deadline, on: loop)
  }

  /// Waits for bytes, and leaves them in the loop's buffer; false at the end of the stream.
  private func receive(
    _ socket: borrowing Socket, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(Silence) -> Bool {
    switch await socket.receive(into: loop.receiveBuffer, until: deadline, on: loop) {
    case .success(.bytes): return true
    case .success: return false
    case .failure(let error): throw Silence("\(error)")
    }
  }

  private static func isLine(_ bytes: [UInt8]) -> Bool { bytes.contains(0x0A) || bytes.count >= longestLine }

  private static let ended = Silence("the connection ended without an answer")
}
