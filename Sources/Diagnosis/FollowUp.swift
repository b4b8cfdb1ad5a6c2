package import Model
import SMTP

/// A check that tells apart what one failed probe cannot. None ever says more than EHLO: no credentials, no
/// MAIL, no RCPT; and none goes to another host or address than the target's own.
package enum FollowUpCheck: Sendable, Equatable {
  /// A ClientHello (with SNI, without verification) on the connection that stayed silent; where TLS comes
  /// up, the greeting, then QUIT. At most 5 s.
  case clientHelloOnSameConnection
  /// The same on a new connection to the same address.
  case clientHelloFirst
  /// STARTTLS on the target's own port, from the greeting to the finished handshake; then QUIT.
  case starttlsHere
  /// Connects to addresses of the target that were not tried, one of the other family first, and hangs up.
  case otherAddresses(limit: Int)
  /// Another port of the same address, 3 s: with `implicit` a ClientHello and then the greeting, else the
  /// greeting alone; then QUIT.
  case sibling(port: Int, mode: TLSMode)
  /// The handshake anew, in the way that the rung says: no verification, and no data but QUIT.
  case handshake(TLSRung)
  /// A, AAAA and MX of the host, asked of each resolver of the system (3 at most, 2 s) without a stub
  /// between.
  case resolvers
  /// EHLO again on the same connection, with other names: the address literal, then the host's own full name.
  case otherNames

  /// How many new connections it takes at most.
  package var connections: Int {
    switch self {
    case .clientHelloOnSameConnection, .resolvers, .otherNames: 0
    case .clientHelloFirst, .starttlsHere, .sibling, .handshake: 1
    case .otherAddresses(let limit): limit
    }
  }
}

/// A way to shake hands that differs from the probe's in one thing.
package enum TLSRung: String, Sendable, CaseIterable {
  /// TLS 1.2 at most.
  case upToTLS12 = "TLS 1.2 at most"
  /// From TLS 1.0 on, security level 0, legacy renegotiation allowed.
  case legacy = "TLS 1.0 and weak ciphers allowed"
  /// Without SNI where the probe sent it, and the other way round.
  case toggledServerName = "without the server name (SNI)"
}

/// What the follow-up to one failure may cost.
package enum FollowUpLimits {
  /// New connections.
  package static let connections = 4
  /// All checks together.
  package static let time = Duration.seconds(15)
  /// Between two connections.
  package static let pause = Duration.seconds(1)
  /// One sibling port.
  package static let sibling = Duration.seconds(3)
  /// A ClientHello on a silent connection.
  package static let clientHello = Duration.seconds(5)
}

/// The checks worth making after a symptom, cheap ones first. Stop at the first finding that decides
/// (`Finding.isDecisive`). Nothing follows a refusal that more visits could make worse.
package func plan(
  after symptom: Verdict, observation: Observation, level: DiagnosisLevel
) -> [FollowUpCheck] {
  guard level == .active, !isUnwelcome(after: symptom.reason) else { return [] }
  var checks: [FollowUpCheck] = []
  var budget = FollowUpLimits.connections
  for check in candidates(after: symptom, observation) where check.connections <= budget {
    checks.append(check)
    budget -= check.connections
  }
  return checks
}

/// A further visit could lock an account, prolong a ban or feed a limit.
private func isUnwelcome(after reason: Reason) -> Bool {
  switch reason {
  case .authRejected, .authAppPassword, .rateLimited, .blocklisted, .bannerRejected, .serverBusy, .greylisted:
    true
  default: false
  }
}

private func candidates(after symptom: Verdict, _ seen: Observation) -> [FollowUpCheck] {
  let port = seen.target.port
  // Servers on port 25 punish those who speak first.
  let mayOpenWithTLS = port != 25 && !seen.isInTLS && seen.target.settings.tls.mode != .implicit
  switch (symptom.stage, symptom.reason) {
  case (.dns, _): return [.resolvers]
  case (.connect, .connectRefused), (.connect, .connectTimeout):
    return otherAddresses(seen, limit: 1) + siblings(of: port, limit: 3)
  case (.connect, .connectUnreachable): return otherAddresses(seen, limit: 3)
  case (.banner, .bannerTimeout):
    return (mayOpenWithTLS ? [.clientHelloOnSameConnection] : []) + siblings(of: port, limit: 3)
  case (.banner, .connClosed), (.banner, .badReply):
    let looksLikeTLS = symptom.reason == .connClosed || symptom.hints.contains(.implicitTlsHere)
    return mayOpenWithTLS && looksLikeTLS ? [.clientHelloFirst] : []
  case (.ehlo, .ehloRejected):
    return seen.lastReply?.code == 421 || rejectedCode(seen) == 421 ? [] : [.otherNames]
  case (.tls, .portSpeaksPlaintext):
    return seen.target.settings.tls.mode == .implicit ? [.starttlsHere] + siblings(of: port, limit: 1) : []
  case (.starttls, .starttlsNotOffered): return siblings(of: port, limit: 3)
  case (.tls, .connClosed): return ladder(seen) + siblings(of: port, limit: 1)
  case (.tls, .tlsVersion), (.tls, .tlsRejected), (.tls, .tlsWeakPeer), (.tls, .tlsSni): return ladder(seen)
  default: return []
  }
}

/// Only where every address tried is of one family does another say something new.
private func otherAddresses(_ seen: Observation, limit: Int) -> [FollowUpCheck] {
  Set(seen.attempts.map(\.family)).count > 1 ? [] : [.otherAddresses(limit: limit)]
}

private func ladder(_ seen: Observation) -> [FollowUpCheck] {
  guard seen.target.port != 25 || seen.target.settings.tls.mode != .implicit else { return [] }
  return TLSRung.allCases.map(FollowUpCheck.handshake)
}

/// The usual ports of mail, the likeliest first; the one that was probably meant before all.
private func siblings(of port: Int, limit: Int) -> [FollowUpCheck] {
  var ports = [465, 587, 2525, 25].filter { $0 != port }
  if port == 465 { ports = [587, 25, 2525] }
  if let meant = MailPort.meant(by: port), let index = ports.firstIndex(of: meant) {
    ports.insert(ports.remove(at: index), at: 0)
  }
  return ports.prefix(limit).map { .sibling(port: $0, mode: $0 == 465 ? .implicit : .starttls) }
}

private func rejectedCode(_ seen: Observation) -> Int? {
  if case .rejected(let reply) = seen.fault { reply.code } else { nil }
}
