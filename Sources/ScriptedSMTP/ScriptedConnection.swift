import Base
import Loop
import TLS

/// What a client said.
struct Hearing: Sendable {
  /// All of it; what came through TLS in plaintext.
  var bytes: [UInt8] = []
  /// What was there before the server had said a word.
  var early: [UInt8] = []
}

/// The server's end of one connection.
struct ScriptedConnection: ~Copyable {
  private let socket: Socket
  private var tls: TLSSession?
  private var unread: [UInt8] = []
  private(set) var hearing = Hearing()
  /// Something was sent, or TLS has begun.
  private var hasSpoken = false

  /// What no script's step waits longer for.
  private static let patience: Duration = .seconds(120)

  init(_ socket: consuming Socket) { self.socket = socket }

  var isSecured: Bool { tls != nil }

  /// Sends bytes, through TLS where there is TLS; false once the client has gone.
  mutating func send(_ bytes: [UInt8], on loop: isolated EventLoop) async -> Bool {
    guard let tls else { return await sendRaw(bytes, on: loop) }
    guard (try? tls.write(bytes)) != nil else { return false }
    return await flush(tls, on: loop)
  }

  /// Sends bytes below TLS.
  mutating func sendRaw(_ bytes: [UInt8], on loop: isolated EventLoop) async -> Bool {
    if !hasSpoken { listenOnce(on: loop) }
    return await transmit(bytes, on: loop)
  }

  /// Hears what is there by now: it was said before our first word.
  private mutating func listenOnce(on loop: isolated EventLoop) {
    hasSpoken = true
    if case .bytes = socket.receive(into: loop.receiveBuffer, on: loop) {
      unread += loop.receiveBuffer.bytes
      hearing.bytes += loop.receiveBuffer.bytes
    }
    hearing.early = hearing.bytes
  }

  private func transmit(_ bytes: [UInt8], on loop: isolated EventLoop) async -> Bool {
    (try? await socket.send(bytes, until: .now().advanced(by: Self.patience), on: loop)) != nil
  }

  /// The next line without its end; nil once the client has gone.
  mutating func readLine(on loop: isolated EventLoop) async -> [UInt8]? {
    while true {
      if let end = unread.firstIndex(of: 0x0A) {
        let line = unread[..<end]
        unread.removeSubrange(...end)
        return line.last == 0x0D ? Array(line.dropLast()) : Array(line)
      }
      guard await fill(on: loop) else { return nil }
    }
  }

  /// Reads one TLS record that is a handshake's, and leaves it unanswered.
  mutating func readClientHello(on loop: isolated EventLoop) async -> Bool {
    while unread.count < 5 || unread.count < 5 + Int(unread[3]) << 8 + Int(unread[4]) {
      guard await fill(on: loop) else { return false }
    }
    return true
  }

  /// Loses for a while what the client sends: it is not even acknowledged, and comes again later.
  func lose(for time: Duration, on loop: isolated EventLoop) async -> Bool {
    socket.losesArrivals(true)
    defer { socket.losesArrivals(false) }
    return await loop.sleep(until: .now().advanced(by: time))
  }

  /// Asks for a new handshake; false where there is no session.
  func renegotiate(on loop: isolated EventLoop) async -> Bool {
    guard let tls else { return false }
    tls.renegotiate()
    return await flush(tls, on: loop)
  }

  /// Listens until the client has gone.
  mutating func hold(on loop: isolated EventLoop) async {
    while await fill(on: loop) {}
  }

  /// The handshake as server.
  mutating func secure(_ context: TLSContext, on loop: isolated EventLoop) async -> Bool {
    hasSpoken = true
    let session = TLSSession(server: context)
    session.receive(unread)
    unread = []
    while true {
      let progress = session.handshake()
      guard await flush(session, on: loop) else { return false }
      switch progress {
      case .done:
        tls = session
        return true
      case .failed: return false
      case .wantsBytes:
        guard await receive(on: loop) else { return false }
        loop.receiveBuffer.withBytes { session.receive($0) }
      }
    }
  }

  /// Ends our side; what the client still says is read, so that no RST cuts off what was sent.
  mutating func finish(on loop: isolated EventLoop) async {
    if let tls {
      tls.close()
      _ = await flush(tls, on: loop)
    }
    socket.shutdownWrite()
    await hold(on: loop)
  }

  /// Breaks the connection off with RST.
  consuming func reset() -> Hearing {
    let hearing = hearing
    socket.abort()
    return hearing
  }

  private mutating func fill(on loop: isolated EventLoop) async -> Bool {
    guard let tls else {
      guard await receive(on: loop) else { return false }
      let bytes = loop.receiveBuffer.bytes
      unread += bytes
      hearing.bytes += bytes
      return true
    }
    let before = unread.count
    while true {
      switch tls.read(&unread) {
      case .bytes:
        hearing.bytes += unread[before...]
        return true
      case .wantsBytes:
        guard await receive(on: loop) else { return false }
        loop.receiveBuffer.withBytes { tls.receive($0) }
      case .closed, .failed: return false
      }
    }
  }

  private func receive(on loop: isolated EventLoop) async -> Bool {
    let deadline = MonotonicInstant.now().advanced(by: Self.patience)
    switch await socket.receive(into: loop.receiveBuffer, until: deadline, on: loop) {
    case .success(.bytes): return true
    case .success, .failure: return false
    }
  }

  private func flush(_ session: TLSSession, on loop: isolated EventLoop) async -> Bool {
    var ciphertext: [UInt8] = []
    guard session.takeOutgoing(&ciphertext) > 0 else { return true }
    return await transmit(ciphertext, on: loop)
  }
}
