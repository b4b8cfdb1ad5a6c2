import Base
import Loop
import Model
import SMTP
import TLS

/// One short visit to a server: a reply, a command, a handshake, and QUIT.
struct Visit: ~Copyable {
  private var connection: Connection
  private var parser = ReplyParser()
  private var session: TLSSession?
  private let limit: MonotonicInstant
  private var hasGreeted = false
  private var isOver = false

  init(_ socket: consuming Socket, until limit: MonotonicInstant) {
    connection = Connection(socket)
    self.limit = limit
  }

  /// Our end; nil once the connection has gone.
  var local: SocketAddress? { connection.local }

  /// What came in place of TLS.
  var heardInClear: [UInt8] { connection.isInClear ? connection.rawBytes : [] }

  /// The next reply; nil where none comes.
  mutating func reply(on loop: isolated EventLoop) async -> Reply? {
    do {
      while true {
        if let reply = try parser.next() {
          hasGreeted = true
          isOver = reply.code == 421
          return reply
        }
        try await connection.receive(into: &parser, until: limit, on: loop)
      }
    } catch {
      // Whatever went wrong, there is no reply, and none will come.
      isOver = true
      return nil
    }
  }

  /// Says a command, and hears its reply; nil where none comes.
  mutating func say(_ command: Command, on loop: isolated EventLoop) async -> Reply? {
    guard !isOver, (try? await connection.send(command.wire, until: limit, on: loop)) != nil else {
      return nil
    }
    return await reply(on: loop)
  }

  /// Says what no reply answers; false where the connection has gone.
  mutating func say(_ bytes: [UInt8], on loop: isolated EventLoop) async -> Bool {
    (try? await connection.send(bytes, until: limit, on: loop)) != nil
  }

  /// Says EHLO, and STARTTLS where that is offered; true where the server waits for the handshake then.
  ///
  /// - Parameter smuggled: goes along with STARTTLS in one segment.
  mutating func asksForTLS(
    _ hello: Command, followedBy smuggled: [UInt8] = [], on loop: isolated EventLoop
  ) async -> Bool {
    guard let offer = await say(hello, on: loop), offer.isPositive, Capabilities(offer).offersSTARTTLS else {
      return false
    }
    guard await say(Command.starttls.wire + smuggled, on: loop) else { return false }
    return await reply(on: loop)?.isPositive == true
  }

  /// Shakes hands without judging; nil where it went well, else what went wrong.
  mutating func secure(
    _ context: TLSContext, serverName: String?, on loop: isolated EventLoop
  ) async -> String? {
    let session = TLSSession(client: context, serverName: serverName)
    do throws(ConnectionFault) {
      try await connection.secure(with: session, speaksNext: hasGreeted, until: limit, on: loop)
      self.session = session
      // What was said in clear is no part of what is said inside TLS.
      parser = ReplyParser()
      return nil
    } catch {
      isOver = true
      return error.words
    }
  }

  /// What the handshake came to.
  func facts(judge: CertificateJudge, plan: ProbePlan, at now: Timestamp) -> TLSFacts {
    guard let session else { preconditionFailure("facts are asked for after a handshake") }
    return judge.judge(session, trust: plan.trust, name: plan.serverName, at: now)
  }

  /// Says QUIT where the server listens, hears its answer, and closes.
  consuming func leave(on loop: isolated EventLoop) async {
    if hasGreeted { _ = await say(.quit, on: loop) }
    connection.close()
  }
}
