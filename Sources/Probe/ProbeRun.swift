import Base
import Diagnosis
import Loop
import Model
import SMTP

/// One probe under way: the result as far as it has come, and all that a verdict would rest on.
/// Lives on the loop, from the probe's first step to its last.
final class ProbeRun {
  let plan: ProbePlan
  let start: MonotonicInstant
  let deadline: MonotonicInstant
  var result: ProbeResult
  var transcript: Transcript
  var attempts: [ConnectionAttempt] = []
  /// The address probed.
  var address: SocketAddress?
  /// The addresses that the name has beyond it.
  var otherAddresses: [SocketAddress] = []
  /// What the connection heard where it went wrong; see `Observation`.
  var rawBytes: [UInt8] = []
  var bytesReceived = 0
  var unsentBytes: Int?
  private var session: ClientSession?

  init(plan: ProbePlan, timeLimit: Duration?, start: MonotonicInstant, startedAt: Timestamp) {
    self.plan = plan
    self.start = start
    let timeout = plan.target.settings.timeout
    deadline = start.advanced(by: timeLimit.map { min($0, timeout) } ?? timeout)
    result = ProbeResult(target: plan.target, startedAt: startedAt)
    transcript = Transcript(start: start)
  }

  /// When a stage that begins at a moment must have ended: by its own cap, and by the whole probe's.
  func limit(_ cap: Duration?, from begin: MonotonicInstant) -> MonotonicInstant {
    guard let cap else { return deadline }
    return min(deadline, begin.advanced(by: cap))
  }

  /// Books a phase that ran between two moments. An arrival before the request is a reply that was
  /// already there: it took no time.
  func book(_ phase: Phase, from begin: MonotonicInstant, to end: MonotonicInstant) {
    result.phases[phase] = max(.zero, begin.duration(to: end))
  }

  /// Keeps a reply, redacted: in the transcript, and its code by stage.
  func note(_ reply: Reply, stage: Stage, tls: Bool, at moment: MonotonicInstant) {
    for (index, line) in reply.lines.enumerated() {
      let separator = index == reply.lines.count - 1 ? " " : "-"
      transcript.add("\(reply.code)\(separator)\(EscapedText.of(line))", from: .server, tls: tls, at: moment)
    }
    if let known = result.replyCodes.firstIndex(where: { $0.stage == stage }) {
      result.replyCodes[known].code = reply.code
    } else {
      result.replyCodes.append(ReplyCode(stage: stage, code: reply.code))
    }
  }

  /// Keeps what a conversation has come to know.
  func keep(_ session: ClientSession) { self.session = session }

  /// The probe did all that it was asked for.
  func succeed() {
    var probe = GoodProbe(target: plan.target, duration: start.duration(to: .now()), now: result.startedAt)
    probe.certificate = result.tls?.certificate
    result.apply(verdict(for: probe))
  }

  /// The probe failed: names it, by what it saw alone.
  func fail(_ failure: ProbeFailure) -> (symptom: Verdict, observation: Observation) {
    let observation = observation(of: failure)
    let symptom = verdict(for: observation)
    result.apply(symptom)
    return (symptom, observation)
  }

  /// The result, with what the whole probe came to.
  func finish() -> ProbeResult {
    result.duration = start.duration(to: .now())
    result.transcript = transcript.lines
    if let session { describe(session) }
    if result.tls?.certificate?.isCommonNameOnly == true { result.warnings.insert(.certCnOnly) }
    return result
  }

  private func describe(_ session: ClientSession) {
    result.warnings.formUnion(session.warnings)
    result.messagesSent = session.isMessageAccepted ? 1 : 0
    if let reply = session.lastReply {
      result.reply = ReplyFacts(
        code: reply.code, enhanced: reply.enhancedCode?.description, text: reply.text)
    }
    result.smtp = plan.facts(of: session)
  }

  private func observation(of failure: ProbeFailure) -> Observation {
    var observation = Observation(
      fault: failure.fault, stage: failure.stage, target: plan.target, now: result.startedAt)
    observation.serverName = plan.serverName
    observation.ehloName = plan.ehloName.text
    observation.attempts = attempts
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
