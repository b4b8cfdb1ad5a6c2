import Model

/// What each reply leads to. Only the codes that RFC 5321 section 4.3.2 names for a command are its success.
extension ClientSession {
  func step(_ reply: Reply) -> Action {
    switch state {
    case .greeting: afterGreeting(reply)
    case .ehlo: afterEHLO(reply)
    case .helo: afterHELO(reply)
    case .starttls: afterSTARTTLS(reply)
    case .auth: afterAUTH(reply)
    case .mail: afterMAIL(reply)
    case .rcpt: afterRCPT(reply)
    case .rset: reply.code == 250 ? complete() : reject(reply)
    case .data: afterDATA(reply)
    case .message: afterMessage(reply)
    case .connected, .handshake, .quit: preconditionFailure("no reply is judged at \(state)")
    }
  }

  private func afterGreeting(_ reply: Reply) -> Action {
    guard reply.code == 220 else { return reject(reply) }
    if let unwanted = unwantedAcceptance(reply) { return unwanted }
    if let banner = plan.banner, !banner.matches(reply.text) {
      return fail(.expectation(wanted: "a greeting like \(banner.pattern)", saw: reply.firstLine))
    }
    return sayHello()
  }

  private func afterEHLO(_ reply: Reply) -> Action {
    if reply.code == 500 || reply.code == 502, plan.dialect == .smtp, plan.expectedRejection != .ehlo {
      return send(.helo(plan.ehloName), awaiting: .helo)
    }
    guard reply.code == 250 else { return reject(reply) }
    isESMTP = true
    let capabilities = Capabilities(reply)
    if isInTLS {
      securedCapabilities = capabilities
      if capabilities.offersSTARTTLS { warnings.insert(.starttlsAfterTls) }
    } else {
      clearCapabilities = capabilities
    }
    return unwantedAcceptance(reply) ?? afterHello()
  }

  private func afterHELO(_ reply: Reply) -> Action {
    guard reply.code == 250 else { return reject(reply) }
    isESMTP = false
    return unwantedAcceptance(reply) ?? afterHello()
  }

  private func afterHello() -> Action {
    if !isInTLS, plan.tlsMode == .starttls || plan.tlsMode == .opportunistic {
      if capabilities.offersSTARTTLS { return send(.starttls, awaiting: .starttls) }
      if plan.tlsMode == .starttls { return fail(.starttlsNotOffered, at: .starttls) }
    }
    for wanted in plan.expectedCapabilities where !offers(wanted) {
      let saw = capabilities.lines.joined(separator: ", ")
      return fail(.expectation(wanted: "the capability \(wanted)", saw: saw.isEmpty ? "none" : saw))
    }
    return plan.login.map { login($0) } ?? transact()
  }

  /// Whether a capability was offered in the last reply to EHLO; STARTTLS belongs to the one in clear.
  private func offers(_ wanted: String) -> Bool {
    capabilities.contains(wanted)
      || (wanted.uppercased() == "STARTTLS" && clearCapabilities?.offersSTARTTLS == true)
  }

  private func afterSTARTTLS(_ reply: Reply) -> Action {
    guard reply.code == 220 else { return reject(reply) }
    if let unwanted = unwantedAcceptance(reply) {
      // The server waits for TLS and reads no command.
      isOver = true
      return unwanted
    }
    state = .handshake
    return .startTLS
  }

  /// What is to do once greeted and logged in.
  func transact() -> Action {
    let (sender, size, isInternational): (Mailbox?, Int?, Bool)
    switch plan.transaction {
    case nil: return complete()
    case .envelope(let from, let recipient):
      (sender, size) = (from, nil)
      isInternational = from?.isASCII == false || !recipient.isASCII
    case .message(let message):
      (sender, size) = (message.sender, capabilities.offersSize ? message.content.count : nil)
      isInternational = message.needsSMTPUTF8
    }
    if isInternational, !capabilities.contains("SMTPUTF8") {
      let saw = capabilities.lines.joined(separator: ", ")
      return fail(
        .expectation(
          wanted: "the capability SMTPUTF8, for an address with letters beyond ASCII",
          saw: saw.isEmpty ? "none" : saw), at: .mail)
    }
    return send(.mail(from: sender, size: size, isInternational: isInternational), awaiting: .mail)
  }

  private func afterMAIL(_ reply: Reply) -> Action {
    guard reply.code == 250 else { return reject(reply) }
    isInTransaction = true
    if let unwanted = unwantedAcceptance(reply) { return unwanted }
    switch plan.transaction {
    case .envelope(_, let recipient): return send(.rcpt(to: recipient), awaiting: .rcpt)
    case .message(let message): return send(.rcpt(to: message.recipient), awaiting: .rcpt)
    case nil: preconditionFailure("MAIL is said in transactions only")
    }
  }

  private func afterRCPT(_ reply: Reply) -> Action {
    // 252: taken, though not verified.
    guard (250...252).contains(reply.code) else { return reject(reply) }
    if let unwanted = unwantedAcceptance(reply) { return unwanted }
    guard case .message(let message) = plan.transaction else {
      isInTransaction = false
      return send(.rset, awaiting: .rset)
    }
    if message.prefersChunking, capabilities.contains("CHUNKING"), plan.expectedRejection != .data {
      state = .message
      isAwaiting = true
      isInTransaction = false
      return .sendMessage(message.content, after: "BDAT \(message.content.count) LAST")
    }
    return send(.data, awaiting: .data)
  }

  private func afterDATA(_ reply: Reply) -> Action {
    guard reply.code == 354 else { return reject(reply) }
    if let unwanted = unwantedAcceptance(reply) {
      // An unterminated DATA can only be dropped.
      isOver = true
      return unwanted
    }
    guard case .message(let message) = plan.transaction else {
      preconditionFailure("DATA is said for messages only")
    }
    state = .message
    isAwaiting = true
    isInTransaction = false
    return .sendMessage(message.wire)
  }

  private func afterMessage(_ reply: Reply) -> Action {
    guard reply.code == 250 else { return reject(reply) }
    isMessageAccepted = true
    return unwantedAcceptance(reply) ?? complete()
  }
}
