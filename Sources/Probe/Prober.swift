import Base
package import DNS
import Diagnosis
package import Loop
package import Model
import SMTP
import TLS

/// Performs probes: name, connection, TLS, conversation, verdict. A failed probe is a result, not an error.
///
/// One prober serves every probe of a process; what one target needs is in its `ProbePlan`.
package final class Prober: Sendable {
  private let resolver: Resolver
  private let judge: CertificateJudge
  private let followUps: FollowUpRunner

  /// A prober that asks this resolver for addresses.
  package init(resolver: Resolver) {
    self.resolver = resolver
    judge = CertificateJudge()
    followUps = FollowUpRunner(judge: judge)
  }

  /// One attempt at one target, from the first question to the resolver to the answer to QUIT.
  ///
  /// - Parameters:
  ///   - timeLimit: what the whole attempt may take, where that is less than the target's timeout.
  ///   - sendsMessage: the attempt sends the plan's test message, where it has one.
  ///   - logsIn: false ends the conversation where the login would begin; nothing is sent then.
  ///   - isFinal: no further attempt follows a failure, so that a closer look at it is worth its while.
  package func probe(
    _ plan: ProbePlan, timeLimit: Duration? = nil, sendsMessage: Bool = false, logsIn: Bool = true,
    isFinal: Bool = true, on loop: isolated EventLoop
  ) async -> Probed {
    let startedAt = Timestamp(microseconds: WallClock.microseconds())
    let run = ProbeRun(plan: plan, timeLimit: timeLimit, start: .now(), startedAt: startedAt)
    var connection: Connection
    var conversation: Conversation
    do throws(ProbeFailure) {
      let session = ClientSession(
        plan: try plan.sessionPlan(sendsMessage: sendsMessage, logsIn: logsIn, at: startedAt))
      conversation = Conversation(session: session, run: run, judge: judge)
      connection = try await connect(run, to: try await resolve(run, on: loop), on: loop)
    } catch {
      return Probed(lead(after: error, of: run, isFinal: isFinal), of: run)
    }
    do throws(ProbeFailure) {
      try await conversation.hold(over: &connection, on: loop)
      run.succeed()
      followUps.succeeded(plan.target.name)
    } catch {
      var lead = lead(after: error, of: run, isFinal: isFinal)
      if lead?.needsConnection == true {
        lead?.socket = connection.surrender()
      } else {
        await conversation.leave(after: error, over: &connection, on: loop)
      }
      return Probed(lead, of: run)
    }
    return Probed(nil, of: run)
  }

  /// Looks closer at a failure: the same result with a verdict that the checks have proved, as far as they could.
  package func follow(_ lead: consuming Lead, on loop: isolated EventLoop) async -> ProbeResult {
    await followUps.run(lead, on: loop)
  }

  /// Names a failure, by an earlier diagnosis of the same symptom where there is one; and what to look at,
  /// where that is due.
  private func lead(after failure: ProbeFailure, of run: ProbeRun, isFinal: Bool) -> Lead? {
    let (symptom, observation) = run.fail(failure)
    let mayRecover = !isFinal && symptom.reason.retry == .soon
    guard symptom.outcome != .degraded, !mayRecover else { return nil }
    switch followUps.decide(symptom, observation) {
    case .symptom: return nil
    case .known(let verdict):
      run.result.apply(verdict)
      return nil
    case .follow(let checks):
      return Lead(
        plan: run.plan, checks: checks, symptom: symptom, observation: observation,
        address: run.address, otherAddresses: run.otherAddresses)
    }
  }

  /// The address to probe: the first that the resolver gives.
  private func resolve(
    _ run: ProbeRun, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> SocketAddress {
    let target = run.plan.target
    let wanted: FamilyChoice =
      switch target.settings.addresses {
      case .any, .each: .any
      case .ipv4: .ipv4
      case .ipv6: .ipv6
      }
    let limit = run.limit(target.settings.timeouts.dns, from: run.start)
    do throws(DNSError) {
      let resolution = try await resolver.addresses(
        of: target.host, port: UInt16(target.port), wanted, until: limit, on: loop)
      guard let first = resolution.addresses.first else { throw .noAddress }
      if resolution.source != .literal { run.book(.dns, from: run.start, to: .now()) }
      if resolution.ipv6?.isAnswered == false { run.result.warnings.insert(.slowAaaa) }
      run.address = first
      run.otherAddresses = Array(resolution.addresses.dropFirst())
      return first
    } catch {
      throw ProbeFailure(Fault(error), at: .dns, since: run.start, limit: limit)
    }
  }

  private func connect(
    _ run: ProbeRun, to address: SocketAddress, on loop: isolated EventLoop
  ) async throws(ProbeFailure) -> Connection {
    let start = MonotonicInstant.now()
    let limit = run.limit(run.plan.target.settings.timeouts.connect, from: start)
    let family = AddressFamily(address.family)
    run.result.address = address.text
    run.result.family = family
    do throws(ConnectError) {
      let socket = try await Socket.connect(to: address, until: limit, on: loop)
      run.book(.connect, from: start, to: socket.connectedAt)
      run.attempts.append(
        ConnectionAttempt(
          address: address.text, family: family, failure: nil, elapsed: start.duration(to: socket.connectedAt)
        ))
      return Connection(socket)
    } catch {
      let end = MonotonicInstant.now()
      run.book(.connect, from: start, to: end)
      if let failure = ConnectFailure(error) {
        run.attempts.append(
          ConnectionAttempt(
            address: address.text, family: family, failure: failure, elapsed: start.duration(to: end)))
      }
      throw ProbeFailure(Fault(error), at: error.isLocal ? .internal : .connect, since: start, limit: limit)
    }
  }
}
