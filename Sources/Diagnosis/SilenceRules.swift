import Model
import SMTP

// Nothing came, the connection closed, or what came is no reply.
extension Inquiry {
  /// The verdict on a timeout.
  func silent() -> Verdict {
    let limit = seen.limit.spoken
    switch seen.stage {
    case .config, .internal:
      return Verdict(
        .internal, .localError, "The monitor itself did not get ready for \(endpoint) within \(limit).")
    case .dns: return unresolved(.timeout)
    case .connect: return unconnected()
    case .banner: return mute(limit)
    case .tls: return muteInHandshake(limit)
    case .data, .message: return silentOverMessage(limit)
    default:
      return Verdict(
        seen.stage, .replyTimeout, "\(endpoint) did not answer \(request) within \(limit).",
        evidence: [Evidence(.note, "command=\(request)")])
    }
  }

  /// No answer to DATA or to the message: what has not arrived tells the network from a server that thinks.
  private func silentOverMessage(_ limit: String) -> Verdict {
    var verdict = Verdict(
      seen.stage, .replyTimeout,
      "\(endpoint) did not answer \(request) within \(limit): the state of the message is unknown, "
        + "it may have been delivered and is not resent.")
    guard let unsent = seen.unsentBytes else { return verdict }
    if unsent > 0 {
      verdict.add(.pmtu)
      verdict.evidence.append(
        Evidence(
          .note,
          "\(unsent) bytes were not acknowledged: likely large packets get lost on the way, or the server "
            + "has stopped reading"))
    } else {
      verdict.evidence.append(
        Evidence(.note, "every byte was acknowledged: it has all arrived, and the server is thinking"))
    }
    return verdict
  }

  /// The port belongs to another service than SMTP and TLS, by its first bytes.
  private func anotherService(in heard: [UInt8]) -> Verdict? {
    guard let service = Service.recognized(in: heard), service != .smtp, service != .tls else { return nil }
    let words = Excerpt.isText(heard) ? " (\(quote(heard, limit: 60)))" : ""
    return Verdict(
      seen.stage, .notSmtp, "\(endpoint) is not a mail server: it runs \(service.title)\(words).",
      evidence: [Evidence(.note, "service=\(service.rawValue)"), evidence(raw: heard)])
  }

  private func mute(_ limit: String) -> Verdict {
    if let verdict = anotherService(in: seen.rawBytes) { return verdict }
    let message =
      seen.isInTLS
      ? "\(endpoint) finished the TLS handshake but sent no greeting within \(limit)."
      : "\(endpoint) accepted the connection but sent no greeting within \(limit)."
    return Verdict(.banner, .bannerTimeout, message, evidence: [unfinished])
  }

  /// What came in place of a greeting.
  private var unfinished: Evidence {
    seen.rawBytes.isEmpty ? Evidence(.note, "not a byte came") : evidence(raw: seen.rawBytes)
  }

  private func muteInHandshake(_ limit: String) -> Verdict {
    if let verdict = foreignBytes(nil) { return verdict }
    var verdict = Verdict(
      .tls, .replyTimeout,
      seen.bytesReceived == 0
        ? "\(endpoint) did not answer the monitor's ClientHello within \(limit): not a single byte came."
        : "\(endpoint) began the TLS handshake and did not finish it within \(limit).",
      evidence: [bytesHeard])
    guard seen.bytesReceived > 0 else { return verdict }
    if !seen.rawBytes.isEmpty { verdict.evidence.append(evidence(raw: seen.rawBytes)) }
    if isNameWarning {
      verdict.add(.sni)
    } else if seen.rawBytes.first == 0x16 {
      verdict.add(.pmtu)
    }
    return verdict
  }

  /// The alert unrecognized_name as a mere warning, before anything else.
  private var isNameWarning: Bool {
    let raw = seen.rawBytes
    return raw.count >= 7 && raw[0] == 0x15 && raw[1] == 3 && raw[5] == 1 && raw[6] == 112
  }

  /// The verdict on a connection that the server closed. FIN and RST are one event seen at random: they
  /// differ in the evidence only.
  func closed(reset: Bool) -> Verdict {
    // The reply that said good-bye is the cause; its connection merely ended.
    if let reply = seen.lastReply, reply.code == 421 { return rejected(reply) }
    let how = Evidence(.note, reset ? "closed by RST" : "closed by FIN")
    let after = Evidence(.note, "after \(seen.elapsed.spoken)")
    switch seen.stage {
    case .config, .internal:
      return Verdict(
        .internal, .localError, "The monitor lost its own connection to \(endpoint).", evidence: [how])
    case .dns: return unresolved(.refused("the resolver closed the connection"))
    case .connect: return unconnected()
    case .banner:
      if let verdict = anotherService(in: seen.rawBytes) { return verdict }
      let isBanned = seen.hasWorkedBefore && Service.recognized(in: seen.rawBytes) == nil
      return Verdict(
        .banner, .connClosed,
        seen.isInTLS
          ? "\(endpoint) finished the TLS handshake and then closed the connection without a greeting."
          : "\(endpoint) accepted the connection and closed it without a greeting.",
        evidence: [how, after, unfinished]
          + (isBanned
            ? [Evidence(.note, "it worked before: perhaps the monitor's address is banned now")] : []),
        hints: isBanned
          ? [.maybeBanned]
          : Service.recognized(in: seen.rawBytes) == .tls ? [.implicitTlsHere] : [])
    case .tls: return closedInHandshake(reset: reset)
    case .data, .message:
      return Verdict(
        seen.stage, .connClosed,
        "\(endpoint) closed the connection instead of answering \(request): the state of the message is "
          + "unknown, it may have been delivered and is not resent.",
        evidence: [how])
    default:
      return Verdict(
        seen.stage, .connClosed, "\(endpoint) closed the connection instead of answering \(request).",
        evidence: [how, after])
    }
  }

  /// The verdict on bytes that are no reply.
  func unreadable(_ words: String, _ bytes: [UInt8]) -> Verdict {
    // The whole is longer: a secret that it repeats can be told, and taken out, before it is cut.
    let heard = seen.rawBytes.isEmpty ? bytes : seen.rawBytes
    if seen.stage == .banner || seen.stage == .ehlo, let verdict = anotherService(in: heard) {
      return verdict
    }
    var verdict = Verdict(
      seen.stage, .badReply,
      "\(endpoint) answered \(request) with something that is no SMTP reply: \(clause(words)).",
      evidence: heard.isEmpty ? [] : [evidence(raw: heard)])
    if Service.recognized(in: heard) == .tls { verdict.add(.implicitTlsHere) }
    return verdict
  }
}
