import Base

/// An HTTP/1.1 server for small answers: libmicrohttpd with one thread for each listen address.
///
/// A responder runs on such a thread, one request at a time, and must not block; answers go out as clients
/// read them, so that one who never reads keeps nobody else waiting.
package final class HTTPServer: Sendable {
  /// Answers requests; called on the server's threads.
  package typealias Responder = @Sendable (Request) -> Reply

  /// The bytes that a request's body may have; a longer one is answered with 413.
  package static let bodyLimit = 65_536

  /// Where the server listens, in the order asked for, with the ports that the system chose.
  package let addresses: [ListenAddress]
  private let desk: Desk
  /// nil once it is stopped.
  private let daemons: Locked<[Daemon]?>
  private let sweeper: Sweeper

  /// Listens on every address, or on none.
  ///
  /// - Parameter tls: What sessions stand on where connections are encrypted.
  package init(
    addresses: [ListenAddress], limits: HTTPLimits = HTTPLimits(), tls: TLSCredentials? = nil,
    responder: @escaping Responder
  ) throws(HTTPServerError) {
    let desk = Desk(limits: limits, tls: tls, responder: responder)
    var daemons: [Daemon] = []
    do throws(HTTPServerError) {
      for address in addresses {
        daemons.append(try Daemon(address, limits: limits, isSecure: tls != nil, desk: desk))
      }
    } catch {
      for daemon in daemons { daemon.stop() }
      throw error
    }
    self.addresses = daemons.map(\.address)
    self.desk = desk
    self.daemons = Locked(daemons)
    sweeper = Sweeper(every: limits.sweepInterval) { [connections = desk.connections] in connections.sweep() }
  }

  /// How many clients are connected.
  package var connectionCount: Int { desk.connections.count }

  /// Lets new sessions stand on other credentials. Whether connections are encrypted was settled at the start.
  package func adopt(_ tls: TLSCredentials) {
    if desk.credentials != nil { desk.credentials = tls }
  }

  deinit { stop() }

  /// Stops listening, ends what is under way and joins the threads. Further calls do nothing. Not to be
  /// called by a responder: a thread cannot join itself.
  package func stop() {
    let running = daemons.withLock { daemons in
      let running = daemons
      daemons = nil
      return running
    }
    guard let running else { return }
    sweeper.stop()
    desk.close()
    for daemon in running { daemon.stop() }
  }
}
