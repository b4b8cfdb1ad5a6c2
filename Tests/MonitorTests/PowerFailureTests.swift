import Foundation
import Model
import Testing

@testable import Monitor

/// The two files as they were at one moment.
private struct Image {
  var files: [String: [UInt8]]

  init(_ folder: HistoryFolder) throws {
    files = [:]
    for name in ["records", "notes"] { files[name] = try folder.bytes(name) }
  }

  /// What a disk may have when the power fails between the first of these moments, which it has wholly, and the
  /// last: of each page the state at any of them, and where `tears` says so, of some pages the first sectors at one
  /// and the rest at another. A file is as long as at any of them.
  static func mixed(
    _ images: [Image], tears: Bool, _ random: inout SeededRandom, into folder: HistoryFolder
  ) throws {
    for name in ["records", "notes"] {
      let states = images.compactMap { $0.files[name] }
      var disk = [UInt8](repeating: 0, count: states.map(\.count).randomElement(using: &random) ?? 0)
      for page in stride(from: 0, to: disk.count, by: 4096) {
        let end = min(page + 4096, disk.count)
        let tear =
          tears && Int.random(in: 0..<4, using: &random) == 0
          ? min(end, page + 512 * Int.random(in: 1..<8, using: &random)) : end
        for part in [page..<tear, tear..<end] where !part.isEmpty {
          let state = states.randomElement(using: &random) ?? []
          for place in part where place < state.count { disk[place] = state[place] }
        }
      }
      try folder.write(disk, to: name)
    }
  }
}

@Test(arguments: [false, true], 0..<12)
func `After a failure of power everything is there that the disk had been waited for`(tears: Bool, seed: Int)
  throws
{
  var random = SeededRandom(state: UInt64(1000 + seed))
  let folder = try HistoryFolder()
  let limits = HistoryLimits(results: 64, transcripts: 6)
  let targets = ["a", "b", "c", "d", "e"].map { Target.sample($0) }
  let store = try HistoryStore(directory: folder.path, limits: limits, now: World.epoch)
  let board = Board(limits: limits, store: store, wallClock: { World.epoch })
  board.replace(targets: targets)
  var second = 0
  /// All that was ever shown, as it was shown.
  var shown: [String: [Shown]] = [:]
  func play(_ count: Int) {
    for _ in 0..<count {
      for target in targets { board.record(.full(of: target, at: second, &random), nextRunAt: nil) }
      second += 1
      for target in targets { board.shown(target.name).map { shown[target.name, default: []].append($0) } }
    }
  }
  play(.random(in: 1...90, using: &random))
  store.sync()
  let kept = targets.compactMap { board.shown($0.name) }
  var images = [try Image(folder)]
  for _ in 0..<4 {
    play(.random(in: 1...8, using: &random))
    images.append(try Image(folder))
  }
  for _ in 0..<6 {
    let after = try HistoryFolder()
    try Image.mixed(images, tears: tears, &random, into: after)
    let found = try after.board(targets, limits: limits)
    for (target, before) in zip(targets, kept) {
      let now = try #require(found.shown(target.name))
      let past = try #require(shown[target.name])
      check(now, against: before, past, capacity: UInt64(limits.results))
    }
    // It goes on.
    for target in targets { found.record(.full(of: target, at: second + 1, &random), nextRunAt: nil) }
    #expect(found.snapshot().monitor.history?.trouble == nil)
  }
}

/// Nothing is shown that never was, and nothing is missing that the disk had, but what made room for the later.
private func check(_ now: Shown, against kept: Shown, _ past: [Shown], capacity: UInt64) {
  let end = past[past.count - 1]
  var records: [UInt64: ResultRecord] = [:]
  for moment in past { for record in moment.records { records[record.sequence] = record } }
  #expect(now.records.allSatisfy { records[$0.sequence] == $0 })
  let newest = end.records.first?.sequence ?? 0
  let found = Set(now.records.map(\.sequence))
  for record in kept.records where record.sequence + capacity > newest {
    #expect(found.contains(record.sequence), "record \(record.sequence) of \(newest)")
  }
  #expect((kept.counters.runs...end.counters.runs).contains(now.counters.runs))
  let wholes = past.flatMap { $0.transcripts + [$0.last, $0.lastFailure].compactMap(\.self) }
  for result in now.transcripts + [now.last, now.lastFailure].compactMap(\.self)
  where !wholes.contains(result) {
    // Of some only the record reached the disk: as much is shown as it tells.
    #expect(result.transcript.isEmpty && result.address == nil)
    #expect(records.values.contains { $0 == ResultRecord(sequence: $0.sequence, result: result) })
  }
  #expect(now.last.map { last in kept.last.map { last.startedAt >= $0.startedAt } ?? true } ?? false)
  #expect(
    now.lastSuccessAt.map { at in kept.lastSuccessAt.map { at >= $0 } ?? true } ?? (kept.lastSuccessAt == nil)
  )
  let events = now.events.map(\.at)
  for event in kept.events where end.events.contains(event) { #expect(events.contains(event.at)) }
}
