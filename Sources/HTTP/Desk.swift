import Base

/// What the connections of a server share: who answers, and which answers are still to come.
final class Desk: Sendable {
  let responder: HTTPServer.Responder
  private let waiting = Locked(Waiting())

  private struct Waiting {
    var isClosed = false
    var exchanges: [ObjectIdentifier: Exchange] = [:]
  }

  init(responder: @escaping HTTPServer.Responder) { self.responder = responder }

  /// Keeps a suspended exchange; false where the server is stopping and nobody may wait any more.
  func admit(_ exchange: Exchange) -> Bool {
    waiting.withLock { waiting in
      guard !waiting.isClosed else { return false }
      waiting.exchanges[ObjectIdentifier(exchange)] = exchange
      return true
    }
  }

  /// Forgets an exchange that has its answer.
  func dismiss(_ exchange: Exchange) {
    waiting.withLock { $0.exchanges[ObjectIdentifier(exchange)] = nil }
  }

  /// Answers everyone who waits: the library must not be stopped while connections are suspended.
  func close() {
    let exchanges = waiting.withLock { waiting in
      waiting.isClosed = true
      return Array(waiting.exchanges.values)
    }
    for exchange in exchanges { exchange.resume(with: .stopping) }
  }
}

extension Response {
  static let stopping = Response.text("The server is stopping.", status: 503)
}
