import Model
import SMTP

/// A conversation as it was: what was said and what came of it.
struct Play {
  /// Lines of the client as the wire has them, without CRLF; `TLS` for a handshake.
  var said: [String] = []
  /// The same as transcripts.
  var shown: [String] = []
  /// Stage and phase of each reply awaited.
  var stages: [Stage] = []
  var phases: [Phase] = []
  var fault: SessionFault?
  /// The stage, phase and command of the fault.
  var stage: Stage?
  var phase: Phase?
  var verb: Command.Verb?
  var isFinished = false
  /// Replies that nobody wanted.
  var unheard = 0
  let session: ClientSession
}

/// Plays a server's replies against a session. Lines of one reply are parted by `|`; after a failure the
/// session may end politely; where the replies run out the play ends as it stands. `believed` is what is
/// thought of the certificate, `binding` what ties a login to the TLS session.
func converse(_ plan: SessionPlan, _ replies: [String], believed: Bool = true, binding: ChannelBinding? = nil)
  throws -> Play
{
  var play = Play(session: ClientSession(plan: plan))
  var replies = replies[...]
  var action = play.session.start()
  while true {
    switch action {
    case .awaitReply: break
    case .send(let command):
      play.said.append(line(command.wire))
      play.shown.append(command.transcript)
    case .sendMessage(let wire, let command):
      if let command {
        play.said.append(command)
        play.shown.append(command)
      }
      play.said.append(line(wire))
    case .startTLS:
      play.said.append("TLS")
      action = believed ? play.session.secured(channelBinding: binding) : play.session.securedInVain()
      continue
    case .finished:
      play.isFinished = true
      play.unheard = replies.count
      return play
    case .failed(let fault):
      play.fault = fault
      play.stage = play.session.stage
      play.phase = play.session.phase
      play.verb = play.session.lastVerb
      guard let end = play.session.quit() else {
        play.unheard = replies.count
        return play
      }
      action = end
      continue
    }
    play.stages.append(play.session.stage)
    play.phases.append(play.session.phase)
    guard let text = replies.popFirst() else { return play }
    action = play.session.received(try parsed(text))
  }
}

/// A reply with lines parted by `|`.
func parsed(_ text: String) throws -> Reply {
  var parser = ReplyParser()
  for line in text.split(separator: "|", omittingEmptySubsequences: false) {
    parser.append(line.utf8)
    parser.append("\r\n".utf8)
  }
  guard let reply = try parser.next() else { throw ReplyError.noCode(Array(text.utf8)) }
  return reply
}

private func line(_ wire: [UInt8]) -> String { String(decoding: wire.dropLast(2), as: UTF8.self) }

/// The reply to EHLO of the test server, without the keywords named.
func ehlo(without keywords: String..., auth: String = "PLAIN LOGIN") -> String {
  let offered = ["SIZE 1000000", "STARTTLS", "AUTH \(auth)", "8BITMIME"].filter { line in
    !keywords.contains { line.hasPrefix($0) }
  }
  return (["250-mail.example.test"] + offered.dropLast().map { "250-" + $0 } + ["250 8BITMIME"])
    .joined(separator: "|")
}

/// A plan of the test client.
func plan(_ mode: TLSMode = .none) -> SessionPlan {
  guard let name = try? EHLOName("c.test") else { preconditionFailure("c.test is a name") }
  return SessionPlan(tlsMode: mode, ehloName: name)
}

/// A plan of the test client, changed.
func plan(_ mode: TLSMode = .none, _ change: (inout SessionPlan) throws -> Void) rethrows -> SessionPlan {
  var plan = plan(mode)
  try change(&plan)
  return plan
}

/// A login as user `probe` with password `secret`.
func login(_ mechanism: Mechanism? = nil, allowPlaintext: Bool = false, password: String = "secret")
  -> SessionPlan.Login
{
  login(mechanism, .password(Secret(password)), allowPlaintext: allowPlaintext)
}

/// A login as user `probe` with any proof.
func login(
  _ mechanism: Mechanism?, _ proof: LoginProof, username: String = "probe", allowPlaintext: Bool = false,
  nonce: String = "nonce+of+the+client+++++"
) -> SessionPlan.Login {
  SessionPlan.Login(
    AuthSettings(username: username, proof: proof, mechanism: mechanism, allowPlaintext: allowPlaintext),
    host: "mail.example.test", port: 587, cryptography: LabCryptography(nonce: nonce))
}

/// Sender and recipient of the tests.
func envelope() throws -> SessionPlan.Transaction {
  .envelope(from: try Mailbox("a@c.test"), to: try Mailbox("b@c.test"))
}

/// The message of the tests.
func testMessage() throws -> Message {
  Message(
    from: try Mailbox("a@c.test"), to: try Mailbox("b@c.test"), subject: "s", date: Timestamp(seconds: 0),
    token: "t", host: try EHLOName("c.test"), target: "x")
}
