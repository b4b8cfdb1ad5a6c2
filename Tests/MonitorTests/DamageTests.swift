import Foundation
import Model
import Testing

@testable import Monitor

private let head = 4096

/// What a monitor shows on a history that was changed meanwhile.
private func shown(_ folder: HistoryFolder) throws -> (shown: Shown, dropped: Int) {
  let board = try folder.board([.sample()])
  return (try #require(board.shown("a")), try #require(board.snapshot().monitor.history?.dropped))
}

/// A history of some results, with nobody on it.
private func played(_ seconds: Int = 12) throws -> (folder: HistoryFolder, shown: Shown) {
  let folder = try HistoryFolder()
  let board = try folder.board([.sample()])
  board.play(.sample(), 0..<seconds)
  return (folder, try #require(board.shown("a")))
}

@Test(arguments: 0..<ResultRecord.Layout.words * 8)
func `A record with a flipped bit is dropped and counted once, and no other`(byte: Int) throws {
  let (folder, before) = try played()
  // The fifth of the sixteen.
  try folder.flip("records", byte: head + 4 * 88 + byte, bit: byte % 8)
  let expected = before.records.filter { $0.sequence != 5 }
  let first = try shown(folder)
  #expect(first.shown.records == expected)
  #expect(first.dropped == 1)
  #expect(first.shown.counters == before.counters && first.shown.last == before.last)
  let second = try shown(folder)
  #expect(second.shown.records == expected && second.dropped == 0)
}

@Test func `An hour with a flipped bit is dropped and counted, and no other`() throws {
  for byte in 0..<32 {
    let folder = try HistoryFolder()
    var board = try folder.board([.sample()], at: 40_000)
    for second in stride(from: 0, to: 36_000, by: 600) { board.record(.sample(at: second), nextRunAt: nil) }
    let before = try #require(board.uptime(of: "a").last)
    board = Board()
    let hour = Int(World.epoch.microseconds / 3_600_000_000 + 2) % 720
    try folder.flip("records", byte: head + 16 * 88 + hour * 32 + byte, bit: byte % 8)
    board = try folder.board([.sample()], at: 40_000)
    #expect(board.snapshot().monitor.history?.dropped == 1)
    let after = try #require(board.uptime(of: "a").last)
    #expect(after.ratio == 1 && after.horizon == before.horizon)
  }
}

@Test func `A flipped bit among the notes is noticed, and nothing is shown that was not there`() throws {
  let (folder, before) = try played()
  let (notes, records) = (try folder.bytes("notes"), try folder.bytes("records"))
  var random = SeededRandom(state: 3)
  var noticed = 0
  for _ in 0..<400 {
    try folder.write(notes, to: "notes")
    try folder.write(records, to: "records")
    try folder.flip(
      "notes", byte: .random(in: head..<notes.count, using: &random), bit: .random(in: 0..<8, using: &random))
    let after = try shown(folder)
    if after.dropped > 0 { noticed += 1 }
    #expect(isPart(after.shown, of: before))
  }
  #expect(noticed > 50)
}

/// Everything that is shown was shown before.
private func isPart(_ after: Shown, of before: Shown) -> Bool {
  let whole = before.transcripts + [before.last, before.lastFailure].compactMap(\.self)
  let texts = Set(whole.map(\.startedAt))
  return after.records.allSatisfy(before.records.contains)
    && after.events.allSatisfy { event in
      before.events.contains { $0.at == event.at && $0.kind == event.kind }
    }
    && after.transcripts.allSatisfy { texts.contains($0.startedAt) }
    && after.counters.runs <= before.counters.runs
    && (after.certificate == nil || whole.contains { $0.tls?.certificate == after.certificate })
}

@Test func `A file that was cut loses what was behind the cut, and is mended`() throws {
  for name in ["records", "notes"] {
    for part in 0..<20 {
      let (folder, before) = try played()
      let bytes = try folder.bytes(name)
      try folder.write(Array(bytes[..<(bytes.count * part / 20)]), to: name)
      let after = try shown(folder)
      #expect(isPart(after.shown, of: before))
      let board = try folder.board([.sample()])
      board.play(.sample(), 100..<103)
      #expect(board.shown("a")?.records.count ?? 0 >= 3)
      #expect(board.snapshot().monitor.history?.trouble == nil)
    }
  }
}

@Test func `A cut file of records is counted`() throws {
  let (folder, before) = try played()
  try folder.write(Array(try folder.bytes("records")[..<head]), to: "records")
  let after = try shown(folder)
  #expect(after.dropped == 1)
  #expect(after.shown.counters == before.counters && after.shown.events == before.events)
  // The last result is kept whole.
  #expect(after.shown.records == [before.records[0]])
}

@Test(arguments: ["records", "notes"], [0, 1, 64, 4096, 10_000])
func `A file of zeros, or without a byte, is set aside and begun anew`(name: String, size: Int) throws {
  let (folder, _) = try played()
  try folder.write([UInt8](repeating: 0, count: size), to: name)
  let store = try HistoryStore(directory: folder.path, limits: HistoryLimits(results: 16), now: World.epoch)
  #expect(store.setAside == [folder.file(name) + ".damaged"])
  #expect(folder.exists(name + ".damaged"))
  #expect(store.checkOut(.sample(), limits: HistoryLimits(results: 16), at: World.epoch) != nil)
}

@Test(arguments: ["records", "notes"], 0..<40)
func `A head that is not as it was written opens nothing and crashes nothing`(name: String, byte: Int) throws
{
  let (folder, _) = try played()
  try folder.flip(name, byte: byte, bit: byte % 8)
  do throws(StorageError) {
    let store = try HistoryStore(directory: folder.path, limits: HistoryLimits(results: 16), now: World.epoch)
    #expect(store.setAside == [folder.file(name) + ".damaged"])
  } catch {
    switch error {
    case .foreign, .newer: break
    default: Issue.record("\(error)")
    }
  }
}

@Test(arguments: ["records", "notes"]) func `A file of something else is left alone`(name: String) throws {
  let folder = try HistoryFolder()
  let text = [UInt8](String(repeating: "Somebody's own file.\n", count: 500).utf8)
  for content in [text, Array(text[..<10])] {
    try folder.write(content, to: name)
    #expect(throws: StorageError.foreign(path: folder.file(name))) { _ = try folder.board([]) }
    #expect(try folder.bytes(name) == content)
  }
}

@Test func `The file of the other kind is no file of records`() throws {
  let (folder, _) = try played()
  try folder.write(try folder.bytes("notes"), to: "records")
  #expect(throws: StorageError.foreign(path: folder.file("records"))) { _ = try folder.board([]) }
}

@Test(arguments: ["records", "notes"]) func `A file of a newer version is left alone`(name: String) throws {
  let (folder, _) = try played()
  var bytes = try folder.bytes(name)
  bytes[8] = 2
  try folder.write(bytes, to: name)
  let error = StorageError.newer(path: folder.file(name), version: 2, known: 1)
  #expect(throws: error) { _ = try folder.board([]) }
  #expect(error.description.contains("newer smtpwatch (format 2, this one knows 1)"))
  #expect(try folder.bytes(name) == bytes)
}

@Test func `Two monitors do not share a directory, and the second is told of the first`() throws {
  let folder = try HistoryFolder()
  var board: Board? = try folder.board([.sample()])
  let own = Int(ProcessInfo.processInfo.processIdentifier)
  #expect(throws: StorageError.inUse(path: folder.path, process: own)) { _ = try folder.board([]) }
  withExtendedLifetime(board) {}
  board = nil
  _ = try folder.board([.sample()])
}

@Test func `A directory that cannot be used is an error that says what to do`() throws {
  let folder = try HistoryFolder()
  func error(_ path: String) -> StorageError? {
    do throws(StorageError) {
      _ = try HistoryStore(directory: path, limits: HistoryLimits(), now: World.epoch)
      return nil
    } catch {
      return error
    }
  }
  let missing = error(folder.file("no/such"))
  #expect(missing == .noDirectory(path: folder.file("no/such"), cause: "No such file or directory"))
  #expect(missing?.description.contains("create it") == true)
  try folder.write([1], to: "plain")
  #expect(error(folder.file("plain")) == .notADirectory(path: folder.file("plain")))
  #expect(error("/proc/self")?.description.contains("/proc/self/lock cannot be used") == true)
  chmod(folder.path, 0o777)
  #expect(error(folder.path) == .openToAll(path: folder.path))
  chmod(folder.path, 0o755)
  #expect(error(folder.path) == nil)
  #expect(error(folder.file("made")) == nil)
}

@Test func `Others cannot read the files`() throws {
  let (folder, _) = try played()
  for name in ["records", "notes", "lock"] { #expect(try folder.permissions(name) == 0o600) }
}
