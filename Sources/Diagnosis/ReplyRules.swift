import Model
import SMTP

// From a reply to a reason. The code decides, words refine, and only towards a more telling member of the
// same class: a server that speaks another language still gets a true verdict. First match wins.
extension Inquiry {
  /// The verdict on a reply that the stage did not hope for.
  func rejected(_ reply: Reply, at stage: Stage? = nil) -> Verdict {
    let stage = stage ?? seen.stage
    let text = ReplyText(reply)
    let service = Service.recognized(in: seen.greeting ?? reply)
    if stage == .banner || stage == .ehlo, service != .smtp || Service.recognized(in: reply) != .smtp {
      let service = service == .smtp ? Service.recognized(in: reply) : service
      return notSMTP(service, heard: reply, stage: stage)
    }
    return blocklisted(text, reply, stage) ?? early(text, reply, stage) ?? unusualSending(text, reply, stage)
      ?? stageRule(text, reply, stage) ?? general(text, reply, stage)
  }

  /// A verdict on a reply.
  func refusal(
    _ reason: Reason, _ stage: Stage, _ reply: Reply, _ sentence: String, hints: [Hint] = []
  ) -> Verdict {
    Verdict(
      stage, reason, "\(endpoint) \(sentence): \(quote(reply)).", evidence: [evidence(reply)], hints: hints)
  }

  /// The port belongs to another service.
  func notSMTP(_ service: Service, heard reply: Reply, stage: Stage) -> Verdict {
    var evidence = [Evidence(.note, "service=\(service.rawValue)"), evidence(reply)]
    if let greeting = seen.greeting, greeting != reply { evidence.append(self.evidence(greeting)) }
    return Verdict(
      stage, .notSmtp,
      "\(endpoint) is not a mail server: it runs \(service.title) (\(quote(seen.greeting ?? reply))).",
      evidence: evidence)
  }

  private func stageRule(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    switch stage {
    case .banner: bannerRule(text, reply)
    case .ehlo: ehloRule(text, reply)
    case .starttls: starttlsRule(text, reply)
    case .auth: authRule(text, reply)
    case .mail: mailRule(text, reply)
    case .rcpt: rcptRule(text, reply)
    case .data, .message: messageRule(text, reply, stage)
    default: nil
    }
  }

  private func blocklisted(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    // "User not listed in Domino Directory" is about a recipient.
    let isListed = text.has("listed in", "listed by") && !text.has("not listed")
    let isBlocklist =
      isListed
      || text.has(
        "spamhaus", "spamcop", "barracuda", "sorbs", "blocked using", "blacklist", "blocklist",
        "not authorized to send email directly")
    guard reply.isPermanent, isBlocklist else { return nil }
    let list = ["spamhaus", "spamcop", "barracuda", "sorbs"].first { text.has($0) }
    return refusal(
      .blocklisted, stage, reply,
      "refuses this monitor's address because of a blocklist" + (list.map { " (\($0))" } ?? ""))
  }

  /// The server says that the client spoke out of turn: then the monitor is at fault, not the server.
  private func early(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    let accused =
      (reply.code == 554 && text.has("synchronization"))
      || (stage == .rcpt && reply.code == 521 && text.isEnhanced(5, 1))
      || ([521, 550].contains(reply.code) && text.isEnhanced(5, 1) && text.has("protocol error"))
      || ((stage == .data || stage == .message) && text.has("bare <lf>", "bare lf"))
    guard accused else { return nil }
    return refusal(.localError, stage, reply, "says that the monitor broke the protocol")
  }

  private func unusualSending(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    guard reply.isPermanent, text.isEnhanced(4, 6), text.has("unusual") else { return nil }
    return refusal(.rateLimited, stage, reply, "holds this account back for unusual sending")
  }

  private func bannerRule(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    guard reply.isPermanent else { return nil }
    return refusal(.bannerRejected, .banner, reply, "refuses this monitor at the door")
  }

  private func ehloRule(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    let isAboutName = reply.code == 421 && (text.has(word: "ehlo") || text.has(word: "helo"))
    guard isAboutName || [501, 504, 550].contains(reply.code) else { return nil }
    return nameRefused(reply, stage: .ehlo)
  }

  /// The name said in EHLO displeases; many servers say so only at RCPT.
  func nameRefused(_ reply: Reply, stage: Stage) -> Verdict {
    let name =
      seen.ehloName.isEmpty ? "the name in EHLO" : "the EHLO name \"\(text(seen.ehloName, limit: 80))\""
    return refusal(.ehloRejected, stage, reply, "does not accept \(name)")
  }

  private func starttlsRule(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    if reply.isTransient {
      return refusal(.starttlsRefused, .starttls, reply, "offers STARTTLS but cannot start it now")
    }
    if reply.isPermanent {
      return refusal(.starttlsRefused, .starttls, reply, "offers STARTTLS but refuses it")
    }
    return nil
  }

  /// What holds at any stage.
  private func general(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict {
    if reply.isTransient {
      let isRate = isAboutRate(text)
      var hints: [Hint] = stage == .banner && text.has("no system resources") ? [.proxyProtocol] : []
      if isRate, text.has("concurren", "too many connections") { hints.append(.selfInflicted) }
      return isRate
        ? refusal(.rateLimited, stage, reply, "limits how often or how many may come", hints: hints)
        : refusal(
          .serverBusy, stage, reply,
          stage == .banner
            ? "turns visitors away for now" : "answered \(request) with a temporary refusal", hints: hints)
    }
    if reply.isPermanent { return refusal(.commandRejected, stage, reply, "refused \(request)") }
    return Verdict(
      stage, .badReply,
      "\(endpoint) answered \(request) with a code that does not belong there: \(quote(reply)).",
      evidence: [evidence(reply)])
  }

  /// The words of a limit: too many, a rate, concurrency.
  func isAboutRate(_ text: ReplyText) -> Bool {
    text.has("too many", "throttl", "concurren", "ratelimit", "rate-limit", "rate_limit")
      || text.has(word: "rate")
      || text.has("4.7.650")
  }
}
