import Base
import Loop
import Model

/// Takes test messages over LMTP: a few connections at once, each for a short while.
enum LMTPListener {
  private static let maxConnections = 20
  private static let lifetime: Duration = .seconds(120)
  private static let patience: Duration = .seconds(30)

  /// Listens and serves until the task or the loop ends. `found` is told of messages, and now and then, that all is
  /// well, of none.
  ///
  /// - Throws: where the address cannot be listened on.
  static func run(
    on address: SocketAddress, every interval: Duration, isOurs: @escaping @Sendable (String) -> Bool,
    on loop: isolated EventLoop, found: @escaping @Sendable ([Finding]) -> Void
  ) async throws(SystemError) {
    let listener = try Listener(on: address)
    let count = Locked(0)
    var nextSign = MonotonicInstant.now()
    while !Task.isCancelled {
      if nextSign <= .now() {
        found([])
        nextSign = .now().advanced(by: interval)
      }
      // Not for longer, so that the end of the task is seen.
      switch await listener.accept(until: min(nextSign, .now().advanced(by: .seconds(1))), on: loop) {
      case .failure(.timedOut): continue
      case .failure(.ended): return
      case .failure:
        // No descriptors left: others may be closed in a moment.
        guard await loop.sleep(until: .now().advanced(by: .seconds(1))) else { return }
      case .success(let socket):
        guard count.withLock({ $0 }) < maxConnections else {
          _ = socket.sendNow(Array("421 4.7.0 Too many connections\r\n".utf8).span)
          continue
        }
        count.withLock { $0 += 1 }
        var connection: Socket? = socket
        Task(executorPreference: loop.executor) {
          if let socket = connection.take() { await serve(socket, isOurs, on: loop, found: found) }
          count.withLock { $0 -= 1 }
        }
      }
    }
  }

  private static func serve(
    _ socket: consuming Socket, _ isOurs: @escaping @Sendable (String) -> Bool, on loop: isolated EventLoop,
    found: @Sendable ([Finding]) -> Void
  ) async {
    var session = LMTPSession(isOurs: isOurs)
    let end = MonotonicInstant.now().advanced(by: lifetime)
    var reply = LMTPSession.greeting
    while true {
      let limit = min(end, .now().advanced(by: patience))
      guard (try? await socket.send(reply, until: limit, on: loop)) != nil,
        case .success(.bytes) = await socket.receive(into: loop.receiveBuffer, until: limit, on: loop)
      else { return }
      let step = session.receive(loop.receiveBuffer.bytes)
      if !step.messages.isEmpty { found(step.messages.map { Finding(message: $0, folder: .inbox) }) }
      reply = step.reply
      if step.isOver {
        // The client has gone, or hears it: nothing is left to do either way.
        _ = try? await socket.send(reply, until: limit, on: loop)
        return
      }
    }
  }
}
