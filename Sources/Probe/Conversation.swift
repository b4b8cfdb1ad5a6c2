import Base
import Diagnosis
import Loop
import Model
import SMTP
import TLS

/// Holds one SMTP conversation over one connection: does what the session says, times each phase, and keeps
/// what is said. Leaves politely wherever a dialogue is still possible.
struct Conversation {
  private var session: ClientSession
  private let run: ProbeRun
  private let judge: CertificateJudge
  private var parser = ReplyParser()
  /// When the present phase's request went out, and until when its answer may take.
  private var since: MonotonicInstant
  private var limit: MonotonicInstant

  /// A longer wait for the answer to QUIT would only hold a slot.
  private static let patienceAtQuit: Duration = .seconds(3)
  /// How long to listen for the end of a line that came where TLS was expected.
  private static let patienceInClear: Duration = .milliseconds(1500)

  init(session: ClientSession, run: ProbeRun, judge: CertificateJudge) {
    self.session = session
    self.run = run
    self.judge = judge
    since = .now()
    limit = run.deadline
  }

  /// From the standing connection to the answer to QUIT. After a failure the connection is as the failure left
  /// it: `leave` is the polite way out.
  mutating func hold(
    over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) {
    defer { run.keep(session) }
    do throws(ProbeFailure) {
      try await follow(session.start(), over: &connection, on: loop)
    } catch {
      guard session.brokeOff() else { throw error }
    }
    connection.close()
  }

  /// Does one action after the other until the session is finished.
  private mutating func follow(
    _ first: Action, over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) {
    var action = first
    while true {
      switch action {
      case .awaitReply:
        since = .now()
        // The greeting is due once the connection stands, or TLS does: when its last bytes came.
        if session.phase == .banner { since = connection.lastArrival }
      case .send(let command):
        run.transcript.add(command.transcript, from: .client, tls: connection.isSecured, at: .now())
        try await send(command.wire, over: &connection, on: loop)
      case .sendMessage(let message):
        run.transcript.add(
          "(message, \(message.count) bytes)", from: .client, tls: connection.isSecured, at: .now())
        try await send(message, over: &connection, on: loop)
      case .startTLS:
        action = try await startTLS(over: &connection, on: loop)
        continue
      case .failed(let fault):
        throw failure(Fault(fault))
      case .finished:
        return
      }
      limit = run.limit(cap, from: since)
      let reply = try await receive(over: &connection, on: loop)
      action = session.received(reply)
    }
  }

  private mutating func send(
    _ bytes: [UInt8], over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) {
    since = .now()
    limit = run.limit(cap, from: since)
    do throws(ConnectionFault) {
      try await connection.send(bytes, until: limit, on: loop)
    } catch {
      // A server that closes has often said why: that reply counts, not the pipe that broke.
      guard error.isClosure, let reply = try? await receive(over: &connection, on: loop) else {
        throw failure(error, connection)
      }
      throw failure(.rejected(session.redaction.redacted(reply)))
    }
  }

  /// Reads one reply, and books the phase that it ends.
  private mutating func receive(
    over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> Reply {
    let phase = session.phase
    do throws(ConnectionFault) {
      while true {
        if let reply = try nextReply() {
          run.book(phase, from: since, to: connection.lastArrival)
          let shown = session.redaction.redacted(reply)
          run.note(shown, stage: session.stage, tls: connection.isSecured, at: connection.lastArrival)
          return reply
        }
        try await connection.receive(into: &parser, until: limit, on: loop)
      }
    } catch {
      run.book(phase, from: since, to: .now())
      throw failure(error, connection)
    }
  }

  private mutating func nextReply() throws(ConnectionFault) -> Reply? {
    do throws(ReplyError) {
      return try parser.next()
    } catch {
      throw .malformed(error)
    }
  }

  // MARK: TLS

  private mutating func startTLS(
    over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> Action {
    let unread = parser.takeUnread()
    // Whatever follows the reply to STARTTLS in clear was not said by who speaks inside TLS (RFC 3207 section 6).
    guard unread.isEmpty else { throw failure(.plaintextAcrossTLS(unread)) }
    let tls = TLSSession(client: run.plan.tlsContext, serverName: run.plan.serverName)
    since = .now()
    limit = run.limit(run.plan.target.settings.timeouts.tls, from: since)
    do throws(ConnectionFault) {
      try await connection.secure(with: tls, speaksNext: session.greeting != nil, until: limit, on: loop)
    } catch {
      run.book(.tls, from: since, to: .now())
      await connection.drainClearText(
        until: min(run.deadline, .now().advanced(by: Self.patienceInClear)), on: loop)
      note(error, connection)
      throw failure(error, connection)
    }
    run.book(.tls, from: since, to: connection.lastArrival)
    let facts = judge.judge(tls, trust: run.plan.trust, name: run.plan.serverName, at: run.result.startedAt)
    run.result.tls = facts
    run.transcript.add(
      "TLS begins: \(facts.version) \(facts.cipher)", from: .note, tls: true, at: connection.lastArrival)
    guard facts.verified || run.plan.target.settings.tls.insecureSkipVerify else {
      throw failure(.certificate(facts.faults))
    }
    let mayBind = session.plan.login?.mayBindChannel ?? false
    return session.secured(channelBinding: mayBind ? tls.channelBinding : nil)
  }

  /// Keeps in the transcript what came instead of TLS.
  private func note(_ fault: ConnectionFault, _ connection: borrowing Connection) {
    var words = "TLS does not come up: \(fault.words)"
    if connection.isInClear {
      let line = session.redaction.redacted(connection.rawBytes).prefix { $0 != 0x0D && $0 != 0x0A }
      words += "; heard in clear: \(EscapedText.of(line, limit: 512))"
    }
    run.transcript.add(words, from: .note, tls: false, at: .now())
  }

  // MARK: Ends

  /// Leaves as politely as the failure allows. Nothing that goes wrong here changes the verdict.
  mutating func leave(
    after failure: ProbeFailure, over connection: inout Connection, on loop: isolated EventLoop
  ) async {
    var way: Action?
    switch failure.fault {
    case .certificate: way = session.securedInVain()
    case .badReply: way = session.quit(replyWasMalformed: true)
    default: way = session.quit()
    }
    if case .badReply = failure.fault { parser = ReplyParser() }
    if let way { try? await follow(way, over: &connection, on: loop) }
    run.keep(session)
    connection.close()
  }

  /// The cap of the stage that is awaited.
  private var cap: Duration? {
    let caps = run.plan.target.settings.timeouts
    return switch session.phase {
    case .banner: caps.banner
    case .message: caps.message
    case .quit: caps.reply.map { min($0, Self.patienceAtQuit) } ?? Self.patienceAtQuit
    default: caps.reply
    }
  }

  private mutating func failure(
    _ fault: ConnectionFault, _ connection: borrowing Connection
  ) -> ProbeFailure {
    run.rawBytes = connection.rawBytes
    // Other protocols do not end their lines as SMTP does, or have none.
    if fault.leavesBytesUnread {
      run.rawBytes += session.redaction.redacted(parser.takeUnread()).prefix(1024)
    }
    run.bytesReceived = connection.bytesSinceTLS
    run.unsentBytes = connection.unsentBytes
    return failure(Fault(fault))
  }

  private func failure(_ fault: Fault) -> ProbeFailure {
    ProbeFailure(fault, at: session.stage, since: since, limit: limit)
  }
}
