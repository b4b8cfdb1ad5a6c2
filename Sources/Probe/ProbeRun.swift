import Base
import Diagnosis
import Loop
import Model
import SMTP
import TLS

/// One probe under way: the result as far as it has come, and all that a verdict would rest on.
/// Lives on the loop, from the probe's first step to its last.
final class ProbeRun {
  let plan: ProbePlan
  let start: MonotonicInstant
  let deadline: MonotonicInstant
  var result: ProbeResult
  var transcript: TranscriptWriter
  /// Attempts to connect that came to nothing.
  var attempts: [ConnectionAttempt] = []
  /// How long the one took that succeeded.
  var connectedIn: Duration?
  /// The address probed.
  var address: SocketAddress?
  /// The addresses that the name has beyond it.
  var otherAddresses: [SocketAddress] = []
  /// What the connection heard where it went wrong; see `Observation`.
  var rawBytes: [UInt8] = []
  var bytesReceived = 0
  var unsentBytes: Int?
  /// The access token of the login, where one has to be got.
  var token: TokenState? {
    didSet { result.accessToken = token.map { TokenFacts(expiry: $0.expiry, isAtHand: $0.token != nil) } }
  }
  /// The TLSA records, where they were looked for before the handshake.
  var tlsa: TLSALookup?
  /// The run's way to its login; nil where it does not log in.
  var loginTurn: LoginTurn?
  /// How long it waited for the logins of others, which is no fault of the server.
  var waited: Duration = .zero
  /// Where the run says what it waits for, if anybody looks.
  private let waits: Waits?
  /// Kept only where TLSA records are held against it.
  var peerChain: PeerChain?
  private var session: ClientSession?
  /// The probe is one of several of a target, which is judged by all of them.
  var isMember = false
  /// How it failed, kept for whoever judges a member.
  private(set) var failure: (symptom: Verdict, observation: Observation)?

  /// A run that begins.
  @inline(never)
  init(plan: ProbePlan, timeLimit: Duration?, waits: Waits?) {
    start = .now()
    self.plan = plan
    self.waits = waits
    let timeout = plan.target.settings.timeout
    deadline = start.advanced(by: timeLimit.map { min($0, timeout) } ?? timeout)
    result = ProbeResult(target: plan.target, startedAt: Timestamp(microseconds: WallClock.microseconds()))
    transcript = TranscriptWriter(start: start)
  }

  /// When a stage that begins at a moment must have ended: by its own cap, and by the whole probe's.
  func limit(_ cap: Duration?, from begin: MonotonicInstant) -> MonotonicInstant {
    guard let cap else { return deadline }
    return min(deadline, begin.advanced(by: cap))
  }

  /// The run waits for the end of a phase now.
  @inline(never)
  func awaits(_ phase: Phase, from begin: MonotonicInstant, until limit: MonotonicInstant) {
    waits?.set(Waits.Wait(purpose: .phase(phase), begin: begin, limit: limit), of: self)
  }

  /// The run looks up policies now.
  @inline(never)
  func awaitsPolicies() {
    waits?.set(Waits.Wait(purpose: .policies, begin: .now(), limit: deadline), of: self)
  }

  /// The run waits for nothing of its own now.
  @inline(never)
  func awaitsNothing() { waits?.end(of: self) }

  /// Books a phase that ran between two moments. An arrival before the request is a reply that was
  /// already there: it took no time.
  func book(_ phase: Phase, from begin: MonotonicInstant, to end: MonotonicInstant) {
    result.phases[phase] = max(.zero, begin.duration(to: end))
  }

  /// Keeps a reply, redacted: in the transcript, and its code by stage.
  func note(_ reply: Reply, stage: Stage, tls: Bool, at moment: MonotonicInstant) {
    transcript.add(reply, tls: tls, at: moment)
    if let known = result.replyCodes.firstIndex(where: { $0.stage == stage }) {
      result.replyCodes[known].code = reply.code
    } else {
      if result.replyCodes.isEmpty { result.replyCodes.reserveCapacity(8) }
      result.replyCodes.append(ReplyCode(stage: stage, code: reply.code))
    }
  }

  /// Whether nobody has to be asked for the address.
  var knowsAddress: Bool {
    @inline(never) get {
      if address == nil { address = plan.literal }
      return address != nil
    }
  }

  /// Keeps what a conversation has come to know.
  func keep(_ session: ClientSession) { self.session = session }

  /// The name of SNI and of the certificate check.
  var serverName: String {
    @inline(never) get { tlsa?.serverName ?? plan.serverName }
  }

  /// Why a conversation that went well had to do without its login.
  var tokenFailure: ProbeFailure? {
    @inline(never) get {
      guard let token, token.token == nil else { return nil }
      return ProbeFailure(.token(token.fault ?? .pending), at: .auth)
    }
  }

  var looksAtPolicies: Bool {
    @inline(never) get { plan.target.settings.policy.isAnyOn }
  }

  /// The policy that a good probe breaks; all that are asked for are looked at.
  var policyFailure: ProbeFailure? {
    @inline(never) get {
      result.policy?.breach(for: plan.target).map { ProbeFailure(.policy($0), at: .policy) }
    }
  }

  // MARK: The login

  /// Whether the login need not wait for others.
  var logsInAtOnce: Bool {
    @inline(never) get {
      guard let turn = loginTurn, !turn.isTaken else { return true }
      guard turn.gate.entersAtOnce() else { return false }
      loginTurn?.isTaken = true
      return true
    }
  }

  /// Whether a command may be sent now: AUTH waits for its turn.
  func mayLogIn(until limit: MonotonicInstant, on loop: isolated EventLoop) async -> Bool {
    guard let turn = loginTurn, !turn.isTaken else { return true }
    let begin = MonotonicInstant.now()
    let answer = await turn.gate.enter(knowing: turn.knownRefusals, until: limit, on: loop)
    return admitLogin(answer, since: begin)
  }

  @inline(never)
  private func admitLogin(_ answer: LoginGate.Answer, since begin: MonotonicInstant) -> Bool {
    waited += begin.duration(to: .now())
    switch answer {
    case .enter:
      loginTurn?.isTaken = true
      return true
    case .refused(let refusal): result.withholdLogin(after: refusal.value)
    case .late: result.withholdLoginUnanswered()
    }
    return false
  }

  /// The server accepted the login: the next may come.
  func acceptLogin() {
    guard loginTurn?.isTaken == true else { return }
    loginTurn?.gate.accepted()
    loginTurn = nil
  }

  /// The probe is over.
  func endLogin(_ result: Shared<ProbeResult>) {
    guard let turn = loginTurn, turn.isTaken else { return }
    turn.gate.ended(refusedBy: result.value.hasRefusedCredentials ? result : nil)
    loginTurn = nil
  }

  // MARK: The end

  /// The probe did all that it was asked for.
  @discardableResult
  func succeed() -> Verdict {
    var probe = GoodProbe(
      target: plan.target, duration: start.duration(to: .now()) - waited, now: result.startedAt)
    probe.certificate = result.tls?.certificate
    let verdict = verdict(for: probe)
    result.apply(verdict)
    return verdict
  }

  /// The probe failed: names it, by what it saw alone.
  func fail(_ failure: ProbeFailure) -> (symptom: Verdict, observation: Observation) {
    let observation = observation(of: failure)
    let symptom = verdict(for: observation)
    result.apply(symptom)
    if isMember { self.failure = (symptom, observation) }
    return (symptom, observation)
  }

  /// The result, with what the whole probe came to.
  func finish() -> ProbeResult {
    awaitsNothing()
    result.duration = start.duration(to: .now()) - waited
    result.transcript = transcript.transcript
    if let session { describe(session) }
    if result.tls?.certificate?.isCommonNameOnly == true { result.warnings.insert(.certCnOnly) }
    if result.tls?.staple?.isBroken == true { result.warnings.insert(.ocspBroken) }
    if let why = token?.unsaved { result.note(unsavedRefreshToken: why) }
    return result
  }

  private func describe(_ session: ClientSession) {
    result.warnings.formUnion(session.warnings)
    result.messagesSent = session.isMessageAccepted ? 1 : 0
    if session.isMessageAccepted, case .message(let message) = session.plan.transaction {
      result.sentToken = message.token
    }
    if let reply = session.lastReply { result.reply = plan.facts(of: reply) }
    result.smtp = plan.facts(of: session)
  }

  /// What the probe has seen by the time of a failure.
  func observation(of failure: ProbeFailure) -> Observation {
    var observation = Observation(
      fault: failure.fault, stage: failure.stage, target: plan.target, now: result.startedAt)
    observation.serverName = serverName
    observation.ehloName = plan.ehloName.text
    observation.attempts = attempts
    if let connectedIn, let address {
      observation.attempts.append(
        ConnectionAttempt(
          address: address.text, family: AddressFamily(address.family), failure: nil, elapsed: connectedIn))
    }
    observation.hasWorkedBefore = plan.hasWorked.withLock { $0 }
    observation.elapsed = failure.elapsed
    observation.limit = failure.limit
    observation.rawBytes = rawBytes
    observation.bytesReceived = bytesReceived
    observation.unsentBytes = unsentBytes
    observation.tls = result.tls
    if let session {
      observation.isInTLS = session.isInTLS
      observation.command = session.lastVerb?.name
      observation.greeting = session.greeting
      observation.lastReply = session.lastReply
      observation.clearCapabilities = session.clearCapabilities?.lines ?? []
      observation.securedCapabilities = session.securedCapabilities?.lines ?? []
      observation.mechanism = session.mechanism
      observation.loginRemark = session.loginRemark
    }
    return observation
  }
}

extension ProbeResult {
  /// Takes over what a verdict says. A probe that worked has no stage: its reason says all.
  mutating func apply(_ verdict: Verdict) {
    outcome = verdict.outcome
    stage = verdict.outcome.isSuccess ? nil : verdict.stage
    reason = verdict.reason
    message = verdict.message
    remedy = verdict.remedy
    suggestion = verdict.suggestion
    evidence = verdict.evidence
  }
}
