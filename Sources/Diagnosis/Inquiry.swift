import Model
import SMTP

/// Names what went wrong: where, why, in words, with the cure and what proves it. The verdict rests on the
/// observation alone, and the same observation always gets the same one.
///
/// Hints are in `hints` and, as text, in the evidence.
package func verdict(for observation: Observation) -> Verdict {
  let inquiry = Inquiry(observation)
  return inquiry.completed(inquiry.judged())
}

/// An observation under judgement, with what every rule needs in order to speak of it. The rules are
/// extensions, one file a kind of fault; each returns a verdict whose remedy is filled in at the end.
struct Inquiry {
  let seen: Observation
  private let redaction: Redaction

  init(_ observation: Observation) {
    seen = observation
    redaction = observation.target.settings.auth?.proof.secret.map(Redaction.init) ?? Redaction()
  }

  /// The verdict of the rule for the fault.
  func judged() -> Verdict {
    switch seen.fault {
    case .configuration(let reason, let sentence): unusable(reason, sentence)
    case .local(let words): ownTrouble(words)
    case .name(let failure): unresolved(failure)
    case .connect: unconnected()
    case .timeout: silent()
    case .closed(let reset): closed(reset: reset)
    case .badReply(let words, let bytes): unreadable(words, bytes)
    case .rejected(let reply): rejected(reply)
    case .tls(let fault): broken(fault)
    case .certificate(let faults): distrusted(faults)
    case .starttlsNotOffered: starttlsNotOffered()
    case .plaintextAcrossTLS(let bytes): plaintextAcrossTLS(bytes)
    case .authNotOffered: authNotOffered()
    case .authWithoutTLS: authWithoutTLS()
    case .noCommonMechanism(let offered, let wanted): noCommonMechanism(offered: offered, wanted: wanted)
    case .token(let fault): tokenMissing(fault)
    case .serverUnverified(let words): serverUnverified(words)
    case .expectation(let wanted, let saw): unexpected(wanted: wanted, saw: saw)
    case .policy(let breach):
      Verdict(
        stage: .policy, reason: breach.reason, message: breach.message, remedy: breach.remedy,
        evidence: breach.evidence)
    }
  }

  /// The verdict with its remedy, its hints as evidence too, and every text within its limits.
  func completed(_ verdict: Verdict) -> Verdict {
    var verdict = verdict
    if verdict.remedy.isEmpty { verdict.remedy = remedy(for: verdict) }
    if verdict.stage == .auth, [.authRejected, .authAppPassword, .authToken].contains(verdict.reason),
      let odd = oddPassword
    {
      verdict.evidence.append(Evidence(.note, odd))
    }
    if verdict.stage == .auth, let remark = seen.loginRemark {
      verdict.evidence.append(Evidence(.note, "in the AUTH exchange the server says: " + text(remark)))
    }
    if let advice = providerAdvice(for: verdict.reason) {
      verdict.remedy += " " + advice
      verdict.add(.providerRule)
    }
    if let reply = seen.lastReply, !verdict.evidence.contains(where: { $0.kind == .reply }) {
      verdict.evidence.append(Evidence(.reply, "last reply: " + text(reply.wireBytes)))
    }
    verdict.evidence = verdict.evidence.map {
      Evidence($0.kind, Excerpt.cut($0.text, to: Excerpt.evidenceLimit))
    }
    verdict.evidence += verdict.hints.map { Evidence(.hint, $0.rawValue) }
    return verdict
  }
}

extension Inquiry {
  /// Host and port as people write them.
  var endpoint: String { seen.target.endpoint() }

  var mode: TLSMode { seen.target.settings.tls.mode }

  /// The bytes as text without secrets.
  func text(_ bytes: [UInt8], limit: Int = Excerpt.evidenceLimit) -> String {
    Excerpt.text(redaction.redacted(bytes), limit: limit)
  }

  /// Words of another part of the program, which may repeat what a server said.
  func text(_ words: String, limit: Int = Excerpt.evidenceLimit) -> String {
    text(Array(words.utf8), limit: limit)
  }

  /// The words within a sentence that goes on, or ends, behind them.
  func clause(_ words: String) -> String {
    var clause = text(words, limit: 160)
    while clause.hasSuffix(".") { clause.removeLast() }
    return clause
  }

  /// The bytes in quotation marks for a sentence, without what differs from one session to the next.
  func quote(_ bytes: [UInt8], limit: Int = Excerpt.quoteLimit) -> String {
    var words = SessionMarks.removed(from: text(bytes))
    while words.hasSuffix(".") || words.hasSuffix(" ") { words.removeLast() }
    return "\"" + Excerpt.cut(words, to: limit) + "\""
  }

  /// The reply in quotation marks for a sentence.
  func quote(_ reply: Reply) -> String { quote(reply.wireBytes) }

  /// The reply as evidence.
  func evidence(_ reply: Reply) -> Evidence { Evidence(.reply, text(reply.wireBytes)) }

  /// Raw bytes as evidence: as text where they are text.
  func evidence(raw bytes: [UInt8]) -> Evidence {
    Excerpt.isText(bytes)
      ? Evidence(.bytes, text(bytes, limit: Excerpt.greetingLimit)) : Evidence(.bytes, Excerpt.hex(bytes))
  }

  /// What the prober waited for: the command, else the words for the stage.
  var request: String {
    // The dot that ends a message is none of the commands.
    if seen.stage != .message, let command = seen.command, !command.isEmpty {
      return text(command, limit: 40)
    }
    return switch seen.stage {
    case .banner: "the connection"
    case .ehlo: seen.target.dialect == .lmtp ? "LHLO" : "EHLO"
    case .starttls: "STARTTLS"
    case .tls: "the ClientHello"
    case .auth: seen.mechanism.map { "AUTH \($0.rawValue)" } ?? "AUTH"
    case .mail: "MAIL FROM"
    case .rcpt: "RCPT TO"
    case .data: "DATA"
    case .message: "the end of the message"
    case .quit: "QUIT"
    default: "the request"
    }
  }
}

extension Target {
  /// Host and port as people write them, an IPv6 address in brackets.
  func endpoint() -> String {
    host.utf8.contains(UInt8(ascii: ":")) && mailDomain == nil ? "[\(host)]:\(port)" : "\(host):\(port)"
  }
}

extension Verdict {
  /// A verdict whose remedy is still to come.
  init(
    _ stage: Stage, _ reason: Reason, _ message: String, evidence: [Evidence] = [], hints: [Hint] = [],
    remedy: String = ""
  ) {
    self.init(
      stage: stage, reason: reason, message: message, remedy: remedy, evidence: evidence, hints: hints)
  }

  /// Adds a hint, once.
  mutating func add(_ hint: Hint) {
    if !hints.contains(hint) { hints.append(hint) }
  }
}

extension Duration {
  /// For a sentence: `10 s`, `1.5 s`, `250 ms`.
  var spoken: String {
    let milliseconds = wholeMicroseconds / 1000
    if milliseconds < 1000 { return "\(milliseconds) ms" }
    // What the first milliseconds of a probe leave of its ten seconds are ten seconds to a person.
    let tenths = (milliseconds + 50) / 100
    return tenths % 10 == 0 ? "\(tenths / 10) s" : "\(tenths / 10).\(tenths % 10) s"
  }

  /// For a sentence, in the largest unit that fits: `3 days`, `5 hours`, `20 minutes`.
  var spokenAtLength: String {
    let seconds = abs(wholeMicroseconds / 1_000_000)
    let (count, unit) =
      switch seconds {
      case 86_400...: (seconds / 86_400, "day")
      case 3600...: (seconds / 3600, "hour")
      case 60...: (seconds / 60, "minute")
      default: (seconds, "second")
      }
    return "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}
