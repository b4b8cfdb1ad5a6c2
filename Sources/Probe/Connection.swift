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
  /// What is being sent, and how much of it is gone. Used again and again, so that a line in TLS costs no allocation.
  private var outgoing: [UInt8] = []
  private var sent = 0
  /// Used again and again too.
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

  /// How the loop knows it, to wait for.
  var attachment: Attachment { socket.attachment }

  /// The handshake is done.
  var isSecured: Bool { tls != nil }

  /// Our end; nil once the connection has gone.
  var local: SocketAddress? { socket.local }

  /// Bytes that the server has not acknowledged; nil where the kernel does not say.
  var unsentBytes: Int? { socket.unsentBytes }

  // MARK: Sending

  /// How far what is to be sent has come.
  enum Sending {
    /// The kernel has it all.
    case done
    /// The kernel takes no more for now.
    case unfinished
    case failed(ConnectionFault)

    var isDone: Bool { if case .done = self { true } else { false } }
  }

  /// Sends a line, through TLS where there is TLS, as far as that goes without waiting. `finish` does the rest.
  mutating func sendNow(_ bytes: [UInt8]) -> Sending {
    sent = 0
    guard let tls else {
      outgoing = bytes
      return push()
    }
    do throws(TLSFault) { try tls.write(bytes) } catch { return .failed(.tls(error)) }
    take(from: tls)
    return push()
  }

  /// Sends what is left over.
  mutating func finish(
    _ sending: Sending, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    var sending = sending
    while true {
      switch sending {
      case .done: return
      case .failed(let fault): throw fault
      case .unfinished:
        switch await loop.wait(for: attachment, .write, until: deadline) {
        case .ready: sending = push()
        case .timedOut: throw .timedOut
        case .ended: throw .ended
        }
      }
    }
  }

  /// Sends a line, through TLS where there is TLS.
  mutating func send(
    _ bytes: [UInt8], until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    let sending = sendNow(bytes)
    if !sending.isDone { try await finish(sending, until: deadline, on: loop) }
  }

  /// What a TLS session has to say.
  private mutating func take(from tls: TLSSession) {
    sent = 0
    outgoing.removeAll(keepingCapacity: true)
    _ = tls.takeOutgoing(&outgoing)
  }

  private mutating func push() -> Sending {
    while sent < outgoing.count {
      switch socket.sendNow(outgoing.span.extracting(sent..<outgoing.count)) {
      case .bytes(let count): sent += count
      case .wouldBlock: return .unfinished
      case .failed(let error): return .failed(ConnectionFault(error))
      }
    }
    return .done
  }

  // MARK: Receiving

  /// Gives the parser what has come and was not read yet; false where that is nothing. Neither this nor `take` is
  /// inlined: what they need for a moment would take room in the frame of whoever waits.
  @inline(never)
  mutating func read(
    into parser: inout ReplyParser, on loop: isolated EventLoop
  ) throws(ConnectionFault) -> Bool {
    guard let tls else { return false }
    switch tls.read(&plaintext) {
    case .bytes:
      parser.append(plaintext.span)
      plaintext.removeAll(keepingCapacity: true)
      return true
    case .wantsBytes: return false
    case .closed(let fault): throw .tls(fault)
    case .failed(let fault):
      if fault.kind == .protocol { rawBytes = Array(loop.receiveBuffer.bytes.prefix(Self.rawBytesKept)) }
      throw .tls(fault)
    }
  }

  /// Takes what came while the connection was waited for: in clear for the parser, in TLS for `read`.
  @inline(never)
  mutating func take(
    _ outcome: WaitOutcome, into parser: inout ReplyParser, on loop: isolated EventLoop
  ) throws(ConnectionFault) {
    if let tls { return try takeCiphertext(outcome, for: tls, on: loop) }
    switch try hear(outcome, on: loop) {
    case .bytes: loop.receiveBuffer.withBytes { parser.append($0) }
    case .nothing: break
    case .end: throw .closed(reset: false)
    }
  }

  /// Waits for bytes of the server, and gives them to the parser.
  mutating func receive(
    into parser: inout ReplyParser, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    guard try !read(into: &parser, on: loop) else { return }
    try take(await loop.wait(for: attachment, .read, until: deadline), into: &parser, on: loop)
  }

  private mutating func takeCiphertext(
    _ outcome: WaitOutcome, for tls: TLSSession, on loop: isolated EventLoop
  ) throws(ConnectionFault) {
    switch try hear(outcome, on: loop) {
    case .nothing: break
    case .end: tls.endOfStream()
    case .bytes:
      let buffer = loop.receiveBuffer
      bytesSinceTLS += buffer.count
      if self.tls == nil { noteRawBytes(buffer) }
      buffer.withBytes { tls.receive($0) }
    }
  }

  /// What there was to hear; bytes are in the loop's buffer then.
  private enum Heard {
    case bytes, nothing, end
  }

  private mutating func hear(
    _ outcome: WaitOutcome, on loop: isolated EventLoop
  ) throws(ConnectionFault) -> Heard {
    switch outcome {
    case .ready: break
    case .timedOut: throw .timedOut
    case .ended: throw .ended
    }
    switch socket.receive(into: loop.receiveBuffer, on: loop) {
    case .bytes(_, let arrival):
      lastArrival = arrival
      loop.observationLag.withLock { $0.observe(arrival.duration(to: .now())) }
      return .bytes
    case .wouldBlock: return .nothing
    case .endOfStream: return .end
    case .reset: throw .closed(reset: true)
    case .failed(let error): throw .system(error)
    }
  }

  // MARK: TLS

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
        try takeCiphertext(await loop.wait(for: attachment, .read, until: deadline), for: tls, on: loop)
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
      let outcome = await loop.wait(for: attachment, .read, until: deadline)
      switch try? hear(outcome, on: loop) {
      case .bytes: noteRawBytes(loop.receiveBuffer)
      case .nothing: continue
      case .end, nil: return
      }
    }
  }

  /// Says goodbye to the TLS session. The socket closes with this value.
  mutating func close() {
    guard let tls else { return }
    tls.close()
    take(from: tls)
    // A server that has closed first does not need it.
    _ = push()
  }

  /// Keeps the first bytes. The very first tells whether they are a record (RFC 8446 section 5.1).
  private mutating func noteRawBytes(_ buffer: ReceiveBuffer) {
    if rawBytes.isEmpty { isInClear = buffer.withBytes { !$0.isEmpty && !(20...23).contains($0[0]) } }
    if rawBytes.isEmpty { rawBytes.reserveCapacity(Self.recordBytesKept) }
    let room = (isInClear ? Self.rawBytesKept : Self.recordBytesKept) - rawBytes.count
    buffer.withBytes { bytes in
      for index in 0..<max(0, min(room, bytes.count)) { rawBytes.append(bytes[index]) }
    }
  }

  private mutating func flush(
    _ tls: TLSSession, until deadline: MonotonicInstant, on loop: isolated EventLoop
  ) async throws(ConnectionFault) {
    take(from: tls)
    let sending = push()
    if !sending.isDone { try await finish(sending, until: deadline, on: loop) }
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
