import Glibc
import Model
import TLS
import Testing

@testable import HTTP

/// A client that asks over TLS, on a socket of its own.
struct TLSClient {
  /// The server closed before an answer, or the handshake failed.
  struct Refusal: Error {
    let words: String
  }

  let context: TLSContext

  init(_ options: ClientOptions = ClientOptions()) throws { context = try TLSContext(client: options) }

  /// Does a handshake, asks for `/` and reads the answer; the session tells the rest.
  func ask(_ port: UInt16) throws -> (answer: PlainClient.Answer, session: TLSSession) {
    let descriptor = try PlainClient.connect(port)
    defer { close(descriptor) }
    let session = TLSSession(client: context, serverName: "localhost")
    var handshake = session.handshake()
    while handshake == .wantsBytes {
      send(session, descriptor)
      try receive(session, descriptor)
      handshake = session.handshake()
    }
    guard handshake == .done else { throw Refusal(words: "\(handshake)") }
    try session.write(Array("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
    send(session, descriptor)
    var text: [UInt8] = []
    while true {
      switch session.read(&text) {
      case .bytes: continue
      case .wantsBytes:
        guard (try? receive(session, descriptor)) != nil else { return (try answer(of: text), session) }
      case .closed, .failed: return (try answer(of: text), session)
      }
    }
  }

  private func answer(of text: [UInt8]) throws -> PlainClient.Answer {
    guard !text.isEmpty else { throw Refusal(words: "no answer") }
    return try PlainClient.answer(of: text)
  }

  private func send(_ session: TLSSession, _ descriptor: Int32) {
    var bytes: [UInt8] = []
    _ = session.takeOutgoing(&bytes)
    _ = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
  }

  private func receive(_ session: TLSSession, _ descriptor: Int32) throws {
    var part = [UInt8](repeating: 0, count: 16_384)
    let count = recv(descriptor, &part, part.count, 0)
    guard count > 0 else { throw Refusal(words: "the server closed") }
    session.receive(part[..<count])
  }
}
