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
  private let daemons: Locked<[Daemon]>

  /// Listens on every address, or on none.
  package init(addresses: [ListenAddress], responder: @escaping Responder) throws(HTTPServerError) {
    let desk = Desk(responder: responder)
    var daemons: [Daemon] = []
    do throws(HTTPServerError) {
      for address in addresses { daemons.append(try Daemon(address, desk: desk)) }
    } catch {
      for daemon in daemons { daemon.stop() }
      throw error
    }
    self.addresses = daemons.map(\.address)
    self.desk = desk
    self.daemons = Locked(daemons)
  }

  deinit { stop() }

  /// Stops listening, ends what is under way and joins the threads. Further calls do nothing. Not to be
  /// called by a responder: a thread cannot join itself.
  package func stop() {
    let running = daemons.withLock { daemons in
      let running = daemons
      daemons = []
      return running
    }
    desk.close()
    for daemon in running { daemon.stop() }
  }
}
