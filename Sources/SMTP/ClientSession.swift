package import Model

/// A client's side of one SMTP conversation, without sockets and clocks: each event gives the next action.
///
/// It says nothing before the greeting, one command at a time, and no login in clear unless the plan allows it.
/// A driver calls `start()` on a fresh connection, then does as each `Action` says and reports with `received`
/// or `secured`. After a failure, its own or the session's, `quit()` gives the way out that is still polite.
/// One conversation has one session, whoever looks at it: nothing copies what it has learnt.
package final class ClientSession {
  /// What is awaited, or was when the conversation ended.
  enum State: Equatable {
    case connected, greeting, ehlo, helo, starttls, handshake, auth, mail, rcpt, rset, data, message, quit
  }

  package let plan: SessionPlan
  var state = State.connected
  /// A reply is due, so that nothing may be sent.
  var isAwaiting = false
  /// The server has said or done something after which it hears nothing more.
  var isOver = false
  /// The polite end has begun: replies are read, not judged.
  var isLeaving = false
  /// The server waits for a line of an AUTH exchange.
  var isInExchange = false
  /// MAIL was accepted, and nothing has ended the transaction.
  var isInTransaction = false
  var saslClient: (any SASLClient)?
  /// What a login can be tied to.
  var channelBinding: ChannelBinding?
  /// An initial response too long to go with AUTH.
  var postponedResponse: [UInt8]?

  /// The last command sent, before those of the polite end; nil before the first.
  package internal(set) var lastVerb: Command.Verb?
  /// The first reply.
  package internal(set) var greeting: Reply?
  /// The last complete reply; those of the polite end only where there was no other.
  package internal(set) var lastReply: Reply?
  /// The conversation is inside TLS.
  package internal(set) var isInTLS = false
  /// What the server offered in clear; nil without a reply to EHLO there.
  package internal(set) var clearCapabilities: Capabilities?
  /// What the server offered inside TLS; nil without a reply to EHLO there.
  package internal(set) var securedCapabilities: Capabilities?
  /// The server understood EHLO; false after HELO.
  package internal(set) var isESMTP = false
  /// The login was accepted.
  package internal(set) var isAuthenticated = false
  /// The server took the message over.
  package internal(set) var isMessageAccepted = false
  package internal(set) var warnings: Set<Warning> = []
  /// Hides what was said in AUTH: for replies that are shown as they came. What the session keeps and what its
  /// faults carry has been through it.
  package internal(set) var redaction = Redaction()

  /// A conversation that has not begun.
  package init(plan: SessionPlan) { self.plan = plan }

  /// What the server offers now: inside TLS all that was learnt before counts no more (RFC 3207 section 4.2).
  package var capabilities: Capabilities {
    (isInTLS ? securedCapabilities : clearCapabilities) ?? Capabilities()
  }

  /// The mechanism that was tried.
  package var mechanism: Mechanism? { saslClient?.mechanism }

  /// What the server said of its refusal within the AUTH exchange, as safe text without secrets; nil for nothing.
  package var loginRemark: String? {
    guard let remark = saslClient?.remark, !remark.isEmpty else { return nil }
    return EscapedText.of(redaction.redacted(remark), limit: 512)
  }

  /// The stage of what is awaited or has failed.
  package var stage: Stage {
    switch state {
    case .connected: plan.tlsMode == .implicit ? .tls : .banner
    case .greeting: .banner
    case .ehlo, .helo: .ehlo
    case .starttls: .starttls
    case .handshake: .tls
    case .auth: .auth
    case .mail: .mail
    case .rcpt, .rset: .rcpt
    case .data: .data
    case .message: .message
    case .quit: .quit
    }
  }

  /// The phase that the time until the next reply belongs to.
  package var phase: Phase {
    switch state {
    case .connected: plan.tlsMode == .implicit ? .tls : .banner
    case .greeting: .banner
    case .ehlo, .helo: isInTLS && plan.tlsMode != .implicit ? .ehloTls : .ehlo
    case .starttls: .starttls
    case .handshake: .tls
    case .auth: .auth
    case .mail: .mail
    case .rcpt: .rcpt
    case .rset: .rset
    case .data: .data
    case .message: .message
    case .quit: .quit
    }
  }

  /// The connection stands.
  package func start() -> Action {
    precondition(state == .connected, "a session starts once")
    guard plan.tlsMode != .implicit else {
      state = .handshake
      return .startTLS
    }
    return awaitGreeting()
  }

  /// The TLS handshake is done, and its certificate is good enough.
  ///
  /// - Parameter channelBinding: what ties a login to this TLS session; of use where the plan's login may bind.
  package func secured(channelBinding: ChannelBinding? = nil) -> Action {
    precondition(state == .handshake, "TLS is started when the session says so")
    isInTLS = true
    self.channelBinding = channelBinding
    return greeting == nil ? awaitGreeting() : sayHello()
  }

  /// The TLS handshake is done, and the certificate is not believed: gives the polite way out, in which no more
  /// is said than QUIT.
  package func securedInVain() -> Action {
    precondition(state == .handshake, "TLS is started when the session says so")
    isInTLS = true
    isLeaving = true
    return greeting == nil ? awaitGreeting() : leave()
  }

  /// A reply has come.
  package func received(_ reply: Reply) -> Action {
    precondition(isAwaiting, "a reply is read when the session awaits one")
    isAwaiting = false
    let received = reply
    let reply = redaction.redacted(received)
    if !isLeaving || lastReply == nil { lastReply = reply }
    if greeting == nil { greeting = reply }
    if reply.hasBareLineFeed { warnings.insert(.bareLf) }
    if reply.code == 421 { isOver = true }
    guard !isLeaving else { return leave(after: reply) }
    // A challenge counts to the last byte, whatever it repeats.
    return step(state == .auth && reply.code == 334 ? received : reply)
  }

  /// The polite end of a conversation that failed; nil where there is nothing polite left to say: before the
  /// greeting, while a reply is outstanding, between STARTTLS and TLS, in an open DATA, after 421.
  ///
  /// From then on the session only reads replies until `finished`.
  /// - Parameter replyWasMalformed: what came instead of the awaited reply was no reply.
  package func quit(replyWasMalformed: Bool = false) -> Action? {
    // Behind DATA a command could become a part of a message.
    if replyWasMalformed, state != .data { isAwaiting = false }
    guard greeting != nil, !isAwaiting, !isOver, !isLeaving, state != .handshake else { return nil }
    isLeaving = true
    return leave()
  }

  /// The AUTH that the last action was to send is not sent: gives the polite way out instead.
  package func withholdLogin() -> Action {
    precondition(state == .auth && isAwaiting && !isInExchange, "a login is withheld before it begins")
    state = .ehlo
    lastVerb = isESMTP ? .ehlo : .helo
    saslClient = nil
    isAwaiting = false
    isLeaving = true
    return leave()
  }

  /// The connection ended, or its time did, where a reply was due. True where all was done before and only the
  /// way out was unclean: that is a warning, not a failure.
  package func brokeOff() -> Bool {
    guard isLeaving else { return false }
    isOver = true
    warnings.insert(.quitUnclean)
    return true
  }

  // MARK: - Ends

  /// The conversation fails where it stands, or at `place`.
  func fail(_ fault: SessionFault, at place: State? = nil) -> Action {
    if let place { state = place }
    return .failed(fault)
  }

  /// A reply that the stage does not hope for, which may be what the plan wants.
  func reject(_ reply: Reply) -> Action {
    guard reply.isPermanent, plan.expectedRejection == stage else { return fail(.rejected(reply)) }
    isLeaving = true
    return leave()
  }

  /// The fault of a stage that went well where the plan wants a refusal; nil where all is as planned.
  func unwantedAcceptance(_ reply: Reply) -> Action? {
    guard plan.expectedRejection == stage else { return nil }
    return fail(.expectation(wanted: "a refusal at \(stage.slug)", saw: "\(reply.code) \(reply.firstLine)"))
  }

  /// All is done: QUIT, unless a refusal was wanted at a stage that never came.
  func complete() -> Action {
    if let stage = plan.expectedRejection, stage.isOfConversation {
      return fail(.expectation(wanted: "a refusal at \(stage.slug)", saw: "no \(stage.slug)"))
    }
    isLeaving = true
    return leave()
  }

  /// The next line of the polite end.
  private func leave() -> Action {
    guard !isOver else { return .finished }
    if isInExchange, let mechanism {
      isInExchange = false
      return send(.cancel(mechanism), awaiting: .auth)
    }
    if isInTransaction {
      isInTransaction = false
      return send(.rset, awaiting: .rset)
    }
    return send(.quit, awaiting: .quit)
  }

  /// What follows a reply within the polite end.
  private func leave(after reply: Reply) -> Action {
    guard state == .quit else { return leave() }
    if reply.code != 221 { warnings.insert(.quitUnclean) }
    isOver = true
    return .finished
  }

  // MARK: - Moves

  private func awaitGreeting() -> Action {
    state = .greeting
    isAwaiting = true
    return .awaitReply
  }

  func sayHello() -> Action {
    let name = plan.ehloName
    return send(plan.dialect == .lmtp ? .lhlo(name) : .ehlo(name), awaiting: .ehlo)
  }

  func send(_ command: Command, awaiting next: State) -> Action {
    state = next
    isAwaiting = true
    if !isLeaving { lastVerb = command.verb }
    return .send(command)
  }
}

extension Stage {
  /// A stage at which the server can refuse us by a reply.
  fileprivate var isOfConversation: Bool {
    switch self {
    case .banner, .ehlo, .starttls, .auth, .mail, .rcpt, .data, .message: true
    case .config, .dns, .connect, .tls, .quit, .policy, .internal: false
    }
  }
}
