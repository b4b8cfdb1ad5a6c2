import Base
import Diagnosis
import Loop
import Model
import SMTP
import TLS

/// Holds one SMTP conversation over one connection: does what the session says, times each phase, and keeps
/// what is said. Leaves politely wherever a dialogue is still possible. Lives on the loop, as the run does.
final class Conversation {
  private let session: ClientSession
  private let run: ProbeRun
  private let judge: CertificateJudge
  private let policies: PolicyJudge
  private var parser = ReplyParser()
  /// When the present phase's request went out, and until when its answer may take.
  private var since: MonotonicInstant
  private var limit: MonotonicInstant

  /// A longer wait for the answer to QUIT would only hold a slot.
  private static let patienceAtQuit: Duration = .seconds(3)
  /// How long to listen for the end of a line that came where TLS was expected.
  private static let patienceInClear: Duration = .milliseconds(1500)

  init(session: ClientSession, run: ProbeRun, judge: CertificateJudge, policies: PolicyJudge) {
    self.session = session
    self.run = run
    self.judge = judge
    self.policies = policies
    since = .now()
    limit = run.deadline
  }

  /// From the standing connection to the answer to QUIT. After a failure the connection is as the failure left
  /// it: `leave` is the polite way out.
  func hold(
    over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) {
    defer { keepSession() }
    do throws(ProbeFailure) {
      try await follow(session.start(), over: &connection, on: loop)
    } catch {
      guard session.brokeOff() else { throw error }
    }
    connection.close()
  }

  /// Does one action after the other until the session is finished.
  private func follow(
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
        if case .auth = command.verb, !run.logsInAtOnce, await !run.mayLogIn(until: run.deadline, on: loop) {
          action = withheldLogin()
          continue
        }
        note(said: command, connection)
        let sending = send(command.wire, over: &connection)
        if !sending.isDone { try await finish(sending, over: &connection, on: loop) }
      case .sendMessage(let message, let command):
        let sending = send(wire(of: message, after: command, connection), over: &connection)
        if !sending.isDone { try await finish(sending, over: &connection, on: loop) }
      case .startTLS:
        action = try await startTLS(over: &connection, on: loop)
        continue
      case .failed(let fault):
        throw failure(of: fault)
      case .finished:
        return
      }
      setLimit()
      let reply = try await receive(over: &connection, on: loop)
      if let (cryptography, salting) = salting(askedBy: reply) { await cryptography.prepare(salting) }
      action = received(reply)
    }
  }

  /// Sends what could not be sent at once.
  private func finish(
    _ sending: Connection.Sending, over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) {
    do throws(ConnectionFault) {
      try await connection.finish(sending, until: limit, on: loop)
    } catch {
      // A server that closes has often said why: that reply counts, not the pipe that broke.
      guard error.isClosure, let reply = try? await receive(over: &connection, on: loop) else {
        throw failure(error, connection)
      }
      throw failure(.rejected(session.redaction.redacted(reply)))
    }
  }

  /// Reads one reply, and books the phase that it ends.
  private func receive(
    over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> Reply {
    let phase = session.phase
    do throws(ConnectionFault) {
      while true {
        if let reply = try nextReply() {
          note(reply, phase, connection)
          return reply
        }
        if try connection.read(into: &parser, on: loop) { continue }
        let outcome = await loop.wait(for: connection.attachment, .read, until: limit)
        try connection.take(outcome, into: &parser, on: loop)
      }
    } catch {
      run.book(phase, from: since, to: .now())
      throw failure(error, connection)
    }
  }

  @inline(never)
  private func nextReply() throws(ConnectionFault) -> Reply? {
    do throws(ReplyError) {
      return try parser.next()
    } catch {
      throw .malformed(error)
    }
  }

  // MARK: TLS

  private func startTLS(
    over connection: inout Connection, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> Action {
    let unread = parser.takeUnread()
    // Whatever follows the reply to STARTTLS in clear was not said by who speaks inside TLS (RFC 3207 section 6).
    guard unread.isEmpty else { throw failure(.plaintextAcrossTLS(unread)) }
    let tls = TLSSession(client: run.plan.tlsContext, serverName: run.serverName)
    since = .now()
    limit = run.limit(run.plan.target.settings.timeouts.tls, from: since)
    run.awaits(.tls, from: since, until: limit)
    do throws(ConnectionFault) {
      try await connection.secure(with: tls, speaksNext: session.greeting != nil, until: limit, on: loop)
    } catch {
      run.book(.tls, from: since, to: .now())
      await connection.drainClearText(
        until: min(run.deadline, .now().advanced(by: Self.patienceInClear)), on: loop)
      note(error, connection)
      throw failure(error, connection)
    }
    note(tls, connection)
    try await admit(tls, on: loop)
    return secured(tls)
  }

  /// Whether the server is the one that it should be. Where DANE is required, it decides alone (RFC 7672 section
  /// 3.1): before anything is said that is meant for this server only.
  private func admit(
    _ tls: TLSSession, on loop: isolated EventLoop
  ) async throws(ProbeFailure) {
    let dane = run.plan.target.settings.policy.dane
    if dane != .off { run.peerChain = PeerChain(of: tls) }
    guard dane != .require else {
      // First the wait: an assignment through `?` holds the result while it waits, and the judge reads it.
      let facts = await policies.dane(run, on: loop)
      run.result.policy = PolicyFacts()
      run.result.policy?.dane = facts
      if let breach = run.result.policy?.breach(for: run.plan.target) {
        throw ProbeFailure(.policy(breach), at: .policy, since: since, limit: limit)
      }
      if let fault = withdrawal { throw failure(fault) }
      return
    }
    if let fault = distrust { throw failure(fault) }
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
  func leave(
    after failure: ProbeFailure, over connection: inout Connection, on loop: isolated EventLoop
  ) async {
    var way: Action?
    switch failure.fault {
    case .certificate, .policy: way = session.securedInVain()
    case .badReply: way = session.quit(replyWasMalformed: true)
    default: way = session.quit()
    }
    if case .badReply = failure.fault { parser = ReplyParser() }
    if let way { try? await follow(way, over: &connection, on: loop) }
    keepSession()
    connection.close()
  }

  // MARK: Between waits
  //
  // None of these is inlined: what they need for a moment would take room in the frame of whoever waits.

  @inline(never)
  private func keepSession() { run.keep(session) }

  /// Sends as much as goes without waiting.
  @inline(never)
  private func send(_ bytes: [UInt8], over connection: inout Connection) -> Connection.Sending {
    since = .now()
    setLimit()
    return connection.sendNow(bytes)
  }

  @inline(never)
  private func received(_ reply: Reply) -> Action {
    let action = session.received(reply)
    if session.isAuthenticated { run.acceptLogin() }
    return action
  }

  @inline(never)
  private func withheldLogin() -> Action { session.withholdLogin() }

  /// The work on a password that a reply asks for, and who does it.
  @inline(never)
  private func salting(askedBy reply: Reply) -> (any SASLCryptography, PasswordSalting)? {
    guard let salting = session.salting(askedBy: reply), let login = session.plan.login else { return nil }
    return (login.cryptography, salting)
  }

  @inline(never)
  private func note(said words: String, _ connection: borrowing Connection) {
    run.transcript.add(words, from: .client, tls: connection.isSecured, at: .now())
  }

  /// The bytes of a message with the command before it, if any; keeps in the transcript what they are.
  @inline(never)
  private func wire(
    of message: [UInt8], after command: String?, _ connection: borrowing Connection
  ) -> [UInt8] {
    if let command { note(said: command, connection) }
    note(said: "(message, \(message.count) bytes)", connection)
    return command.map { Array("\($0)\r\n".utf8) + message } ?? message
  }

  @inline(never)
  private func note(said command: Command, _ connection: borrowing Connection) {
    run.transcript.add(command, tls: connection.isSecured, at: .now())
  }

  /// Books the phase that a reply ends, and keeps it.
  @inline(never)
  private func note(_ reply: Reply, _ phase: Phase, _ connection: borrowing Connection) {
    run.book(phase, from: since, to: connection.lastArrival)
    let shown = session.redaction.redacted(reply)
    run.note(shown, stage: session.stage, tls: connection.isSecured, at: connection.lastArrival)
  }

  /// Books the handshake, and keeps what it told.
  @inline(never)
  private func note(_ tls: TLSSession, _ connection: borrowing Connection) {
    run.book(.tls, from: since, to: connection.lastArrival)
    let facts = judge.judge(
      tls, trust: run.plan.trust, name: run.serverName,
      needsStaple: run.plan.target.settings.tls.ocsp == .require, at: run.result.startedAt)
    run.result.tls = facts
    run.transcript.add(facts, at: connection.lastArrival)
  }

  /// Why the server's certificate is no proof of who it is.
  private var distrust: Fault? {
    @inline(never) get {
      guard let facts = run.result.tls, !facts.verified, !run.plan.target.settings.tls.insecureSkipVerify
      else { return nil }
      return .certificate(facts.faults)
    }
  }

  /// Why a certificate that DANE vouches for will not do: that it is the server's does not say that it still counts.
  private var withdrawal: Fault? {
    @inline(never) get {
      let settings = run.plan.target.settings.tls
      guard settings.ocsp == .require, !settings.insecureSkipVerify, let facts = run.result.tls else {
        return nil
      }
      let faults = facts.faults.filter(\.isOfRevocation)
      return faults.isEmpty ? nil : .certificate(faults)
    }
  }

  @inline(never)
  private func secured(_ tls: TLSSession) -> Action {
    let mayBind = session.plan.login?.mayBindChannel ?? false
    return session.secured(channelBinding: mayBind ? tls.channelBinding : nil)
  }

  @inline(never)
  private func setLimit() {
    limit = run.limit(cap, from: since)
    run.awaits(session.phase, from: since, until: limit)
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

  @inline(never)
  private func failure(
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

  @inline(never)
  private func failure(of fault: SessionFault) -> ProbeFailure { failure(Fault(fault)) }

  @inline(never)
  private func failure(_ fault: Fault) -> ProbeFailure {
    ProbeFailure(fault, at: session.stage, since: since, limit: limit)
  }
}
