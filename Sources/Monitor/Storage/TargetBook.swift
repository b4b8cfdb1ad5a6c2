import Model

/// What a target's state has written down, and where. Held by the state, and used under its lock.
struct TargetBook: Sendable {
  /// The target's own number in the files; it stays the same over restarts.
  let number: UInt64
  let area: RecordArea
  private let notes: NoteFile
  private let health: HistoryHealthCount
  /// The latest note of each kind of which there is one.
  private var standing: NoteHead?
  private var server: NoteHead?
  private var delivery: NoteHead?
  private var results: [Kept] = []
  private var events: [NoteHead] = []
  /// What the note of the server says; nil where it may be wrong.
  private var noted: ServerNote?

  /// A result that is kept whole. Within a target the start tells it from others.
  private struct Kept {
    var head: NoteHead
    var startedAt: Timestamp
  }

  /// The book of a target of which nothing is written yet.
  init(number: UInt64, area: RecordArea, notes: NoteFile, health: HistoryHealthCount) {
    self.number = number
    self.area = area
    self.notes = notes
    self.health = health
  }

  /// All that is written, for whoever comes next.
  var heads: [NoteHead] { [standing, server, delivery].compactMap(\.self) + results.map(\.head) + events }

  // MARK: Reading

  /// Takes over what a note says.
  func read(_ head: NoteHead) -> Unpacker? {
    let fields = notes.read(head.place)
    if fields == nil { health.drop(1) }
    return fields
  }

  mutating func adopt(standing head: NoteHead) { standing = head }
  mutating func adopt(server head: NoteHead, as note: ServerNote) { (server, noted) = (head, note) }
  mutating func adopt(delivery head: NoteHead) { delivery = head }
  mutating func adopt(result head: NoteHead, startedAt: Timestamp) {
    results.append(Kept(head: head, startedAt: startedAt))
  }
  mutating func adopt(event head: NoteHead) { events.append(head) }

  /// Gives back the events that a log does not have.
  mutating func keep(only log: EventLog) {
    let kept = Set(log.kept.map(\.sequence))
    for head in events where !kept.contains(head.sequence) { notes.release(head.place) }
    events.removeAll { !kept.contains($0.sequence) }
  }

  /// Counts what is missing.
  func count(dropped: Int) { health.drop(dropped) }

  /// A note that nobody needs.
  func discard(_ head: NoteHead) { notes.release(head.place) }

  /// The sequence of a kept result; 0 where it is not kept.
  func sequence(of result: Shared<ProbeResult>) -> UInt64 {
    results.last { $0.startedAt == result.startedAt }?.head.sequence ?? 0
  }

  // MARK: Writing

  /// Writes a result down: from here on it is known after a restart, whatever happens.
  mutating func write(_ result: ProbeResult, sequence: UInt64) {
    guard let head = noteDown(.result, sequence: sequence, { ResultCut.pack(result, into: &$0) }) else {
      return
    }
    let kept = Kept(head: head, startedAt: result.startedAt)
    if let index = results.lastIndex(where: { $0.head.sequence == sequence }) {
      notes.release(results[index].head.place)
      results[index] = kept
    } else {
      results.append(kept)
    }
  }

  /// Writes down what is new of a state, and gives back what it keeps no longer.
  mutating func write(_ state: TargetState) {
    write(state.events)
    writeServer(state)
    guard let head = noteDown(.standing, { state.packStanding(into: &$0, book: self) }) else { return }
    if let old = standing { notes.release(old.place) }
    standing = head
    for (index, kept) in results.enumerated().reversed() where !state.keeps(kept.startedAt) {
      notes.release(kept.head.place)
      results.remove(at: index)
    }
  }

  /// Writes down what became of test messages.
  mutating func write(_ snapshot: DeliverySnapshot) {
    guard let head = noteDown(.delivery, { snapshot.pack(into: &$0) }) else { return }
    if let old = delivery { notes.release(old.place) }
    delivery = head
  }

  /// The target is another one: with the next write, its server is noted anew.
  mutating func forgetServer() { noted = nil }

  private mutating func writeServer(_ state: TargetState) {
    if let noted, noted.certificate == state.snapshot.certificate, noted.offer == state.offer?.facts {
      return
    }
    let note = ServerNote(state)
    guard let head = noteDown(.server, { note.pack(into: &$0) }) else { return }
    if let old = server { notes.release(old.place) }
    (server, noted) = (head, note)
  }

  private mutating func write(_ log: EventLog) {
    let written = events.last?.sequence ?? 0
    guard log.nextSequence > written + 1 else { return }
    for event in log.kept where event.sequence > written {
      if let head = noteDown(.event, sequence: event.sequence, { event.pack(into: &$0) }) {
        events.append(head)
      }
    }
    keep(only: log)
  }

  private func noteDown(
    _ kind: NoteKind, sequence: UInt64 = 0, _ pack: (inout Packer) -> Void
  ) -> NoteHead? {
    let head = notes.write(kind, of: number, sequence: sequence, pack)
    health.wrote(head != nil)
    return head
  }
}

/// What is known of a target's server beyond single results; it seldom changes.
struct ServerNote: Sendable {
  var host: String
  var port: Int
  /// Tells another login, without a secret.
  var login: UInt64
  var certificate: CertificateFacts?
  var offer: SMTPFacts?

  init(_ state: TargetState) {
    let target = state.snapshot.target
    host = target.host
    port = target.port
    login = target.loginIdentity
    certificate = state.snapshot.certificate
    offer = state.offer?.facts
  }

  func pack(into packer: inout Packer) {
    packer.put(1, host)
    packer.put(2, count: port)
    packer.put(3, login)
    certificate?.put(4, into: &packer)
    offer?.put(5, into: &packer)
  }

  init(fields: Unpacker) {
    host = ""
    port = 0
    login = 0
    for field in fields {
      switch field.number {
      case 1: host = field.text
      case 2: port = field.count
      case 3: login = field.value
      case 4: certificate = CertificateFacts.read(field)
      case 5: offer = SMTPFacts.read(field)
      default: break
      }
    }
  }
}

extension Target {
  /// The same for the same login, as far as that can be told without a secret.
  var loginIdentity: UInt64 {
    guard let auth = settings.auth else { return 0 }
    return StableHash.of("\(host) \(port) \(auth.username) \(auth.mechanism?.rawValue ?? "")")
  }
}

extension Event {
  func pack(into packer: inout Packer) {
    packer.put(1, at)
    packer.put(2, kind.rawValue)
    packer.put(3, from)
    packer.put(4, to)
    if let reason { packer.put(5, UInt64(reason.rawValue)) }
    if let duration { packer.put(6, signed: duration.wholeNanoseconds) }
  }

  init?(sequence: UInt64, fields: Unpacker) {
    var kind: Kind?
    var event = Event(
      sequence: sequence, at: Timestamp(microseconds: 0), kind: .state, from: nil, to: nil, reason: nil,
      duration: nil)
    for field in fields {
      switch field.number {
      case 1: event.at = field.moment
      case 2: kind = Kind(rawValue: field.text)
      case 3: event.from = field.text
      case 4: event.to = field.text
      case 5: event.reason = Reason(rawValue: UInt8(clamping: field.value))
      case 6: event.duration = .nanoseconds(field.signed)
      default: break
      }
    }
    guard let kind else { return nil }
    event.kind = kind
    self = event
  }
}
