import Base
import Model

/// The numbers of a target as they were written down.
struct Standing {
  /// The latest result that is counted in.
  var sequence: UInt64 = 0
  var firstResultAt: Timestamp?
  var reasonSince: Timestamp?
  var authPausedSince: Timestamp?
  var lastSuccessAt: Timestamp?
  var since: Timestamp?
  var consecutiveFailures = 0
  var authPausedUntil: Timestamp?
  var counters = TargetCounters()
  var hour: Rollups.Hour?
  /// Sequences of results; 0 where there is none.
  var lastFailure: UInt64 = 0
  var lastSuccess: UInt64 = 0
  /// Those with transcripts, oldest first.
  var failures: [UInt64] = []
  var runLength = 0
  var nextEvent: UInt64 = 1
  var isOfferInTLS = false
  var offersSTARTTLS: Bool?
  var starttlsSeenAt: Timestamp?
  var authGuard = AuthGuard()
  var policyID: String?
  var messages = MessageLedger()
  /// Made of records, where the numbers were lost.
  var derivedLast: Shared<ProbeResult>?
  var derivedLastFailure: Shared<ProbeResult>?

  init() {}

  init(fields: Unpacker) {
    for field in fields {
      switch field.number {
      case 1: sequence = min(field.value, NoteHead.largestSequence)
      case 2: firstResultAt = field.moment
      case 3: reasonSince = field.moment
      case 4: authPausedSince = field.moment
      case 5: lastSuccessAt = field.moment
      case 6: since = field.moment
      case 7: consecutiveFailures = field.count
      case 8: authPausedUntil = field.moment
      case 9: counters = TargetCounters(fields: field.fields)
      case 10: hour = Rollups.Hour(fields: field.fields)
      case 11: lastFailure = field.value
      case 12: lastSuccess = field.value
      case 13: failures.append(field.value)
      case 14: runLength = field.count
      case 15: nextEvent = min(field.value, NoteHead.largestSequence)
      case 16: isOfferInTLS = field.value != 0
      case 17: offersSTARTTLS = field.value != 0
      case 18: starttlsSeenAt = field.moment
      case 19: authGuard = AuthGuard(fields: field.fields)
      case 20: messages = MessageLedger(fields: field.fields)
      case 21: policyID = field.text
      default: break
      }
    }
  }
}

/// What the notes of a target tell of its past.
struct StoredPast {
  let target: Target
  var book: TargetBook
  private(set) var standing: Standing?
  private(set) var server: ServerNote?
  private(set) var delivery: DeliverySnapshot?
  /// By sequence.
  private(set) var results: [UInt64: (result: Shared<ProbeResult>, head: NoteHead)] = [:]
  private var events: [Event] = []

  /// Reads the notes. One that cannot be understood is counted, and given back.
  ///
  /// - Parameter heads: nil for a target that has no past.
  init(of target: Target, in book: TargetBook, _ heads: [NoteHead]?) {
    self.target = target
    self.book = book
    guard let heads else {
      standing = Standing()
      return
    }
    var smtp: SMTPFacts?
    var certificate: CertificateFacts?
    for head in heads.sorted(by: { $0.sequence < $1.sequence }) {
      guard let fields = book.read(head) else {
        book.discard(head)
        continue
      }
      switch head.kind {
      case .standing:
        standing = Standing(fields: fields)
        self.book.adopt(standing: head)
      case .server:
        let note = ServerNote(fields: fields)
        server = note
        self.book.adopt(server: head, as: note)
      case .result:
        guard var result = ProbeResult(target: target, fields: fields) else {
          book.discard(head)
          continue
        }
        // As in the process that saw them, equal facts are one object.
        if let known = smtp, known == result.smtp { result.smtp = known }
        if let known = certificate, known == result.tls?.certificate { result.tls?.certificate = known }
        (smtp, certificate) = (result.smtp ?? smtp, result.tls?.certificate ?? certificate)
        results[head.sequence] = (Shared(result), head)
        self.book.adopt(result: head, startedAt: result.startedAt)
      case .event:
        guard let event = Event(sequence: head.sequence, fields: fields) else {
          book.discard(head)
          continue
        }
        events.append(event)
        self.book.adopt(event: head)
      case .delivery:
        delivery = DeliverySnapshot(fields: fields)
        self.book.adopt(delivery: head)
      case .tenant: break
      }
    }
    let damaged = book.area.dropDamaged()
    if damaged > 0 { book.count(dropped: damaged) }
  }

  /// The events that were there when the numbers were written. Later ones come again with the result that they
  /// belong to, where there is one.
  func events(before standing: Standing) -> [Event] {
    results[standing.sequence + 1] == nil ? events : events.filter { $0.sequence < standing.nextEvent }
  }

  /// The newest result that is not newer than the numbers.
  func newest(upTo sequence: UInt64) -> Shared<ProbeResult>? {
    results.filter { $0.key <= sequence }.max { $0.key < $1.key }?.value.result
  }

  /// The numbers as the records tell them.
  func derivedStanding(limits: HistoryLimits) -> Standing {
    var standing = Standing()
    let newest = max(book.area.newestSequence, results.keys.max() ?? 0)
    var folded = TargetState(target: target, limits: limits)
    let oldest = newest > UInt64(book.area.capacity) ? newest - UInt64(book.area.capacity) + 1 : 1
    for sequence in oldest..<newest + 1 {
      if let result = results[sequence]?.result
        ?? book.area.record(sequence).map({ Shared(ProbeResult($0, of: target)) })
      {
        folded.record(result, nextRunAt: nil)
      }
    }
    standing.sequence = newest
    standing.firstResultAt = folded.firstResultAt
    standing.reasonSince = folded.reasonSince
    standing.lastSuccessAt = folded.snapshot.lastSuccessAt
    standing.since = folded.snapshot.since
    standing.consecutiveFailures = folded.snapshot.consecutiveFailures
    standing.counters = folded.snapshot.counters
    standing.hour = folded.rollups.current
    standing.derivedLast = folded.snapshot.last
    standing.derivedLastFailure = folded.snapshot.lastFailure
    standing.lastSuccess = results.filter { $0.value.result.success }.keys.max() ?? 0
    standing.failures = results.filter { !$0.value.result.success }.keys.sorted()
    standing.lastFailure = results.filter { $0.value.result.outcome == .down }.keys.max() ?? 0
    standing.nextEvent = (events.last?.sequence ?? 0) + 1
    return standing
  }
}

extension TargetCounters {
  func pack(into packer: inout Packer) {
    packer.put(1, count: runs)
    packer.put(2, count: failures)
    packer.put(3, count: inconclusive)
    packer.put(4, count: retries)
    packer.put(5, count: messagesSent)
    for (kind, count) in failureReasons {
      packer.put(6) { entry in
        entry.put(1, UInt64(kind.stage.rawValue))
        entry.put(2, UInt64(kind.reason.rawValue))
        entry.put(3, count: count)
      }
    }
    latency.pack(into: &packer)
    if messagesLeftOut > 0 { packer.put(9, count: messagesLeftOut) }
  }

  init(fields: Unpacker) {
    self.init()
    latency = Histogram(fields: fields) ?? Histogram()
    for field in fields {
      switch field.number {
      case 1: runs = field.count
      case 2: failures = field.count
      case 3: inconclusive = field.count
      case 4: retries = field.count
      case 5: messagesSent = field.count
      case 6: addReason(field.fields)
      case 9: messagesLeftOut = field.count
      default: break
      }
    }
  }

  private mutating func addReason(_ fields: Unpacker) {
    var (stage, reason): (Stage?, Reason?) = (nil, nil)
    var count = 0
    for field in fields {
      switch field.number {
      case 1: stage = Stage(rawValue: UInt8(clamping: field.value))
      case 2: reason = Reason(rawValue: UInt8(clamping: field.value))
      case 3: count = field.count
      default: break
      }
    }
    if let stage, let reason { failureReasons[FailureKind(stage: stage, reason: reason)] = count }
  }
}

extension Histogram: FieldGroup {
  static var blank: Histogram { Histogram() }

  /// Fields 7 and 8, which may stand among others of whoever has the histogram.
  mutating func walk(_ fields: inout some FieldWalk) {
    // The bucket is the upper half of a number.
    var buckets = (0...Self.bounds.count).filter { counts[$0] > 0 }.map {
      UInt64($0) << 32 | UInt64(counts[$0])
    }
    var bits = sum.bitPattern
    fields(7, &buckets)
    fields(8, &bits)
    var read = SIMD16<UInt32>.zero
    for pair in buckets where pair >> 32 <= UInt64(Self.bounds.count) {
      read[Int(pair >> 32)] = UInt32(truncatingIfNeeded: pair)
    }
    self = Histogram(counts: read, sum: Double(bitPattern: bits))
  }
}

extension Rollups.Hour {
  func pack(into packer: inout Packer) {
    packer.put(1, UInt64(number))
    packer.put(2, UInt64(up))
    packer.put(3, UInt64(degraded))
    packer.put(4, UInt64(down))
    packer.put(5, UInt64(inconclusive))
    packer.put(6, UInt64(latencySum.bitPattern))
  }

  init(fields: Unpacker) {
    self.init(number: 0)
    for field in fields {
      let value = UInt32(clamping: field.value)
      switch field.number {
      case 1: number = value
      case 2: up = value
      case 3: degraded = value
      case 4: down = value
      case 5: inconclusive = value
      case 6: latencySum = Float(bitPattern: value)
      default: break
      }
    }
  }
}
