import Base
import DNS
import Diagnosis
import Loop
import Model

/// One server or address of a target that is several.
struct Member: Sendable {
  let plan: ProbePlan
  /// nil: the first that the name leads to.
  var address: SocketAddress?
}

/// What became of a member, and what a closer look at it would need.
final class MemberOutcome: Sendable {
  let member: Member
  let result: ProbeResult
  let failure: (symptom: Verdict, observation: Observation)?
  let address: SocketAddress?
  let otherAddresses: [SocketAddress]

  /// Its login was refused.
  var isRefused: Bool {
    @inline(never) get { result.hasRefusedCredentials }
  }

  init(_ run: ProbeRun, _ result: ProbeResult, of member: Member) {
    self.member = member
    self.result = result
    failure = run.failure
    address = run.address
    otherAddresses = member.address == nil ? run.otherAddresses : []
  }
}

extension Prober {
  /// More servers and addresses of one target are not probed.
  private static let mostMembers = 16

  /// One attempt at every server and address of a target, within its one timeout, rolled up to one result.
  @inline(never)
  func probeMembers(
    of plan: ProbePlan, timeLimit: Duration?, messages: Int, logsIn: Bool, isFinal: Bool,
    on loop: isolated EventLoop
  ) async -> Probed {
    let head = ProbeRun(plan: plan, timeLimit: timeLimit, waits: waits)
    if logsIn { takePlace(head) }
    var members: [Member]
    do throws(ProbeFailure) {
      members = try await self.members(of: head, on: loop)
    } catch {
      return failed(error, head, isFinal: isFinal)
    }
    head.awaitsNothing()
    let left = members.count - Self.mostMembers
    if left > 0 { members.removeLast(left) }
    let wish = MemberWish(
      deadline: head.deadline, messages: messages, logsIn: logsIn, loginTurn: head.loginTurn)
    let outcomes: [MemberOutcome]
    if logsIn, plan.target.settings.auth != nil {
      outcomes = await logIn(members, wish, on: loop)
    } else {
      outcomes = await visit(members, wish, on: loop)
    }
    return rolledUp(outcomes, leftOut: left, of: head, isFinal: isFinal)
  }

  @inline(never)
  private func rolledUp(
    _ outcomes: [MemberOutcome], leftOut: Int, of head: ProbeRun, isFinal: Bool
  ) -> Probed {
    head.result.members = outcomes.map(\.result)
    let index = head.result.rollUp(as: head.plan.target)
    if leftOut > 0 {
      head.result.evidence.append(
        Evidence(.note, "\(leftOut) more are not probed: \(Self.mostMembers) are the most of one target"))
    }
    if head.result.members.allSatisfy(\.success) { succeeded(head.plan.verdictName) }
    return Probed(lead(after: outcomes[index], at: index, of: head, isFinal: isFinal), of: head)
  }

  /// The servers and addresses of a target.
  private func members(
    of head: ProbeRun, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> [Member] {
    let plan = head.plan
    guard let domain = plan.target.mailDomain else {
      let first = try await resolve(head, on: loop)
      return ([first] + head.otherAddresses).map { Member(plan: plan, address: $0) }
    }
    let limit = head.limit(plan.target.settings.timeouts.dns, from: head.start)
    head.awaits(.dns, from: head.start, until: limit)
    var members: [Member] = []
    let exchangers: MailExchangers
    do throws(DNSError) {
      exchangers = try await resolver.mailExchangers(of: String(domain), until: limit, on: loop)
    } catch {
      throw ProbeFailure(Fault(error), at: .dns, since: head.start, limit: limit)
    }
    for host in exchangers.hosts.prefix(Self.mostMembers + 1) {
      let member = Member(plan: plan.member(host: host.name))
      guard plan.target.settings.addresses == .each,
        let found = try? await resolver.addresses(
          of: host.name, port: UInt16(plan.target.port), plan.families, until: limit, on: loop)
      else {
        // Where the name leads nowhere, its own probe will say why.
        members.append(member)
        continue
      }
      members += found.addresses.map { Member(plan: member.plan, address: $0) }
    }
    head.book(.dns, from: head.start, to: .now())
    return members
  }

  // MARK: Visits

  /// All at once, but those at one address one after the other.
  private func visit(
    _ members: [Member], _ wish: MemberWish, on loop: isolated EventLoop
  ) async -> [MemberOutcome] {
    var lanes: [[Int]] = []
    for index in members.indices {
      let address = members[index].address
      if let address, let lane = lanes.firstIndex(where: { members[$0[0]].address == address }) {
        lanes[lane].append(index)
      } else {
        lanes.append([index])
      }
    }
    var outcomes = [MemberOutcome?](repeating: nil, count: members.count)
    await withTaskGroup(of: [(Int, MemberOutcome)].self) { group in
      for lane in lanes {
        group.addTask(executorPreference: loop.executor) {
          await self.visit(lane, of: members, wish, on: loop)
        }
      }
      for await lane in group {
        for (index, outcome) in lane { outcomes[index] = outcome }
      }
    }
    return outcomes.compactMap(\.self)
  }

  private func visit(
    _ lane: [Int], of members: [Member], _ wish: MemberWish, on loop: isolated EventLoop
  ) async -> [(Int, MemberOutcome)] {
    var outcomes: [(Int, MemberOutcome)] = []
    for (place, index) in lane.enumerated() {
      let own = wish.ofMember(index)
      outcomes.append((index, await visit(members[index], own, share: lane.count - place, on: loop)))
    }
    return outcomes
  }

  /// One after the other: once a login was refused, no other is tried, since each refusal counts against the
  /// same account.
  private func logIn(
    _ members: [Member], _ wish: MemberWish, on loop: isolated EventLoop
  ) async -> [MemberOutcome] {
    var outcomes: [MemberOutcome] = []
    var refusal: MemberOutcome?
    for (place, member) in members.enumerated() {
      var own = wish.ofMember(place)
      own.logsIn = refusal == nil
      let outcome = await visit(member, own, after: refusal, share: members.count - place, on: loop)
      if refusal == nil, outcome.isRefused { refusal = outcome }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// One member's probe.
  ///
  /// - Parameters:
  ///   - refusal: the member that was refused its login, so that this one does not log in.
  ///   - share: between how many the time that is left must be divided.
  private func visit(
    _ member: Member, _ wish: MemberWish, after refusal: MemberOutcome? = nil, share: Int,
    on loop: isolated EventLoop
  ) async -> MemberOutcome {
    let run = ProbeRun(
      plan: member.plan, timeLimit: MonotonicInstant.now().duration(to: wish.deadline) / share, waits: waits)
    run.isMember = true
    run.address = member.address
    run.loginTurn = wish.logsIn ? wish.loginTurn : nil
    let probed = await probe(
      run, sendsMessage: wish.messages > 0, logsIn: wish.logsIn, isFinal: true, on: loop)
    return outcome(of: member, run, probed, after: refusal)
  }

  @inline(never)
  private func outcome(
    of member: Member, _ run: ProbeRun, _ probed: Probed, after refusal: MemberOutcome?
  ) -> MemberOutcome {
    var result = probed.result
    if let refusal, result.success { result.withholdLogin(after: refusal.result) }
    return MemberOutcome(run, result, of: member)
  }

  // MARK: A closer look

  /// What to look at: the member that the roll-up speaks of, on the target's one account.
  private func lead(after outcome: MemberOutcome, at index: Int, of head: ProbeRun, isFinal: Bool) -> Lead? {
    guard let (symptom, observation) = outcome.failure, symptom.outcome != .degraded else { return nil }
    let mayRecover = !isFinal && !head.result.success && symptom.reason.retry == .soon
    switch followUps.decide(
      symptom, observation, of: head.plan.verdictName, mayDiagnose: !mayRecover)
    {
    case .symptom: return nil
    case .known(let verdict):
      head.result.apply(verdict, toMember: index, of: head.plan.target)
      return nil
    case .follow(let checks, let place, let known):
      if let known { head.result.apply(known, toMember: index, of: head.plan.target) }
      // A member's connection is over by now.
      let checks = checks.map { $0 == .clientHelloOnSameConnection ? .clientHelloFirst : $0 }
      let lead = Lead(
        plan: outcome.member.plan, checks: checks, symptom: symptom, observation: observation,
        address: outcome.address, otherAddresses: outcome.otherAddresses, place: place)
      lead.membership = (head.plan.target, index)
      return lead
    }
  }
}

/// What the probes of all members have in common.
private struct MemberWish: Sendable {
  var deadline: MonotonicInstant
  /// How many of them send a message, the first ones.
  var messages: Int
  var logsIn: Bool
  /// Where their logins pass; they count as allowed since the target's probe began.
  var loginTurn: LoginTurn?

  /// What is left of it for one of them.
  func ofMember(_ index: Int) -> MemberWish {
    var own = self
    own.messages = index < messages ? 1 : 0
    return own
  }
}

extension ProbeResult {
  /// Takes over what the members come to; the index of the one that it speaks of.
  @discardableResult mutating func rollUp(as target: Target) -> Int {
    let rolledUp = Diagnosis.rollUp(members, of: target)
    let member = members[rolledUp.member]
    apply(rolledUp.verdict)
    if rolledUp.isPartial { stage = rolledUp.verdict.stage }
    let resolving = phases[.dns]
    phases = member.phases
    if let resolving { phases[.dns] = resolving }
    (address, family, reply, replyCodes) = (member.address, member.family, member.reply, member.replyCodes)
    (smtp, transcript) = (member.smtp, member.transcript)
    // Where all is well, the certificate that ends first is the one to watch.
    let ends = members.compactMap(\.tls).min {
      ($0.certificate?.chainNotAfter.microseconds ?? .max)
        < ($1.certificate?.chainNotAfter.microseconds ?? .max)
    }
    tls = member.success ? ends : member.tls ?? ends
    // Every member is held against the same domain's policies: the first that breaks one is the one to know of.
    let policies = members.compactMap(\.policy)
    policy = policies.first { !$0.warnings.isEmpty } ?? policies.first
    warnings = members.reduce(into: warnings) { $0.formUnion($1.warnings) }
    messagesSent = members.reduce(0) { $0 + $1.messagesSent }
    return rolledUp.member
  }

  /// Takes over what was proved of one member.
  mutating func apply(_ verdict: Verdict, toMember index: Int, of target: Target) {
    members[index].apply(verdict)
    rollUp(as: target)
  }
}
