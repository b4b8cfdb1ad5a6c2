import Base
import DNS
import Diagnosis
import Loop
package import Model
package import SMTP
package import TLS

/// One target made ready to be probed: certificates loaded, names checked, once for all its probes.
package final class ProbePlan: Sendable {
  package let target: Target
  /// Under what name is remembered what was proved of the target.
  let verdictName: String
  let tlsContext: TLSContext
  let trust: TrustStore
  /// The name of SNI and of the certificate check.
  let serverName: String
  let ehloName: EHLOName
  /// The domain whose MX records lead to this host; nil where the target names the host itself.
  let mailDomain: String?
  /// TLSA records are looked for before the handshake: what they belong to is the name of SNI.
  let asksByTLSA: Bool
  /// The target is several servers or addresses.
  let hasMembers: Bool
  /// The address of this host to connect from; nil: the system's choice.
  let source: SocketAddress?
  /// The families of addresses to look for.
  let families: FamilyChoice
  /// The target's address, where its host is one.
  let literal: SocketAddress?
  /// Where the login's access tokens come from, if it has such.
  package let grant: TokenGrant?
  package var needsToken: Bool { grant != nil }
  private let tokenLogin = Locked<SessionPlan.Login?>(nil)
  /// Where its logins pass, from the first on; the members of a target share it.
  let loginGate: Locked<LoginGate?>
  private let conversation: SessionPlan
  private let makeToken: @Sendable (Timestamp) -> String
  /// A probe by this plan has gone well.
  let hasWorked = Locked(false)
  private let introduction = Locked<Introduction?>(nil)
  private let lastReply = Locked<(reply: Reply, facts: ReplyFacts)?>(nil)

  /// A plan for a target; throws where a file or a name of it cannot be used.
  ///
  /// - Parameters:
  ///   - hostName: what to call ourselves where the target does not say; usually this host's full name.
  ///   - isSomebodyElses: the target is none of the configuration, whatever it is called: nothing that is proved of
  ///     it says anything of one of the same name.
  ///   - materials: shares certificates among the targets of one configuration.
  ///   - makeToken: names a message that is sent at a moment; unique.
  package init(
    target: Target, isSomebodyElses: Bool = false, hostName: String, materials: TLSMaterials,
    makeToken: @escaping @Sendable (Timestamp) -> String = { _ in ProbePlan.randomToken() }
  ) throws(ProbePlanError) {
    let settings = target.settings
    self.target = target
    // No name of the configuration has a line end.
    verdictName = isSomebodyElses ? "\(target.name)\n\(target.module)" : target.name
    self.makeToken = makeToken
    do throws(TLSMaterialError) {
      tlsContext = try materials.context(for: settings.tls)
      trust = try materials.trust(for: settings.tls)
    } catch {
      throw .material(error)
    }
    serverName = settings.tls.serverName ?? target.host
    mailDomain = nil
    asksByTLSA = target.asksByTLSA
    hasMembers = target.hasMembers
    loginGate = Locked(nil)
    grant = target.grant
    source = settings.sourceAddress.flatMap { SocketAddress(literal: $0) }
    families = Self.families(settings.addresses, from: source)
    literal = Self.literal(target, families)
    do throws(AddressError) {
      ehloName = try EHLOName(settings.ehlo ?? hostName)
      conversation = try Self.conversation(target, ehloName: ehloName)
    } catch {
      throw .address(error)
    }
  }

  /// The plan for one server of a target that is several.
  func member(host: String) -> ProbePlan { ProbePlan(self, host: host) }

  private init(_ whole: ProbePlan, host: String) {
    var target = whole.target
    target.host = host
    self.target = target
    verdictName = whole.verdictName
    tlsContext = whole.tlsContext
    trust = whole.trust
    serverName = target.settings.tls.serverName ?? host
    mailDomain = whole.target.mailDomain?.lowercased()
    asksByTLSA = target.asksByTLSA
    ehloName = whole.ehloName
    makeToken = whole.makeToken
    hasMembers = false
    loginGate = whole.loginGate
    grant = whole.grant
    source = whole.source
    families = whole.families
    literal = Self.literal(target, families)
    conversation = whole.conversation.loggingIn(at: host, as: target)
  }

  /// The address of a host that is one, and can be connected to.
  private static func literal(_ target: Target, _ families: FamilyChoice) -> SocketAddress? {
    guard let address = SocketAddress(literal: target.host, port: UInt16(target.port)),
      families.includes(address.family), !address.isUnspecified
    else { return nil }
    return address
  }

  /// Connections from an address are of its family.
  private static func families(_ choice: AddressChoice, from source: SocketAddress?) -> FamilyChoice {
    switch choice {
    case .ipv4: .ipv4
    case .ipv6: .ipv6
    case .any, .each: source.map { $0.family == .ipv4 ? .ipv4 : .ipv6 } ?? .any
    }
  }

  /// What a session of one probe is to do.
  func sessionPlan(
    sendsMessage: Bool, logsIn: Bool, token: Secret? = nil, at time: Timestamp
  ) throws(ProbeFailure) -> SessionPlan {
    guard logsIn || conversation.login == nil else { return conversation.withoutLogin }
    var plan = conversation
    if grant != nil {
      guard let token else { return conversation.withoutLogin }
      plan.login = login(with: token)
    }
    guard sendsMessage, let send = target.settings.send else { return plan }
    do throws(AddressError) {
      plan.transaction = .message(try message(send, at: time))
    } catch {
      // The addresses were checked with the configuration; a target made by hand may hold anything.
      throw ProbeFailure(.configuration(.configInvalid, error.description), at: .config)
    }
    return plan
  }

  /// The login with an access token: its redaction is made once for as long as the token lasts.
  private func login(with token: Secret) -> SessionPlan.Login? {
    tokenLogin.withLock { known in
      if known?.proof != .token(token) { known = conversation.login?.with(token: token) }
      return known
    }
  }

  /// What a server says of itself, and what it came to in a result.
  private struct Introduction {
    var greeting: Reply
    var capabilities: Capabilities
    var mechanism: Mechanism?
    var facts: SMTPFacts
  }

  /// What the server said of itself; nil where it did not greet. A server says the same at every probe: the
  /// results that saw the same share it.
  func facts(of session: ClientSession) -> SMTPFacts? {
    guard let greeting = session.greeting else { return nil }
    let capabilities = session.capabilities
    let mechanism = session.isAuthenticated ? session.mechanism : nil
    return introduction.withLock { known in
      if let known, known.greeting == greeting, known.capabilities == capabilities,
        known.mechanism == mechanism
      {
        return known.facts
      }
      let facts = SMTPFacts(
        banner: greeting.text, capabilities: capabilities.lines, authMechanisms: capabilities.authMechanisms,
        authMechanism: mechanism?.rawValue, sizeLimit: capabilities.sizeLimit)
      known = Introduction(
        greeting: greeting, capabilities: capabilities, mechanism: mechanism, facts: facts)
      return facts
    }
  }

  /// What is reported of a reply, shared like the facts of a session.
  func facts(of reply: Reply) -> ReplyFacts {
    lastReply.withLock { known in
      if let known, known.reply == reply { return known.facts }
      let facts = ReplyFacts(code: reply.code, enhanced: reply.enhancedCode?.description, text: reply.text)
      known = (reply, facts)
      return facts
    }
  }

  private func message(_ send: SendSettings, at time: Timestamp) throws(AddressError) -> Message {
    var message = Message(
      from: try Mailbox(sender: send.envelope.from), to: try Mailbox(send.envelope.to), subject: send.subject,
      date: time, token: makeToken(time), host: ehloName, target: target.name)
    message.prefersChunking = send.chunking
    return message
  }

  /// A token that nobody looks for.
  package static func randomToken() -> String {
    CryptographicLibrary.randomBytes(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func conversation(_ target: Target, ehloName: EHLOName) throws(AddressError) -> SessionPlan {
    let settings = target.settings
    var plan = SessionPlan(tlsMode: settings.tls.mode, ehloName: ehloName, dialect: target.dialect)
    if let auth = settings.auth {
      plan.login = SessionPlan.Login(
        auth, host: target.host, port: target.port, cryptography: LoginCryptography())
    }
    if let envelope = settings.envelope {
      plan.transaction = .envelope(from: try Mailbox(sender: envelope.from), to: try Mailbox(envelope.to))
    }
    if let pattern = settings.expect.banner {
      plan.banner = SessionPlan.BannerExpectation(pattern: pattern) { banner in
        // The configuration compiled the pattern before; a regular expression may not be shared by threads.
        (try? Regex(pattern)).map { banner.contains($0) } ?? false
      }
    }
    plan.expectedCapabilities = settings.expect.capabilities
    plan.expectedRejection = settings.expect.reject
    return plan
  }
}

/// Why a target cannot be probed at all.
package enum ProbePlanError: Error, Sendable, CustomStringConvertible {
  case material(TLSMaterialError)
  case address(AddressError)

  package var description: String {
    switch self {
    case .material(let error): error.description
    case .address(let error): error.description
    }
  }

  /// What a probe of such a target reports.
  package var reason: Reason {
    switch self {
    case .material: .configTlsMaterial
    case .address: .configInvalid
    }
  }
}

extension SessionPlan {
  /// The same plan at another host: some mechanisms say where they log in.
  fileprivate func loggingIn(at host: String, as target: Target) -> SessionPlan {
    guard let auth = target.settings.auth else { return self }
    var plan = self
    plan.login = SessionPlan.Login(auth, host: host, port: target.port, cryptography: LoginCryptography())
    return plan
  }

  /// The plan up to where the login would begin: what follows may need it.
  fileprivate var withoutLogin: SessionPlan {
    var plan = self
    plan.login = nil
    plan.transaction = nil
    switch expectedRejection {
    case .auth, .mail, .rcpt, .data, .message: plan.expectedRejection = nil
    default: break
    }
    return plan
  }
}

extension Target {
  /// DANE decides alone who the server is, and nobody has named it otherwise. A probe that only reports on DANE is
  /// judged by names, and asks for that of the host.
  fileprivate var asksByTLSA: Bool {
    settings.policy.dane == .require && settings.tls.mode != .none && settings.tls.serverName == nil
      && SocketAddress(literal: host) == nil
  }

  fileprivate var grant: TokenGrant? {
    if case .grant(let grant)? = settings.auth?.proof { grant } else { nil }
  }
}

extension Mailbox {
  /// A sender; the empty address is the null sender.
  fileprivate init?(sender: String) throws(AddressError) {
    guard !sender.isEmpty else { return nil }
    try self.init(sender)
  }
}
