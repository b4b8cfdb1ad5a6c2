import Base
import DNS
import Diagnosis
import Loop
import Model
import SMTP
import TLS

/// The visits that one diagnosis pays to a server: each as polite as a probe, none with credentials.
struct FollowUpVisits: ~Copyable {
  private let plan: ProbePlan
  private let observation: Observation
  private let address: SocketAddress?
  private let otherAddresses: [SocketAddress]
  private let judge: CertificateJudge
  private let resolver: Resolver
  private let limits: FollowUpLimits
  private let deadline: MonotonicInstant
  /// The connection that failed.
  private var socket: Socket?

  /// The visits that a lead asks for; they take over its connection.
  init(
    _ lead: Lead, judge: CertificateJudge, resolver: Resolver, limits: FollowUpLimits,
    until deadline: MonotonicInstant
  ) {
    plan = lead.plan
    observation = lead.observation
    address = lead.address
    otherAddresses = lead.otherAddresses
    socket = lead.socket.take()
    self.judge = judge
    self.resolver = resolver
    self.limits = limits
    self.deadline = deadline
  }

  /// Makes one check.
  mutating func make(_ check: FollowUpCheck, on loop: isolated EventLoop) async -> [Finding] {
    switch check {
    case .clientHelloOnSameConnection:
      guard let socket = socket.take() else { return [] }
      return [await greetInTLS(Visit(socket, until: limit(limits.visit)), on: loop)]
    case .clientHelloFirst:
      guard let address, case .success(let visit) = await visit(address, on: loop) else { return [] }
      return [await greetInTLS(visit, on: loop)]
    case .starttlsHere: return await upgrade(on: loop)
    case .otherAddresses(let limit): return await tryOthers(limit, on: loop)
    case .sibling(let port, let mode): return await sibling(port, mode, on: loop)
    case .handshake(let rung): return await climb(rung, on: loop)
    case .resolvers: return await askResolvers(on: loop)
    case .otherNames: return await tryNames(on: loop)
    case .proxyHeader: return await greetAsProxy(on: loop)
    case .starttlsInjection: return await smuggle(on: loop)
    }
  }

  // MARK: TLS where none was expected, and clear text likewise

  private func greetInTLS(_ visit: consuming Visit, on loop: isolated EventLoop) async -> Finding {
    var visit = visit
    if let words = await visit.secure(plan.tlsContext, serverName: plan.serverName, on: loop) {
      return .clientHelloFailed(words, heard: visit.heardInClear)
    }
    let facts = visit.facts(judge: judge, plan: plan, at: observation.now)
    let greeting = await visit.reply(on: loop)
    await visit.leave(on: loop)
    return .implicitTLSGreeted(facts, greeting: greeting)
  }

  /// The whole way of STARTTLS on the target's own port, up to the finished handshake.
  private mutating func upgrade(on loop: isolated EventLoop) async -> [Finding] {
    guard let address, case .success(var visit) = await visit(address, on: loop) else { return [] }
    guard let greeting = await visit.reply(on: loop), greeting.code == 220 else {
      await visit.leave(on: loop)
      return []
    }
    guard await visit.asksForTLS(hello, on: loop) else {
      await visit.leave(on: loop)
      return [.starttlsMissing(greeting: greeting)]
    }
    guard await visit.secure(plan.tlsContext, serverName: plan.serverName, on: loop) == nil else { return [] }
    let facts = visit.facts(judge: judge, plan: plan, at: observation.now)
    await visit.leave(on: loop)
    return [.starttlsWorks(facts, greeting: greeting)]
  }

  // MARK: What has to be asked for

  /// A PROXY header of the first version, which names nobody, and what the target's mode begins with.
  private mutating func greetAsProxy(on loop: isolated EventLoop) async -> [Finding] {
    guard let address, case .success(var visit) = await visit(address, on: loop) else { return [] }
    guard await visit.say(Array("PROXY UNKNOWN\r\n".utf8), on: loop) else { return [.proxyHeaderIgnored] }
    if beginsWithTLS,
      await visit.secure(plan.tlsContext, serverName: plan.serverName, on: loop) != nil
    {
      return [.proxyHeaderIgnored]
    }
    let greeting = await visit.reply(on: loop)
    await visit.leave(on: loop)
    guard let greeting, greeting.isPositive else { return [.proxyHeaderIgnored] }
    return [.proxyHeaderGreeted(greeting)]
  }

  /// NOOP in clear in one segment with STARTTLS, and after the handshake EHLO and QUIT: whoever answers three
  /// commands has taken the first one along.
  private mutating func smuggle(on loop: isolated EventLoop) async -> [Finding] {
    guard let address, case .success(var visit) = await visit(address, on: loop) else { return [] }
    let smuggled = Array("NOOP\r\n".utf8)
    guard await visit.reply(on: loop)?.code == 220,
      await visit.asksForTLS(hello, followedBy: smuggled, on: loop),
      await visit.secure(plan.tlsContext, serverName: plan.serverName, on: loop) == nil
    else {
      await visit.leave(on: loop)
      return [.commandDropped]
    }
    let first = await visit.say(hello, on: loop)
    let second = await visit.say(.quit, on: loop)
    let crossed = first?.isPositive == true && second?.code == 250
    await visit.leave(on: loop)
    return [crossed ? first.map(Finding.commandCrossedTLS) ?? .commandDropped : .commandDropped]
  }

  // MARK: Other ports and addresses

  private mutating func sibling(_ port: Int, _ mode: TLSMode, on loop: isolated EventLoop) async -> [Finding]
  {
    guard let address else { return [] }
    let there = address.with(port: UInt16(port))
    var visit: Visit
    switch await self.visit(there, within: limits.sibling, on: loop) {
    case .success(let standing): visit = standing
    case .failure(.timedOut): return [.siblingSilent(port: port)]
    case .failure(.system(let error)) where error.isRefusal: return [.siblingRefused(port: port)]
    case .failure(.system): return [.siblingSilent(port: port)]
    case .failure: return []
    }
    if mode == .implicit {
      guard await visit.secure(plan.tlsContext, serverName: plan.serverName, on: loop) == nil else {
        return [.siblingMute(port: port)]
      }
    }
    let greeting = await visit.reply(on: loop)
    await visit.leave(on: loop)
    return [
      greeting.map { .siblingGreeted(port: port, mode: mode, greeting: $0) } ?? .siblingMute(port: port)
    ]
  }

  private mutating func tryOthers(_ limit: Int, on loop: isolated EventLoop) async -> [Finding] {
    let tried = address?.family
    let ordered = otherAddresses.filter { $0.family != tried } + otherAddresses.filter { $0.family == tried }
    var findings: [Finding] = []
    for other in ordered.prefix(limit) {
      let family = AddressFamily(other.family)
      let start = MonotonicInstant.now()
      switch await visit(other, within: limits.sibling, on: loop) {
      case .success(var visit):
        if !beginsWithTLS {
          _ = await visit.reply(on: loop)
        } else if await visit.secure(plan.tlsContext, serverName: plan.serverName, on: loop) == nil {
          _ = await visit.reply(on: loop)
        }
        await visit.leave(on: loop)
        return findings + [.addressAnswered(address: other.text, family: family)]
      case .failure(let error):
        guard !error.isLocal, let failure = ConnectFailure(error) else { continue }
        let attempt = ConnectionAttempt(
          address: other.text, family: family, failure: failure,
          elapsed: start.duration(to: .now()))
        findings.append(.addressFailed(attempt))
      }
    }
    return findings
  }

  // MARK: The ladder

  private mutating func climb(_ rung: TLSRung, on loop: isolated EventLoop) async -> [Finding] {
    var options = ClientOptions()
    var serverName: String? = plan.serverName
    switch rung {
    case .upToTLS12: options.maxVersion = .tls12
    case .legacy:
      options.minVersion = .tls10
      options.allowsLegacy = true
    case .withoutServerName: serverName = nil
    }
    guard let address, let context = try? TLSContext(client: options),
      case .success(var visit) = await visit(address, on: loop)
    else { return [] }
    if !beginsWithTLS {
      guard await visit.reply(on: loop)?.code == 220, await visit.asksForTLS(hello, on: loop) else {
        await visit.leave(on: loop)
        return []
      }
    }
    if let words = await visit.secure(context, serverName: serverName, on: loop) {
      return [.ladder(rung, .failed(words))]
    }
    let facts = visit.facts(judge: judge, plan: plan, at: observation.now)
    if beginsWithTLS { _ = await visit.reply(on: loop) }
    await visit.leave(on: loop)
    return [.ladder(rung, .succeeded(facts))]
  }

  // MARK: Names

  private func askResolvers(on loop: isolated EventLoop) async -> [Finding] {
    var findings: [Finding] = []
    for server in resolver.servers.prefix(3) {
      var options = Resolver.Options()
      options.servers = [server]
      options.tries = 1
      options.timeout = limits.resolver
      options.hosts = "/dev/null"
      let limit = limit(limits.resolver)
      let answer: Finding.ResolverAnswer
      do throws(DNSError) {
        let found = try await Resolver(options).addresses(of: plan.target.host, until: limit, on: loop)
        answer = .addresses(found.addresses.map(\.text))
      } catch {
        switch error {
        case .notFound: answer = .notFound
        case .noAddress: answer = .noAddress
        case .refused(let words): answer = .refused(words)
        case .timeout: answer = .silent
        case .acceptsNoMail, .malformed, .local, .ended: continue
        }
      }
      findings.append(.resolver(address: server.text, answer))
    }
    return findings
  }

  private mutating func tryNames(on loop: isolated EventLoop) async -> [Finding] {
    var visit: Visit
    if let socket = socket.take() {
      visit = Visit(socket, until: limit(limits.visit))
    } else {
      guard let address, case .success(let standing) = await self.visit(address, on: loop) else { return [] }
      visit = standing
      if beginsWithTLS {
        guard await visit.secure(plan.tlsContext, serverName: plan.serverName, on: loop) == nil else {
          return []
        }
      }
      _ = await visit.reply(on: loop)
    }
    let local = visit.local
    var findings: [Finding] = []
    let literal = local.map { $0.family == .ipv4 ? "[\($0.text)]" : "[IPv6:\($0.text)]" }
    for name in [literal, DNS.HostName.fullyQualified()] {
      guard let name, name != plan.ehloName.text, let ehlo = try? EHLOName(name),
        let reply = await visit.say(hello(as: ehlo), on: loop)
      else { continue }
      findings.append(reply.isPositive ? .nameAccepted(name) : .nameRefused(name, reply))
      if reply.isPositive { break }
    }
    await visit.leave(on: loop)
    return findings
  }

  // MARK: Visits

  /// A new connection, a while after the one before.
  private mutating func visit(
    _ address: SocketAddress, within patience: Duration? = nil, on loop: isolated EventLoop
  ) async -> Result<Visit, ConnectError> {
    guard await loop.sleep(until: limit(limits.pause)) else { return .failure(.ended) }
    guard MonotonicInstant.now() < deadline else { return .failure(.timedOut) }
    let limit = limit(patience ?? limits.visit)
    do throws(ConnectError) {
      return .success(Visit(try await plan.open(address, until: limit, on: loop), until: limit))
    } catch {
      return .failure(error)
    }
  }

  private func limit(_ patience: Duration) -> MonotonicInstant {
    min(deadline, .now().advanced(by: patience))
  }

  /// The target's port is one that hears a ClientHello before it speaks.
  private var beginsWithTLS: Bool { plan.target.settings.tls.mode == .implicit }

  private var hello: Command { hello(as: plan.ehloName) }

  private func hello(as name: EHLOName) -> Command {
    plan.target.dialect == .lmtp ? .lhlo(name) : .ehlo(name)
  }
}
