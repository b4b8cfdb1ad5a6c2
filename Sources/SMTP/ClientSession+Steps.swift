import Model

/// What each reply leads to. Only the codes that RFC 5321 section 4.3.2 names for a command are its success.
extension ClientSession {
  mutating func step(_ reply: Reply) -> Action {
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

  private mutating func afterGreeting(_ reply: Reply) -> Action {
    guard reply.code == 220 else { return reject(reply) }
    if let unwanted = unwantedAcceptance(reply) { return unwanted }
    if let banner = plan.banner, !banner.matches(reply.text) {
      return fail(.expectation(wanted: "a greeting like \(banner.pattern)", saw: reply.firstLine))
    }
    return sayHello()
  }

  private mutating func afterEHLO(_ reply: Reply) -> Action {
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

  private mutating func afterHELO(_ reply: Reply) -> Action {
    guard reply.code == 250 else { return reject(reply) }
    isESMTP = false
    return unwantedAcceptance(reply) ?? afterHello()
  }

  private mutating func afterHello() -> Action {
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

  private mutating func afterSTARTTLS(_ reply: Reply) -> Action {
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
  mutating func transact() -> Action {
    switch plan.transaction {
    case nil: complete()
    case .envelope(let sender, _): send(.mail(from: sender), awaiting: .mail)
    case .message(let message):
      send(
        .mail(from: message.sender, size: capabilities.offersSize ? message.content.count : nil),
        awaiting: .mail)
    }
  }

  private mutating func afterMAIL(_ reply: Reply) -> Action {
    guard reply.code == 250 else { return reject(reply) }
    isInTransaction = true
    if let unwanted = unwantedAcceptance(reply) { return unwanted }
    switch plan.transaction {
    case .envelope(_, let recipient): return send(.rcpt(to: recipient), awaiting: .rcpt)
    case .message(let message): return send(.rcpt(to: message.recipient), awaiting: .rcpt)
    case nil: preconditionFailure("MAIL is said in transactions only")
    }
  }

  private mutating func afterRCPT(_ reply: Reply) -> Action {
    // 252: taken, though not verified.
    guard (250...252).contains(reply.code) else { return reject(reply) }
    if let unwanted = unwantedAcceptance(reply) { return unwanted }
    guard case .message = plan.transaction else {
      isInTransaction = false
      return send(.rset, awaiting: .rset)
    }
    return send(.data, awaiting: .data)
  }

  private mutating func afterDATA(_ reply: Reply) -> Action {
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

  private mutating func afterMessage(_ reply: Reply) -> Action {
    guard reply.code == 250 else { return reject(reply) }
    isMessageAccepted = true
    return unwantedAcceptance(reply) ?? complete()
  }
}
