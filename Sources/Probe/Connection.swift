import Base
import Diagnosis
import Loop
import Model
import SMTP
import TLS

/// A connection to a server: a socket, and the TLS session over it once there is one.
struct Connection: ~Copyable {
  private let socket: Socket
  private var tls: TLSSession?
  /// Used again and again, so that a line costs no allocation.
  private var ciphertext: [UInt8] = []
  private var plaintext: [UInt8] = []

  /// When the last bytes received reached this host; before any, when the connection stood.
  private(set) var lastArrival: MonotonicInstant
  /// The first bytes heard while a handshake is under way, else those that broke a finished session: 1 KiB of
  /// what is no TLS record, the beginning of one that is.
  private(set) var rawBytes: [UInt8] = []
  /// Something else than TLS came in the handshake's place.
  private(set) var isInClear = false
  /// Bytes heard since TLS was begun.
  private(set) var bytesSinceTLS = 0

  private static let rawBytesKept = 1024
  private static let recordBytesKept = 16

  init(_ socket: consuming Socket) {
    lastArrival = socket.connectedAt
    self.socket = socket
  }

  /// The connection for somebody else to go on with; nil once it is inside TLS.
  consuming func surrender() -> Socket? {
    guard tls == nil else { return nil }
    return socket
  }

  /// The handshake is done.
  var isSecured: Bool { tls != nil }

  /// Our end; nil once the connection has gone.
  var local: SocketAddress? { socket.local }

  /// Bytes that the server has not acknowledged; nil where the kernel does not say.
  var unsentBytes: Int? { socket.unsentBytes }

  /// Sends a line, through TLS where there is TLS.
  mutating func send(
    _ bytes: [UInt8], until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    guard let tls else { return try await transmit(bytes, until: deadline, on: loop) }
    do throws(TLSFault) { try tls.write(bytes) } catch { throw .tls(error) }
    try await flush(tls, until: deadline, on: loop)
  }

  /// Waits for bytes of the server, and gives them to the parser.
  mutating func receive(
    into parser: inout ReplyParser, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    guard let tls else {
      guard try await receive(until: deadline, on: loop) else { throw .closed(reset: false) }
      loop.receiveBuffer.withBytes { parser.append($0) }
      return
    }
    while true {
      // What came along with the end of the handshake is already here: read before waiting.
      switch tls.read(&plaintext) {
      case .bytes:
        parser.append(plaintext.span)
        plaintext.removeAll(keepingCapacity: true)
        return
      case .closed(let fault): throw .tls(fault)
      case .failed(let fault):
        if fault.kind == .protocol { rawBytes = Array(loop.receiveBuffer.bytes.prefix(Self.rawBytesKept)) }
        throw .tls(fault)
      case .wantsBytes:
        try await receiveCiphertext(of: tls, until: deadline, on: loop)
      }
    }
  }

  /// Does the handshake of a session, which is the connection's from then on.
  ///
  /// - Parameter speaksNext: the client says something at once. The end of its side of the handshake then goes
  ///   along with that, in one segment.
  mutating func secure(
    with tls: TLSSession, speaksNext: Bool, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    bytesSinceTLS = 0
    rawBytes = []
    while true {
      let progress = tls.handshake()
      switch progress {
      case .done:
        if !speaksNext { try await flush(tls, until: deadline, on: loop) }
        self.tls = tls
        rawBytes = []
        return
      case .wantsBytes:
        try await flush(tls, until: deadline, on: loop)
        try await receiveCiphertext(of: tls, until: deadline, on: loop)
      case .failed(let fault):
        // The alert for the server; whether it still listens does not matter.
        try? await flush(tls, until: deadline, on: loop)
        throw .tls(fault)
      }
    }
  }

  /// Reads on behind a broken handshake, to the end of the line that broke it: what the server says in clear.
  mutating func drainClearText(until deadline: MonotonicInstant, on loop: isolated EventLoop) async {
    while isInClear, rawBytes.count < Self.rawBytesKept, !rawBytes.contains(0x0A) {
      guard (try? await receive(until: deadline, on: loop)) == true else { return }
      noteRawBytes(loop.receiveBuffer)
    }
  }

  /// Says goodbye to the TLS session. The socket closes with this value.
  mutating func close() {
    guard let tls else { return }
    tls.close()
    ciphertext.removeAll(keepingCapacity: true)
    guard tls.takeOutgoing(&ciphertext) > 0 else { return }
    // A server that has closed first does not need it.
    _ = socket.sendNow(ciphertext.span)
  }

  private mutating func receiveCiphertext(
    of tls: TLSSession, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    guard try await receive(until: deadline, on: loop) else { return tls.endOfStream() }
    let buffer = loop.receiveBuffer
    bytesSinceTLS += buffer.count
    if self.tls == nil { noteRawBytes(buffer) }
    buffer.withBytes { tls.receive($0) }
  }

  /// Keeps the first bytes. The very first tells whether they are a record (RFC 8446 section 5.1).
  private mutating func noteRawBytes(_ buffer: ReceiveBuffer) {
    if rawBytes.isEmpty { isInClear = buffer.withBytes { !$0.isEmpty && !(20...23).contains($0[0]) } }
    let room = (isInClear ? Self.rawBytesKept : Self.recordBytesKept) - rawBytes.count
    buffer.withBytes { bytes in
      for index in 0..<max(0, min(room, bytes.count)) { rawBytes.append(bytes[index]) }
    }
  }

  /// Waits for bytes, and leaves them in the loop's buffer; false at the end of the stream.
  private mutating func receive(
    until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) -> Bool {
    while true {
      switch await loop.wait(for: socket.descriptor, .read, until: deadline) {
      case .ready: break
      case .timedOut: throw .timedOut
      case .ended: throw .ended
      }
      switch socket.receive(into: loop.receiveBuffer) {
      case .bytes(_, let arrival):
        lastArrival = arrival
        return true
      case .wouldBlock: continue
      case .endOfStream: return false
      case .reset: throw .closed(reset: true)
      case .failed(let error): throw .system(error)
      }
    }
  }

  private mutating func flush(
    _ tls: TLSSession, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    ciphertext.removeAll(keepingCapacity: true)
    guard tls.takeOutgoing(&ciphertext) > 0 else { return }
    try await transmit(ciphertext, until: deadline, on: loop)
  }

  private func transmit(
    _ bytes: [UInt8], until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    do throws(SendError) {
      try await socket.send(bytes, until: deadline, on: loop)
    } catch {
      throw ConnectionFault(error)
    }
  }
}

/// How a connection failed its user.
enum ConnectionFault: Error {
  case timedOut
  case closed(reset: Bool)
  case tls(TLSFault)
  /// What came is no reply.
  case malformed(ReplyError)
  case system(SystemError)
  /// The loop ended.
  case ended

  init(_ error: SendError) {
    self =
      switch error {
      case .timedOut: .timedOut
      case .reset: .closed(reset: true)
      case .system(let error): .system(error)
      case .ended: .ended
      }
  }

  /// What has come and is no reply may tell why.
  var leavesBytesUnread: Bool {
    switch self {
    case .timedOut, .closed, .malformed: true
    case .tls, .system, .ended: false
    }
  }

  /// The fault in few words, for a line of evidence or a transcript.
  var words: String {
    switch self {
    case .timedOut: "no answer in time"
    case .closed(let reset): reset ? "the connection was reset" : "the connection was closed"
    case .tls(let fault): fault.text
    case .malformed(let error): error.description
    case .system(let error): error.description
    case .ended: "the monitor is stopping"
    }
  }

  /// The server went away; what it said before may still be unread.
  var isClosure: Bool {
    if case .closed = self { true } else { false }
  }
}

extension Fault {
  init(_ fault: ConnectionFault) {
    self =
      switch fault {
      case .timedOut: .timeout
      case .closed(let reset): .closed(reset: reset)
      case .tls(let fault): .tls(fault)
      case .malformed(let error): .badReply(error.description, bytes: error.bytes)
      case .system(let error): .local(error.description)
      case .ended: .local(Fault.stopping)
      }
  }
}
