import Base
package import DNS
package import Diagnosis
package import Loop
package import Model
import SMTP
import TLS

/// Performs probes: name, connection, TLS, conversation, verdict. A failed probe is a result, not an error.
///
/// One prober serves every probe of a process; what one target needs is in its `ProbePlan`.
package final class Prober: Sendable {
  let resolver: Resolver
  private let judge: CertificateJudge
  private let policies: PolicyJudge
  private let tokens: TokenSupply
  private let gates = LoginGates()
  let followUps: FollowUpRunner
  let waits: Waits?

  /// A prober that asks this resolver for addresses.
  ///
  /// - Parameters:
  ///   - tokens: tells what is at hand for logins with access tokens that have to be got.
  ///   - limits: what a closer look at a failure may cost.
  ///   - waits: where the probes say what they wait for, for somebody who looks.
  ///   - onFollowUp: told of each check of such a look when it is over.
  package init(
    resolver: Resolver, tokens: @escaping TokenSupply = { _ in TokenState() },
    limits: FollowUpLimits = FollowUpLimits(), waits: Waits? = nil,
    onFollowUp: @escaping @Sendable (FollowUpNote) -> Void = { _ in }
  ) {
    self.resolver = resolver
    self.tokens = tokens
    self.waits = waits
    judge = CertificateJudge()
    policies = PolicyJudge(lookups: PolicyLookups(resolver: resolver))
    followUps = FollowUpRunner(
      judge: judge, resolver: resolver, limits: limits, waits: waits, onCheck: onFollowUp)
  }

  /// How often failures were looked at more closely.
  package var followUpCounts: FollowUpCounts { followUps.counts }

  /// Forgets what was proved of any other target, and ends the checks of it: it has left the configuration, or
  /// is another one now.
  package func keep(only targets: Set<String>) { followUps.keep(only: targets) }

  /// One attempt at one target, from the first question to the resolver to the answer to QUIT.
  ///
  /// - Parameters:
  ///   - timeLimit: what the whole attempt may take, where that is less than the target's timeout.
  ///   - messages: how many of the plan's test messages the attempt may send, one to each server.
  ///   - logsIn: false ends the conversation where the login would begin; nothing is sent then.
  ///   - isFinal: no further attempt follows a failure, so that a closer look at it is worth its while.
  ///   - amend: told later of the same result with what that look proved.
  package func probe(
    _ plan: ProbePlan, timeLimit: Duration? = nil, messages: Int = 0, logsIn: Bool = true,
    isFinal: Bool = true, on loop: isolated EventLoop, amend: @escaping @Sendable (ProbeResult) -> Void
  ) async -> Shared<ProbeResult> {
    let probed = await probe(
      plan, timeLimit: timeLimit, messages: messages, logsIn: logsIn, isFinal: isFinal, on: loop)
    if let lead = probed.lead {
      Task(executorPreference: loop.executor) { await self.follow(lead, on: loop, amend: amend) }
    }
    return probed.sharedResult
  }

  private func follow(
    _ lead: Lead, on loop: isolated EventLoop, amend: @Sendable (ProbeResult) -> Void
  ) async {
    amend(await followUps.run(lead, on: loop).value)
  }

  /// One attempt, and where it fails, the closer look at once: for somebody who waits for the whole answer.
  ///
  /// The parameters are those of `probe`.
  package func diagnose(
    _ plan: ProbePlan, timeLimit: Duration? = nil, messages: Int = 0, logsIn: Bool = true,
    on loop: isolated EventLoop
  ) async -> Shared<ProbeResult> {
    let probed = await probe(
      plan, timeLimit: timeLimit, messages: messages, logsIn: logsIn, on: loop)
    guard let lead = probed.lead else { return probed.sharedResult }
    return await followUps.run(lead, on: loop)
  }

  /// One attempt, and what to look at where it fails.
  func probe(
    _ plan: ProbePlan, timeLimit: Duration? = nil, messages: Int = 0, logsIn: Bool = true,
    isFinal: Bool = true, on loop: isolated EventLoop
  ) async -> Probed {
    guard !plan.hasMembers else {
      return await probeMembers(
        of: plan, timeLimit: timeLimit, messages: messages, logsIn: logsIn, isFinal: isFinal, on: loop
      )
    }
    let run = ProbeRun(plan: plan, timeLimit: timeLimit, waits: waits)
    return await probe(run, sendsMessage: messages > 0, logsIn: logsIn, isFinal: isFinal, on: loop)
  }

  /// One attempt at one server.
  @inline(never)
  func probe(
    _ run: ProbeRun, sendsMessage: Bool, logsIn: Bool, isFinal: Bool, on loop: isolated EventLoop
  ) async -> Probed {
    do throws(ProbeFailure) {
      let conversation = try conversation(of: run, sendsMessage: sendsMessage, logsIn: logsIn)
      if !run.knowsAddress { _ = try await resolve(run, on: loop) }
      if run.plan.asksByTLSA { await policies.prepare(run, on: loop) }
      let connection = try await connect(run, on: loop)
      return await hold(conversation, over: connection, of: run, isFinal: isFinal, on: loop)
    } catch {
      return failed(error, run, isFinal: isFinal)
    }
  }

  @inline(never)
  private func hold(
    _ conversation: Conversation, over connection: consuming Connection, of run: ProbeRun, isFinal: Bool,
    on loop: isolated EventLoop
  ) async -> Probed {
    do throws(ProbeFailure) {
      try await conversation.hold(over: &connection, on: loop)
      guard !run.result.isLoginWithheld else { return Probed(nil, of: run) }
      if let failure = run.tokenFailure { return failed(failure, run, isFinal: isFinal) }
      if run.looksAtPolicies { await run.judgePolicies(by: policies, on: loop) }
      if let failure = run.policyFailure { return failed(failure, run, isFinal: isFinal) }
      return succeeded(run)
    } catch {
      return await leave(conversation, over: connection, after: error, of: run, isFinal: isFinal, on: loop)
    }
  }

  @inline(never)
  private func leave(
    _ conversation: Conversation, over connection: consuming Connection, after failure: ProbeFailure,
    of run: ProbeRun, isFinal: Bool, on loop: isolated EventLoop
  ) async -> Probed {
    if failure.isDistrust {
      // No check goes on with such a connection, and what the server says on the way out is evidence too.
      await conversation.leave(after: failure, over: &connection, on: loop)
      return failed(failure, run, isFinal: isFinal)
    }
    let lead = lead(after: failure, of: run, isFinal: isFinal)
    if let lead, lead.needsConnection, !connection.isSecured {
      lead.socket = connection.surrender()
    } else {
      await conversation.leave(after: failure, over: &connection, on: loop)
    }
    return Probed(lead, of: run)
  }

  // MARK: Between waits
  //
  // None of these is inlined: what a function needs for a moment would take room in the frame of the async function
  // that calls it, for as long as that waits.

  @inline(never)
  private func conversation(
    of run: ProbeRun, sendsMessage: Bool, logsIn: Bool
  ) throws(ProbeFailure) -> Conversation {
    if logsIn {
      takePlace(run)
      run.token = run.plan.grant.map(tokens)
    }
    let plan = try run.plan.sessionPlan(
      sendsMessage: sendsMessage, logsIn: logsIn, token: run.token?.token, at: run.result.startedAt)
    return Conversation(session: ClientSession(plan: plan), run: run, judge: judge, policies: policies)
  }

  /// A run may log in, as far as is known now.
  @inline(never)
  func takePlace(_ run: ProbeRun) {
    guard run.loginTurn == nil, run.plan.target.settings.auth != nil else { return }
    let gate = run.plan.loginGate.withLock { known in
      if known == nil { known = gates.gate(of: run.plan.target) }
      return known
    }
    run.loginTurn = gate.map(LoginTurn.init)
  }

  @inline(never)
  func failed(_ failure: ProbeFailure, _ run: ProbeRun, isFinal: Bool) -> Probed {
    Probed(lead(after: failure, of: run, isFinal: isFinal), of: run)
  }

  @inline(never)
  private func succeeded(_ run: ProbeRun) -> Probed {
    let good = run.succeed()
    let plan = run.plan
    plan.hasWorked.withLock { $0 = true }
    guard !run.isMember else { return Probed(nil, of: run) }
    succeeded(plan.verdictName)
    guard !plan.target.settings.checks.isEmpty else { return Probed(nil, of: run) }
    return Probed(inspection(of: run, good), of: run)
  }

  /// A target works: what was proved of its failures no longer holds.
  func succeeded(_ target: String) { followUps.succeeded(target) }

  /// Names a failure, by an earlier diagnosis of the same symptom where there is one; and what to look at,
  /// where that is due.
  @inline(never)
  func lead(after failure: ProbeFailure, of run: ProbeRun, isFinal: Bool) -> Lead? {
    let (symptom, observation) = run.fail(failure)
    guard symptom.outcome != .degraded, !run.isMember, run.plan.target.mailDomain == nil else { return nil }
    let mayRecover = !isFinal && symptom.reason.retry == .soon
    switch followUps.decide(
      symptom, observation, of: run.plan.verdictName, mayDiagnose: !mayRecover)
    {
    case .symptom: return nil
    case .known(let verdict):
      run.result.apply(verdict)
      return nil
    case .follow(let checks, let place, let known):
      if let known { run.result.apply(known) }
      return Lead(
        plan: run.plan, checks: checks, symptom: symptom, observation: observation,
        address: run.address, otherAddresses: run.otherAddresses, place: place)
    }
  }

  /// What was found, or is to be looked for, in a target whose STARTTLS works.
  private func inspection(of run: ProbeRun, _ good: Verdict) -> Lead? {
    let settings = run.plan.target.settings
    guard settings.checks.contains(.starttlsInjection), settings.diagnosis == .active,
      run.result.phases[.starttls] != nil, run.result.tls != nil
    else { return nil }
    switch followUps.inspect(run.plan.verdictName) {
    case .symptom: return nil
    case .known(let verdict):
      run.result.apply(verdict)
      return nil
    case .follow(let checks, let place, let known):
      if let known { run.result.apply(known) }
      // What would be seen, if the check finds something.
      let observation = run.observation(of: ProbeFailure(.plaintextAcrossTLS([]), at: .starttls))
      return Lead(
        plan: run.plan, checks: checks, symptom: good, observation: observation, address: run.address,
        otherAddresses: run.otherAddresses, place: place)
    }
  }

  /// The address to probe: the first that the resolver gives, where the run has none yet.
  func resolve(
    _ run: ProbeRun, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> SocketAddress {
    let target = run.plan.target
    if let address = run.address { return address }
    let limit = run.limit(target.settings.timeouts.dns, from: run.start)
    run.awaits(.dns, from: run.start, until: limit)
    let first: SocketAddress
    do throws(DNSError) {
      let resolution = try await resolver.addresses(
        of: target.host, port: UInt16(target.port), run.plan.families, until: limit, on: loop)
      guard let best = resolution.addresses.first else { throw .noAddress }
      first = best
      if resolution.source != .literal { run.book(.dns, from: run.start, to: .now()) }
      if resolution.ipv6?.isAnswered == false { run.result.warnings.insert(.slowAaaa) }
      run.address = first
      run.otherAddresses = Array(resolution.addresses.dropFirst())
    } catch {
      throw ProbeFailure(Fault(error), at: .dns, since: run.start, limit: limit)
    }
    // Linux would connect to this very host.
    if first.isUnspecified { throw ProbeFailure(.name(.nowhere(first.text)), at: .config) }
    return first
  }

  private func connect(
    _ run: ProbeRun, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> Connection {
    guard let address = run.address else { preconditionFailure("who connects knows the address") }
    let start = MonotonicInstant.now()
    let limit = run.limit(run.plan.target.settings.timeouts.connect, from: start)
    run.awaits(.connect, from: start, until: limit)
    run.result.address = address.text
    run.result.family = AddressFamily(address.family)
    do throws(ConnectError) {
      let socket = try await run.plan.open(address, until: limit, on: loop)
      run.book(.connect, from: start, to: socket.connectedAt)
      run.connectedIn = start.duration(to: socket.connectedAt)
      return Connection(socket)
    } catch {
      let end = MonotonicInstant.now()
      run.book(.connect, from: start, to: end)
      if let failure = ConnectFailure(error) {
        run.attempts.append(
          ConnectionAttempt(
            address: address.text, family: AddressFamily(address.family), failure: failure,
            elapsed: start.duration(to: end)))
      }
      let fault = run.plan.bindFault(error) ?? Fault(error)
      throw ProbeFailure(fault, at: error.isLocal ? .internal : .connect, since: start, limit: limit)
    }
  }
}
