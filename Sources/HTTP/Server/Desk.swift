import Base

/// What the connections of a server share: who answers, and which answers are still to come.
final class Desk: Sendable {
  let responder: HTTPServer.Responder
  let connections: ConnectionTable
  private let tls: Locked<TLSCredentials?>
  private let waiting = Locked(Waiting())

  private struct Waiting {
    var isClosed = false
    var exchanges: [ObjectIdentifier: Exchange] = [:]
  }

  init(limits: HTTPLimits, tls: TLSCredentials?, responder: @escaping HTTPServer.Responder) {
    connections = ConnectionTable(limits: limits)
    self.tls = Locked(tls)
    self.responder = responder
  }

  /// What new sessions stand on; nil where nothing is encrypted.
  var credentials: TLSCredentials? {
    get { tls.withLock { $0 } }
    set { tls.withLock { $0 = newValue } }
  }

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
    for exchange in exchanges { exchange.stop() }
  }
}

extension Response {
  static let stopping = Response.text("The server is stopping.", status: 503)
}
