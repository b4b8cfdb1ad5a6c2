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
  /// The addresses of the host, asked of each resolver on its own (3 at most, 2 s).
  case resolvers
  /// EHLO again with other names, the address literal, then the host's own full name: on the same connection,
  /// or on a new one where that was inside TLS.
  case otherNames
  /// A PROXY header, then whatever the mode begins with. Only where `checks` asks for it.
  case proxyHeader
  /// A command in clear in one segment with STARTTLS. Only where `checks` asks for it, of a target that works.
  case starttlsInjection

  /// How many new connections it takes at most.
  package var connections: Int {
    switch self {
    case .clientHelloOnSameConnection, .resolvers: 0
    case .clientHelloFirst, .starttlsHere, .sibling, .handshake, .otherNames, .proxyHeader,
      .starttlsInjection:
      1
    case .otherAddresses(let limit): limit
    }
  }

  /// What it does, whatever it does it to: a closed list, for metrics and the log.
  package enum Kind: String, Sendable, CaseIterable {
    case clientHelloOnSameConnection = "client_hello_same_connection"
    case clientHelloFirst = "client_hello_first"
    case starttlsHere = "starttls_here"
    case otherAddresses = "other_addresses"
    case sibling = "sibling_port"
    case handshake = "handshake_ladder"
    case resolvers
    case otherNames = "other_ehlo_names"
    case proxyHeader = "proxy_header"
    case starttlsInjection = "starttls_injection"
  }

  /// What it does.
  package var kind: Kind {
    switch self {
    case .clientHelloOnSameConnection: .clientHelloOnSameConnection
    case .clientHelloFirst: .clientHelloFirst
    case .starttlsHere: .starttlsHere
    case .otherAddresses: .otherAddresses
    case .sibling: .sibling
    case .handshake: .handshake
    case .resolvers: .resolvers
    case .otherNames: .otherNames
    case .proxyHeader: .proxyHeader
    case .starttlsInjection: .starttlsInjection
    }
  }
}

/// A way to shake hands that differs from the probe's in one thing.
package enum TLSRung: String, Sendable, CaseIterable {
  /// TLS 1.2 at most.
  case upToTLS12 = "TLS 1.2 at most"
  /// From TLS 1.0 on, security level 0, legacy renegotiation allowed.
  case legacy = "TLS 1.0 and weak ciphers allowed"
  /// Without SNI, which the probe sent.
  case withoutServerName = "without the server name (SNI)"
}

/// What the follow-up to one failure may cost.
package struct FollowUpLimits: Sendable {
  /// New connections.
  package static let connections = 4

  /// All checks together.
  package var time = Duration.seconds(15)
  /// Between two connections.
  package var pause = Duration.seconds(1)
  /// One sibling port, or another address.
  package var sibling = Duration.seconds(3)
  /// A visit to the target's own port; a ClientHello on a silent connection.
  package var visit = Duration.seconds(5)
  /// One resolver.
  package var resolver = Duration.seconds(2)
  /// The least time between two diagnoses of a target's symptom.
  package var window = Duration.seconds(600)

  /// The limits of politeness.
  package init() {}
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
    return (mayOpenWithTLS ? [.clientHelloOnSameConnection] : []) + proxyHeader(seen)
      + siblings(of: port, limit: 3)
  case (.banner, .connClosed), (.banner, .badReply):
    let looksLikeTLS = symptom.reason == .connClosed || symptom.hints.contains(.implicitTlsHere)
    return (mayOpenWithTLS && looksLikeTLS ? [.clientHelloFirst] : []) + proxyHeader(seen)
  case (.ehlo, .ehloRejected):
    // After STARTTLS the server has accepted the name once already, in clear.
    let isTold = seen.isInTLS && seen.target.settings.tls.mode != .implicit
    return isTold || seen.lastReply?.code == 421 || rejectedCode(seen) == 421 ? [] : [.otherNames]
  case (.tls, .portSpeaksPlaintext):
    return seen.target.settings.tls.mode == .implicit ? [.starttlsHere] + siblings(of: port, limit: 1) : []
  case (.starttls, .starttlsNotOffered):
    // Only a port that begins with TLS says something: in clear a firewall masks them all alike.
    return port == 465 ? [] : [.sibling(port: 465, mode: .implicit)]
  case (.tls, .connClosed): return proxyHeader(seen) + ladder(seen) + siblings(of: port, limit: 1)
  case (.tls, .replyTimeout): return proxyHeader(seen)
  case (.tls, .tlsVersion), (.tls, .tlsRejected), (.tls, .tlsWeakPeer), (.tls, .tlsSni): return ladder(seen)
  default: return []
  }
}

/// A listener behind a proxy waits for the proxy's word before it says its own. Not on port 25, where whoever
/// speaks first is punished, nor where the server has spoken.
private func proxyHeader(_ seen: Observation) -> [FollowUpCheck] {
  guard seen.target.settings.checks.contains(.proxyHeader), seen.target.port != 25, seen.rawBytes.isEmpty,
    seen.greeting == nil, !seen.isInTLS
  else { return [] }
  return [.proxyHeader]
}

/// Only where every address tried is of one family does another say something new.
private func otherAddresses(_ seen: Observation, limit: Int) -> [FollowUpCheck] {
  Set(seen.attempts.map(\.family)).count > 1 ? [] : [.otherAddresses(limit: limit)]
}

private func ladder(_ seen: Observation) -> [FollowUpCheck] {
  guard seen.target.port != 25 || seen.target.settings.tls.mode != .implicit else { return [] }
  // An address is never sent as SNI: there is nothing to leave out.
  let rungs = TLSRung.allCases.filter { $0 != .withoutServerName || !HostName.isAddress(seen.serverName) }
  return rungs.map(FollowUpCheck.handshake)
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
