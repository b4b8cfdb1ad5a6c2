import Model
import SMTP

// Replies to MAIL, RCPT, DATA and to the end of the message.
extension Inquiry {
  func mailRule(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    loginMissing(text, reply, .mail) ?? senderRefused(text, reply, .mail) ?? noRoom(text, reply, .mail)
  }

  func rcptRule(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    // Servers that judge sender and EHLO name late say so here, in words that leave no doubt.
    if let verdict = loginMissing(text, reply, .rcpt) { return verdict }
    if text.has("helo command rejected") { return nameRefused(reply, stage: .rcpt) }
    if text.isEnhanced(1, 7) || text.isEnhanced(1, 8) || text.isEnhanced(7, 60)
      || text.has("sender address rejected"),
      let verdict = senderRefused(text, reply, .rcpt)
    {
      return verdict
    }
    return greylisted(text, reply) ?? recipientRefused(text, reply) ?? noRoom(text, reply, .rcpt)
  }

  func messageRule(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    if reply.isTransient { return noRoom(text, reply, stage) }
    guard reply.isPermanent else { return nil }
    let isPolicy =
      text.isEnhanced(7, 26) || text.has(word: "spf") || text.has(word: "dkim") || text.has(word: "dmarc")
    if !isPolicy {
      if text.has("no valid recipients") {
        return refusal(.recipientRejected, stage, reply, "has no valid recipient for the message")
      }
      if let verdict = loginMissing(text, reply, stage) ?? senderRefused(text, reply, stage) {
        return verdict
      }
    }
    if let verdict = noRoom(text, reply, stage) { return verdict }
    let part = stage == .data ? "refused to take a message" : "refused the message"
    return refusal(.messageRejected, stage, reply, part)
  }

  private func loginMissing(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    guard reply.code == 530 || (reply.code == 550 && text.has("nauthenticated")) else { return nil }
    if reply.code == 530, !seen.isInTLS, isAboutTLS(text) {
      return refusal(.authNeedsTls, stage, reply, "takes mail only inside TLS")
    }
    return refusal(.authRequired, stage, reply, "wants a login before it takes mail")
  }

  private func senderRefused(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    guard [450, 501, 504, 550, 553, 554].contains(reply.code) else { return nil }
    let isAboutSender =
      text.isEnhanced(1, 7) || text.isEnhanced(1, 8) || text.isEnhanced(7, 60)
      || text.has(
        "sender", "from address", "mail from", "not owned by", "sendasdenied", "relaying disallowed",
        "address is not verified")
    guard isAboutSender else { return nil }
    let address = (seen.target.settings.envelope?.from ?? seen.target.settings.send?.envelope.from)
    let sender = address.map { $0.isEmpty ? " <>" : " <\(self.text($0, limit: 100))>" } ?? ""
    return refusal(.senderRejected, stage, reply, "does not accept the sender\(sender)")
  }

  /// Size and storage (RFC 1870; x.3.1, x.3.4, x.2.2).
  private func noRoom(_ text: ReplyText, _ reply: Reply, _ stage: Stage) -> Verdict? {
    switch reply.code {
    case _ where reply.isPermanent && text.isEnhanced(3, 4), 552 where !text.isEnhanced(2, 2):
      refusal(.messageRejected, stage, reply, "finds the message too big", hints: [.tooBig])
    case 552:
      refusal(.messageRejected, stage, reply, "says that the mailbox is full", hints: [.mailboxFull])
    case 452 where text.isEnhanced(3, 1) || text.has("storage"), 451 where text.isEnhanced(3, 1):
      refusal(.serverBusy, stage, reply, "is out of storage", hints: [.storageFull])
    default: nil
    }
  }

  private func greylisted(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    guard reply.code == 450 || reply.code == 451 else { return nil }
    let isGrey = text.has("grey", "greylist", "graylist")
    let isOtherwise = isAboutRate(text) || text.has("client host rejected", "cannot find your")
    let isLikely =
      text.has("try again later", "service currently unavailable") || text.isEnhanced(2, 0)
      || text.isEnhanced(7, 1)
    guard isGrey || (isLikely && !isOtherwise) else { return nil }
    return refusal(.greylisted, .rcpt, reply, "works, and greylists the recipient as it would a stranger's")
  }

  private func recipientRefused(_ text: ReplyText, _ reply: Reply) -> Verdict? {
    if reply.code == 452 || reply.code == 552, text.isEnhanced(2, 2) {
      return recipient(reply, "says that the mailbox of\(recipientWords) is full", "full", [.mailboxFull])
    }
    guard [521, 550, 551, 553, 554, 556].contains(reply.code) else { return nil }
    if text.has("relay") || text.isEnhanced(7, 1) {
      return recipient(reply, "will not relay to\(recipientWords)", "relay_denied", [.relayDenied])
    }
    return recipient(reply, "does not accept\(recipientWords)", "unknown", [])
  }

  private func recipient(_ reply: Reply, _ sentence: String, _ note: String, _ hints: [Hint]) -> Verdict {
    var verdict = refusal(.recipientRejected, .rcpt, reply, sentence, hints: hints)
    verdict.evidence.append(Evidence(.note, note))
    return verdict
  }

  private var recipientWords: String {
    let address = seen.target.settings.envelope?.to ?? seen.target.settings.send?.envelope.to
    return " the recipient" + (address.map { " <\(text($0, limit: 100))>" } ?? "")
  }
}
