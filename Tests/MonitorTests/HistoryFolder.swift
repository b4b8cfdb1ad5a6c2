import Foundation
import Model
import Monitor

/// A directory for a history, which goes with this value.
final class HistoryFolder: Sendable {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "history-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func write(_ bytes: [UInt8], to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  /// Flips one bit of a file.
  func flip(_ name: String, byte: Int, bit: Int = 0) throws {
    let handle = try FileHandle(forUpdating: URL(fileURLWithPath: file(name)))
    defer { try? handle.close() }
    try handle.seek(toOffset: UInt64(byte))
    let old = try handle.read(upToCount: 1)?.first ?? 0
    try handle.seek(toOffset: UInt64(byte))
    try handle.write(contentsOf: Data([old ^ 1 << UInt8(bit)]))
  }

  func size(_ name: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: file(name))[.size] as? Int ?? 0
  }

  func permissions(_ name: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: file(name))[.posixPermissions] as? Int ?? 0
  }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }

  /// A monitor's board on this directory, which has it until the board goes. Seconds are those after the epoch.
  func board(
    _ targets: [Target], limits: HistoryLimits = HistoryLimits(results: 16), at seconds: Int = 0
  ) throws -> Board {
    let now = World.epoch + .seconds(seconds)
    let store = try HistoryStore(directory: path, limits: limits, now: now)
    let board = Board(limits: limits, store: store, wallClock: { now })
    board.replace(targets: targets)
    return board
  }
}

/// All that the API shows of a target.
struct Shown: Equatable {
  var last: Shared<ProbeResult>?
  var lastFailure: Shared<ProbeResult>?
  var lastSuccessAt: Timestamp?
  var since: Timestamp?
  var consecutiveFailures: Int
  var counters: TargetCounters
  var authPausedUntil: Timestamp?
  var certificate: CertificateFacts?
  var records: [ResultRecord]
  var events: [Event]
  var transcripts: [Shared<ProbeResult>]
  var uptime: [Uptime]
}

extension Board {
  /// What is shown of a target; nil where it is not there.
  func shown(_ name: String) -> Shown? {
    guard let state = snapshot().targets.first(where: { $0.target.name == name }) else { return nil }
    return Shown(
      last: state.last, lastFailure: state.lastFailure, lastSuccessAt: state.lastSuccessAt,
      since: state.since,
      consecutiveFailures: state.consecutiveFailures, counters: state.counters,
      authPausedUntil: state.authPausedUntil, certificate: state.certificate,
      records: records(of: name, limit: .max, before: nil)?.items ?? [],
      events: events(of: name, limit: .max, before: nil)?.items ?? [], transcripts: transcripts(of: name),
      uptime: uptime(of: name))
  }

  /// Records a result of each kind in turn, one a second, with all that a result can tell.
  func play(_ target: Target, _ seconds: Range<Int>, seed: UInt64 = 1) {
    var random = SeededRandom(state: seed &+ UInt64(seconds.lowerBound))
    for second in seconds { record(.full(of: target, at: second, &random), nextRunAt: nil) }
  }
}

extension ProbeResult {
  /// A result of which every part is there, or may be.
  static func full(of target: Target, at seconds: Int, _ random: inout SeededRandom) -> ProbeResult {
    let isGood = Bool.random(using: &random)
    let failures: [(Stage, Reason)] = [
      (.connect, .connectRefused), (.tls, .certExpired), (.auth, .authTemporary), (.rcpt, .recipientRejected),
    ]
    let (stage, reason) = failures.randomElement(using: &random) ?? (.dns, .dnsNotFound)
    var result = ProbeResult.sample(
      isGood ? .up : reason.outcome, at: seconds, stage: isGood ? nil : stage, reason: isGood ? .ok : reason,
      target: target)
    result.duration = .nanoseconds(Int64.random(in: 0...60_000_000_000, using: &random))
    result.attempts = .random(in: 1...3, using: &random)
    result.message =
      isGood ? "" : "Eine Nachricht: „\(String(repeating: "é", count: .random(in: 0...900, using: &random)))“"
    result.remedy = "Look at it."
    result.suggestion = Bool.random(using: &random) ? Suggestion(port: 465, tlsMode: .implicit) : nil
    result.evidence = [Evidence(.reply, "450 4.7.1 later"), Evidence(.hint, "maybe_banned")]
    result.warnings = Bool.random(using: &random) ? [.bareLf, .slowAaaa] : []
    result.address = "2001:db8::1"
    result.family = .ipv6
    for phase in Phase.allCases where Bool.random(using: &random) {
      result.phases[phase] = .microseconds(Int64.random(in: 0...4_000_000_000, using: &random))
    }
    result.reply = ReplyFacts(code: 450, enhanced: "4.7.1", text: "4.7.1 later\nmuch later")
    result.replyCodes = [ReplyCode(stage: .ehlo, code: 250), ReplyCode(stage: .rcpt, code: 450)]
    result.smtp = SMTPFacts(
      banner: "mx ESMTP", capabilities: ["SIZE 1000", seconds % 7 == 0 ? "DSN" : "8BITMIME"],
      authMechanisms: ["PLAIN"], authMechanism: "PLAIN", sizeLimit: 1000)
    result.tls = TLSFacts(
      version: "TLSv1.3", cipher: "TLS_AES_256_GCM_SHA384", verified: isGood,
      faults: [CertificateFault(code: 10, depth: 0, text: "certificate has expired")],
      certificate: .sample(String(repeating: "\(seconds / 20 % 10)", count: 64)),
      clientCertificateRequested: Bool.random(using: &random), staple: isGood ? .sample : nil)
    for line in 0..<Int.random(in: 0...40, using: &random) {
      result.transcript.append(
        TranscriptLine(
          at: .nanoseconds(line * 1_000_003), from: line % 2 == 0 ? .server : .client, tls: line > 3,
          text: "250-line \(line)"))
    }
    result.messagesSent = Bool.random(using: &random) ? 1 : 0
    return result
  }
}

extension StapleFacts {
  /// One with every field.
  static var sample: StapleFacts {
    var staple = StapleFacts(status: .revoked, isDemanded: true, detail: "the certificate is revoked")
    staple.thisUpdate = Timestamp(seconds: 1_795_000_000)
    staple.nextUpdate = Timestamp(seconds: 1_795_500_000)
    staple.revokedAt = Timestamp(seconds: 1_794_000_000)
    staple.revocationReason = "keyCompromise"
    return staple
  }
}

extension CertificateFacts {
  static func sample(_ fingerprint: String) -> CertificateFacts {
    CertificateFacts(
      subject: "CN=mx.example", issuer: "CN=CA", issuerCommonName: "CA", names: ["mx.example", "192.0.2.1"],
      fingerprintSHA256: fingerprint, serial: "01", notBefore: World.epoch,
      notAfter: World.epoch + .seconds(9),
      chainNotAfter: World.epoch + .seconds(8), chainLength: 2, isCommonNameOnly: true, isSelfIssued: false,
      namesIssuerLocation: true)
  }
}
