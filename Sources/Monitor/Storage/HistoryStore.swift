import Base
package import Model

/// The history of all targets on disk: two files in a directory that one process has for itself.
///
/// `records` has an area for each target (its ring of results, 30 days by the hour), `notes` all that differs in
/// length: names, numbers, events, whole results. A target is known by its name; one that has left the
/// configuration keeps its past for 30 days.
package final class HistoryStore: Sendable {
  /// How long the past of a target that has gone is kept.
  package static let retention = Duration.seconds(30 * 86_400)
  /// Areas are made ready in numbers like that.
  private static let growth = 8

  /// Who has an area.
  private struct Tenant {
    var number: UInt64
    var unit: Int
    var note: NoteHead
    /// When it left the configuration; nil where it is there.
    var leftAt: Timestamp?
    /// What is written of it, while nobody has its book.
    var heads: [NoteHead] = []

    func isExpired(at now: Timestamp) -> Bool { leftAt.map { now - $0 >= HistoryStore.retention } ?? false }
  }

  private struct State {
    var tenants: [String: Tenant] = [:]
    var freeUnits: [Int] = []
    /// Areas from here on were never used: they are zero, and take no memory until they are touched.
    var untouched = 0
    /// Names that found no room.
    var homeless: Set<String> = []

    /// So many areas reach to the last one that is used.
    var areas: Int { (tenants.values.map(\.unit).max() ?? -1) + 1 }
  }

  private let directory: LockedDirectory
  private let records: RingFile
  private let notes: NoteFile
  private let counts: HistoryHealthCount
  private let state: Locked<State>
  /// Files that could not be believed and were set aside, for people.
  package let setAside: [String]

  /// Opens the history in a directory, which is made where only it is missing.
  ///
  /// - Parameter limits: of each target; where the files were made for others, what fits is kept.
  /// - Throws: `StorageError` where the directory, or what is in it, cannot be used.
  package init(directory path: String, limits: HistoryLimits, now: Timestamp) throws(StorageError) {
    let directory = try LockedDirectory(path)
    var setAside: [String] = []
    func file(_ name: String, _ format: RingFile.Format) throws(StorageError) -> RingFile {
      let path = path + "/" + name
      let opened = try RingFile.open(path, kind: format.kind)
      if let file = opened.file { return file }
      if opened.isDamaged {
        directory.setAside(path)
        setAside.append(path + ".damaged")
      }
      return try RingFile.create(path, format)
    }
    let format = RecordArea.fileFormat(capacity: max(1, limits.results))
    let records = try file("records", format)
    let notes = NoteFile(try file("notes", NoteFile.fileFormat))
    let counts = HistoryHealthCount()
    let (heads, dropped) = notes.load()
    counts.drop(dropped)
    var state = State()
    for head in Self.settle(heads, notes, &state) { notes.release(head.place) }
    let areas = state.areas
    if areas > records.units {
      // The file was cut; what follows is empty.
      counts.drop(areas - records.units)
      guard records.grow(by: areas - records.units) else { throw .noSpace(path: records.path) }
    }
    records.shrink(to: areas)
    self.records = records.format == format ? records : try Self.resized(records, to: format, state)
    let used = Set(state.tenants.values.map(\.unit))
    state.untouched = areas
    state.freeUnits = (0..<areas).filter { !used.contains($0) }.reversed()
    self.directory = directory
    self.notes = notes
    self.counts = counts
    self.setAside = setAside
    self.state = Locked(state)
    expire(at: now)
  }

  // MARK: Opening

  /// Gives each tenant its notes; returns those that belong to nobody.
  private static func settle(_ heads: [NoteHead], _ notes: NoteFile, _ state: inout State) -> [NoteHead] {
    var superfluous: [NoteHead] = []
    var names: [UInt64: String] = [:]
    // Later ones come later, and win.
    for head in heads where head.kind == .tenant {
      guard let fields = notes.read(head.place), let note = TenantNote(fields: fields) else {
        superfluous.append(head)
        continue
      }
      let rivals = state.tenants.filter { $0.key == note.name || $0.value.unit == note.unit }
      for (name, rival) in rivals {
        superfluous.append(rival.note)
        names[rival.number] = nil
        state.tenants[name] = nil
      }
      names[head.target] = note.name
      state.tenants[note.name] = Tenant(
        number: head.target, unit: note.unit, note: head, leftAt: note.leftAt)
    }
    for head in heads where head.kind != .tenant {
      if let name = names[head.target] {
        state.tenants[name]?.heads.append(head)
      } else {
        superfluous.append(head)
      }
    }
    return superfluous
  }

  /// The records in areas of another size.
  private static func resized(
    _ old: RingFile, to format: RingFile.Format, _ state: State
  ) throws(StorageError) -> RingFile {
    try RingFile.create(old.path, format) { (fresh: RingFile) throws(StorageError) in
      guard fresh.grow(by: state.areas) else { throw .noSpace(path: old.path) }
      for tenant in state.tenants.values {
        RecordArea(file: fresh, unit: tenant.unit, target: tenant.number).take(
          RecordArea(file: old, unit: tenant.unit, target: tenant.number))
      }
    }
  }

  // MARK: Targets

  /// Makes room for so many targets at once, which is quicker and less scattered than one by one.
  func reserve(for names: some Sequence<String>) {
    state.withLock { state in
      let missing = names.count { state.tenants[$0] == nil } - state.freeUnits.count
      if missing > 0 { _ = grow(by: missing, &state) }
    }
  }

  /// The state of a target as it was left; nil where there is no room to write it down.
  func checkOut(_ target: Target, limits: HistoryLimits, at now: Timestamp) -> TargetState? {
    let found = state.withLock { state -> (Tenant, [NoteHead]?)? in
      if let tenant = state.tenants[target.name], tenant.isExpired(at: now) { evict(target.name, &state) }
      let isKnown = state.tenants[target.name] != nil
      guard let tenant = returning(target.name, &state) ?? newcomer(target.name, &state) else {
        state.homeless.insert(target.name)
        counts.setHomeless(state.homeless.count)
        return nil
      }
      let heads = tenant.heads
      state.tenants[target.name]?.heads = []
      return (tenant, isKnown ? heads : nil)
    }
    guard let (tenant, heads) = found else { return nil }
    let area = RecordArea(file: records, unit: tenant.unit, target: tenant.number)
    let book = TargetBook(number: tenant.number, area: area, notes: notes, health: counts)
    return TargetState(target: target, limits: limits, book: book, notes: heads, at: now)
  }

  /// A target has left the configuration; what it wrote waits for it.
  func checkIn(_ name: String, _ book: TargetBook?, at now: Timestamp) {
    state.withLock { state in
      if state.homeless.remove(name) != nil { counts.setHomeless(state.homeless.count) }
      guard let book, var tenant = state.tenants[name], tenant.number == book.number else { return }
      tenant.heads = book.heads
      move(&tenant, named: name, leftAt: now)
      state.tenants[name] = tenant
    }
  }

  /// Targets of the files that the configuration does not have have left it, at the latest now.
  func depart(allBut names: Set<String>, at now: Timestamp) {
    state.withLock { state in
      for (name, tenant) in state.tenants where tenant.leftAt == nil && !names.contains(name) {
        var tenant = tenant
        move(&tenant, named: name, leftAt: now)
        state.tenants[name] = tenant
      }
    }
  }

  /// Forgets the targets that left 30 days ago; others get their room.
  package func expire(at now: Timestamp) {
    state.withLock { state in
      for (name, tenant) in state.tenants where tenant.isExpired(at: now) { evict(name, &state) }
    }
  }

  private func returning(_ name: String, _ state: inout State) -> Tenant? {
    guard var tenant = state.tenants[name] else { return nil }
    if tenant.leftAt != nil { move(&tenant, named: name, leftAt: nil) }
    state.tenants[name] = tenant
    return tenant
  }

  private func newcomer(_ name: String, _ state: inout State) -> Tenant? {
    if state.freeUnits.isEmpty, !grow(by: Self.growth, &state) { _ = grow(by: 1, &state) }
    guard let unit = state.freeUnits.popLast() else { return nil }
    let number = UInt64.random(in: 1...(.max))
    if unit < state.untouched { RecordArea(file: records, unit: unit, target: number).clear() }
    let head = notes.write(.tenant, of: number) { TenantNote(name: name, unit: unit).pack(into: &$0) }
    counts.wrote(head != nil)
    guard let head else {
      state.freeUnits.append(unit)
      return nil
    }
    let tenant = Tenant(number: number, unit: unit, note: head)
    state.tenants[name] = tenant
    return tenant
  }

  private func move(_ tenant: inout Tenant, named name: String, leftAt: Timestamp?) {
    let note = TenantNote(name: name, unit: tenant.unit, leftAt: leftAt)
    tenant.leftAt = leftAt
    guard let head = notes.write(.tenant, of: tenant.number, { note.pack(into: &$0) }) else {
      return counts.wrote(false)
    }
    notes.release(tenant.note.place)
    tenant.note = head
  }

  private func evict(_ name: String, _ state: inout State) {
    guard let tenant = state.tenants.removeValue(forKey: name) else { return }
    for head in tenant.heads + [tenant.note] { notes.release(head.place) }
    state.freeUnits.append(tenant.unit)
    state.untouched = max(state.untouched, tenant.unit + 1)
  }

  private func grow(by count: Int, _ state: inout State) -> Bool {
    let units = records.units
    guard records.grow(by: count) else { return false }
    state.freeUnits = (units..<units + count).reversed() + state.freeUnits
    return true
  }

  // MARK: The disk

  /// Waits until the disk has all that was written so far. It takes its time: not on the loop.
  package func sync() {
    let units = state.withLock { _ in records.units }
    // The records first: numbers that count a record are not written before it.
    let hasRecords = records.sync(units: units)
    counts.synced(notes.sync() && hasRecords)
  }

  /// Lets go of the memory: what is used comes back at once, the rest when it is asked for.
  package func releaseMemory() {
    // What took a lost page's place is nowhere else.
    guard RingFile.lostPages == 0 else { return }
    records.releaseMemory(units: state.withLock { _ in records.units })
    notes.releaseMemory()
  }

  /// How it fares.
  package var health: HistoryHealth {
    let counts = counts.now
    var health = HistoryHealth()
    health.bytes = state.withLock { _ in records.bytes } + notes.bytes
    health.dropped = counts.dropped
    health.failedWrites = counts.failedWrites
    health.trouble = trouble(counts)
    return health
  }

  private func trouble(_ counts: HistoryHealthCount.Counts) -> String? {
    if RingFile.lostPages > 0 {
      return
        "The files in \(directory.path) were cut, or the disk fails: what is lost is kept in memory only, until "
        + "a restart. Look at the disk, then restart smtpwatch."
    }
    if counts.isSyncFailing {
      return
        "The disk of \(directory.path) fails: the history may not outlive this machine. Look at the disk."
    }
    if counts.homeless > 0 {
      return
        "No space is left in \(directory.path): the history of \(counts.homeless) targets is kept in memory only. "
        + "Make room, then restart smtpwatch."
    }
    if counts.isFull {
      return
        "No space is left in \(directory.path): whole results and events are kept in memory only. Make room."
    }
    return nil
  }
}
