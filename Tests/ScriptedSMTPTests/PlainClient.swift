import Base
import Loop
import Model
import ScriptedSMTP

let identities = Result {
  try Identities(host: "m.test", at: Timestamp(microseconds: WallClock.microseconds()))
}

func scripted(_ scripts: String...) throws -> ScriptedServer {
  try ScriptedServer(scripts.map { try Script($0) }, identities: identities.get(), host: "m.test")
}

/// Runs a test's body on a loop of its own.
func onLoop<Output: Sendable>(
  _ body: @escaping @Sendable (isolated EventLoop) async throws -> Output
) throws -> Output {
  try EventLoop.run { loop in
    do { return Result<Output, any Error>.success(try await body(loop)) } catch { return .failure(error) }
  }.get()
}

/// A client that speaks and hears bytes.
struct PlainClient: ~Copyable {
  private let socket: Socket
  private let loop: EventLoop
  private(set) var text = ""
  /// How the connection ended; nil before it did.
  private(set) var end: Received?

  init(_ address: SocketAddress, on loop: isolated EventLoop) async throws {
    socket = try await Socket.connect(to: address, until: .now().advanced(by: .seconds(60)), on: loop)
    self.loop = loop
  }

  mutating func say(_ text: String) async {
    try? await socket.send(Array(text.utf8), until: .now().advanced(by: .seconds(60)), on: loop)
  }

  /// Hears until so many bytes have come.
  mutating func hear(_ count: Int = 1) async {
    let before = text.utf8.count
    while end == nil, text.utf8.count < before + count { await receive(on: loop) }
  }

  /// Hears until the server has nothing more to say.
  mutating func hearAll() async {
    while end == nil { await receive(on: loop) }
  }

  private mutating func receive(on loop: isolated EventLoop) async {
    let deadline = MonotonicInstant.now().advanced(by: .seconds(60))
    switch await socket.receive(into: loop.receiveBuffer, until: deadline, on: loop) {
    case .success(.bytes): text += String(decoding: loop.receiveBuffer.bytes, as: UTF8.self)
    case .success(let other): end = other
    case .failure: end = .wouldBlock
    }
  }
}

/// What client and server came to hear.
struct Talk: Sendable {
  var heardByClient: String
  var heardByServer: [String]
  var early: [String]
  var end: Received?
}

/// Lets a client talk to a server that plays a script.
func talk(
  _ script: String, _ act: @escaping @Sendable (inout PlainClient) async -> Void
) throws -> Talk {
  try onLoop { loop in
    let server = try scripted(script)
    Task(executorPreference: loop.executor) { await server.run(on: loop) }
    var talk = Talk(heardByClient: "", heardByServer: [], early: [])
    do {
      var client = try await PlainClient(server.address, on: loop)
      await act(&client)
      talk.heardByClient = client.text
      talk.end = client.end
    }
    while server.heard.isEmpty { _ = await loop.sleep(until: .now().advanced(by: .milliseconds(1))) }
    talk.heardByServer = server.heard.map { String(decoding: $0, as: UTF8.self) }
    talk.early = server.heardEarly.map { String(decoding: $0, as: UTF8.self) }
    return talk
  }
}
