import Base
import Model
import Testing

@testable import Monitor

/// Every stored property of a value, and of those in it, by its path: what the language itself knows of them.
private func leaves(_ value: Any, at path: String = "") -> [String: String] {
  let mirror = Mirror(reflecting: value)
  switch mirror.displayStyle {
  case .set: return [path: "\((value as? Set<Warning>).map { $0.map(\.rawValue).sorted() } ?? [])"]
  case .dictionary: return [path: mirror.children.map { "\($0.value)" }.sorted().joined(separator: " ")]
  case .enum: return [path: "\(value)"]
  default: break
  }
  guard !mirror.children.isEmpty, !(value is Duration), !(value is any SIMD) else {
    return [path: "\(value)"]
  }
  var found: [String: String] = [:]
  for (index, child) in mirror.children.enumerated() {
    found.merge(leaves(child.value, at: "\(path).\(child.label ?? "\(index)")")) { $1 }
  }
  return found
}

/// The direct stored properties of a value, in words.
private func properties(_ value: Any) -> [(name: String, words: String)] {
  Mirror(reflecting: value).children.map { ($0.label ?? "", leaves($0.value).sorted { $0 < $1 }.description) }
}

/// Fails for a property that the sample leaves as it is in a blank value, and for one that does not come back.
private func check<Value>(
  _ sample: Value, blank: Value, again: Value?, except: Set<String> = [],
  location: SourceLocation = #_sourceLocation
) {
  for (own, other) in zip(properties(sample), properties(blank)) where !except.contains(own.name) {
    #expect(
      own.words != other.words,
      "\(Value.self).\(own.name) is new? Give it a value here, and a field in its walk.",
      sourceLocation: location)
  }
  guard let again else {
    Issue.record("\(Value.self) is not read", sourceLocation: location)
    return
  }
  let (before, after) = (leaves(sample), leaves(again))
  for (path, words) in before where after[path] != words {
    Issue.record(
      "\(Value.self)\(path) was \(words), and is \(after[path] ?? "lost"): does its walk name it?",
      sourceLocation: location)
  }
  #expect(after.count == before.count, sourceLocation: location)
}

private func check<Group: FieldGroup>(_ sample: Group, location: SourceLocation = #_sourceLocation) {
  var packer = Packer()
  sample.pack(into: &packer)
  check(
    sample, blank: .blank, again: Group(fields: Unpacker(packer.bytes[...])), except: [],
    location: location)
}

private func check<Shared: SharedFieldGroup>(
  shared sample: Shared, location: SourceLocation = #_sourceLocation
) {
  var packer = Packer()
  sample.put(1, into: &packer)
  var nothing = FieldReader(Unpacker([]))
  check(
    sample, blank: Shared.walk(nil, &nothing),
    again: Unpacker(packer.bytes[...]).first { _ in true }.flatMap(Shared.read), location: location)
}

@Test func `Every property of what is kept of a probe is stored`() throws {
  let result = ProbeResult.whole
  let policy = try #require(result.policy)
  let (dane, sts) = (try #require(policy.dane), try #require(policy.mtaSTS))
  let delivery = DeliverySnapshot.whole
  let certificate = try #require(result.tls?.certificate)
  check(try #require(result.tls))
  check(try #require(result.tls?.staple))
  check(shared: certificate)
  check(try #require(certificate.key))
  check(try #require(certificate.chain.first))
  check(try #require(result.tls?.faults.first))
  check(shared: try #require(result.smtp))
  check(try #require(result.reply))
  check(try #require(result.accessToken))
  check(try #require(result.evidence.first))
  check(try #require(result.transcript.first))
  check(policy)
  check(dane)
  check(try #require(dane.records.first))
  check(sts)
  check(try #require(policy.tlsRPT))
  check(delivery)
  check(delivery.facts)
  check(try #require(delivery.facts.last))
  check(try #require(delivery.facts.missing))
  check(try #require(delivery.facts.routes["mx1"]))
  check(try #require(delivery.journeys.first))
  check(delivery.latency)
  // The target's name is that of its place in the file.
  var packer = Packer()
  result.pack(into: &packer)
  let again = ProbeResult(target: .sample(), fields: Unpacker(packer.bytes[...]))
  check(result, blank: .blank, again: again)
}

@Test func `A result, and what became of messages, are whole after a restart`() throws {
  let folder = try HistoryFolder()
  let target = Target.sample {
    $0.delivery = DeliverySettings(mailbox: .maildir("/nowhere"))
  }
  var board = try folder.board([target])
  board.record(.whole, nextRunAt: nil)
  board.delivered("a", .whole, events: ["lost"])
  let before = leaves(try #require(board.shown("a")))
  board = Board()
  board = try folder.board([target])
  let after = leaves(try #require(board.shown("a")))
  for (path, words) in before { #expect(after[path] == words, "\(path)") }
  #expect(board.snapshot().monitor.deliveries["a"] == .whole && board.delivery(of: "a") == .whole)
  #expect(board.events(of: "a", limit: 1, before: nil)?.items.first?.to == "lost")
}

@Test func `A change of policy that falls into a restart is an event`() throws {
  let folder = try HistoryFolder()
  var board = try folder.board([.sample()])
  board.record(.whole, nextRunAt: nil)
  board = Board()
  board = try folder.board([.sample()])
  var next = ProbeResult.whole
  next.startedAt = next.startedAt + .seconds(10)
  next.policy?.mtaSTS?.id = "another"
  board.record(next, nextRunAt: nil)
  let event = try #require(board.events(of: "a", limit: 1, before: nil)?.items.first)
  #expect(event.kind == .policy && event.from == "id" && event.to == "another")
}

@Test(arguments: [1, 40, 400, 4000])
func `A result too large is cut in order, and always tells its verdict`(size: Int) throws {
  var result = ProbeResult.whole
  let lines = (0..<size).map {
    TranscriptLine(
      at: .milliseconds($0), from: .server, tls: true, text: "250-\(String(repeating: "x", count: 200))")
  }
  result.transcript = Transcript(lines)
  var good = result
  (good.outcome, good.reason, good.stage, good.members) = (.up, .ok, nil, [])
  result.members = []
  result.members = Array(repeating: good, count: 8) + [result]
  var packer = Packer()
  ResultCut.pack(result, into: &packer)
  #expect(packer.bytes.count <= ResultCut.mostBytes)
  let again = try #require(ProbeResult(target: .sample(), fields: Unpacker(packer.bytes[...])))
  #expect(again.outcome == result.outcome && again.reason == result.reason && again.stage == result.stage)
  #expect(again.message == result.message && again.reply == result.reply)
  let note = again.evidence.last.map { $0.text } ?? ""
  switch size {
  case 1: #expect(again == result)
  case 40:
    #expect(again.transcript == result.transcript)
    #expect(again.members.map(\.transcript.count) == Array(repeating: 0, count: 8) + [40])
    #expect(note.hasSuffix("goes without transcripts of servers that work"))
  case 400:
    #expect(again.transcript.count == 65 && again.transcript[32].text == "336 lines are not kept")
    #expect(again.members.count == 9 && note.hasSuffix("the middle of the transcript"))
  default: #expect(again.transcript.count == 65)
  }
}

@Test func `What cannot be cut to size by its lists is cut to its verdict`() throws {
  var result = ProbeResult.whole
  result.smtp = SMTPFacts(
    banner: String(repeating: "b", count: 90_000), capabilities: [], authMechanisms: [], authMechanism: nil,
    sizeLimit: nil)
  result.message = String(repeating: "m", count: 90_000)
  var packer = Packer()
  ResultCut.pack(result, into: &packer)
  let again = try #require(ProbeResult(target: .sample(), fields: Unpacker(packer.bytes[...])))
  #expect(packer.bytes.count < 8192 && again.smtp == nil && again.message.count == 1024)
  #expect(
    again.evidence.map(\.text) == ["too large for the stored history, which goes without all but the verdict"]
  )
}

extension ProbeResult {
  /// A result in which every part is there, and none is what it is by itself.
  static let whole: ProbeResult = {
    let moment = World.epoch + .seconds(5)
    var result = ProbeResult.sample(.down, at: 5, stage: .policy, reason: .daneMismatch)
    result.tlsMode = .implicit
    result.duration = .nanoseconds(1_234_567_890)
    result.attempts = 2
    result.message = "message"
    result.remedy = "remedy"
    result.suggestion = Suggestion(port: 465, tlsMode: .implicit)
    result.evidence = [Evidence(.reply, "450 later")]
    result.warnings = [.daneBroken, .bareLf]
    result.address = "192.0.2.7"
    result.family = .ipv4
    result.phases[.dns] = .milliseconds(3)
    result.phases[.quit] = .zero
    result.reply = ReplyFacts(code: 450, enhanced: "4.7.1", text: "later")
    result.replyCodes = [ReplyCode(stage: .rcpt, code: 450)]
    result.smtp = SMTPFacts(
      banner: "mx ESMTP", capabilities: ["DSN"], authMechanisms: ["PLAIN"], authMechanism: "PLAIN",
      sizeLimit: 1000)
    let certificate = CertificateFacts(
      subject: "CN=mx", issuer: "CN=CA", issuerCommonName: "CA", names: ["mx"], fingerprintSHA256: "0f",
      serial: "01", notBefore: moment, notAfter: moment + .seconds(9), chainNotAfter: moment + .seconds(8),
      chainLength: 2, isCommonNameOnly: true, isSelfIssued: true, namesIssuerLocation: true,
      key: KeyFacts(algorithm: "EC", bits: 256), signatureAlgorithm: "ecdsa-with-SHA256",
      chain: [ChainLink(subject: "CN=mx", notBefore: moment, notAfter: moment + .seconds(9))])
    result.tls = TLSFacts(
      version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", verified: true,
      faults: [CertificateFault(code: 10, depth: 1, text: "expired")], certificate: certificate,
      clientCertificateRequested: true, group: "x25519", staple: .sample)
    result.policy = .whole(at: moment)
    result.accessToken = TokenFacts(expiry: moment, isAtHand: true)
    result.transcript = [TranscriptLine(at: .milliseconds(1), from: .server, tls: true, text: "220 mx")]
    result.messagesSent = 1
    result.isLoginWithheld = true
    result.sentToken = "token"
    var member = result
    member.host = "mx2.example"
    result.members = [member]
    return result
  }()
}

extension PolicyFacts {
  fileprivate static func whole(at moment: Timestamp) -> PolicyFacts {
    var policy = PolicyFacts()
    policy.dane = DANEFacts(
      name: "_25._tcp.mx", status: .mismatch, dnssec: .secure,
      records: [DANEFacts.Record(text: "3 1 1 0b", isUsable: true, matches: true)], isRolloverReady: true,
      detail: "none matches")
    var sts = MTASTSFacts(domain: "example", status: .hostNotCovered, detail: "not covered")
    sts.id = "id"
    sts.mode = "enforce"
    sts.maxAge = .seconds(86_400)
    sts.mx = ["*.example"]
    sts.isHostCovered = false
    sts.fetchedAt = moment
    sts.certificateExpiry = moment
    policy.mtaSTS = sts
    policy.tlsRPT = TLSRPTFacts(
      domain: "example", status: .badRecord, reportsTo: ["mailto:tls@example"], detail: "bad")
    return policy
  }
}

extension DeliverySnapshot {
  static let whole: DeliverySnapshot = {
    var facts = DeliveryFacts()
    facts.sent = 5
    facts.delivered = 2
    facts.late = 1
    facts.lost = 3
    facts.inFlight = 4
    var verdicts = AuthenticationVerdicts()
    (verdicts.spf, verdicts.dkim, verdicts.dmarc) = (.pass, .fail, .none)
    facts.last = DeliveryFacts.Arrival(
      at: World.epoch, latency: .seconds(3), folder: .junk, verdicts: verdicts)
    facts.losses = ["mx1": DeliveryFacts.Missing(sentAt: World.epoch, queueID: "4bX")]
    var route = DeliveryFacts.Route()
    (route.sent, route.delivered, route.lost, route.lastLatency) = (3, 2, 1, .seconds(2))
    facts.routes = ["mx1": route]
    facts.mailboxError = "no such mailbox"
    facts.lookedAt = World.epoch
    facts.folders = [.inbox: 1, .junk: 1, .other: 2]
    var latency = Histogram()
    latency.observe(.milliseconds(700))
    return DeliverySnapshot(
      facts: facts, latency: latency,
      journeys: [
        DeliveryJourney(
          token: "t", sentAt: World.epoch, queueID: "4bY", route: "mx1", isLate: true, isLost: true)
      ])
  }()
}
