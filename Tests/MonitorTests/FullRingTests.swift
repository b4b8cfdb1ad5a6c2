import Foundation
import Model
import Testing

@testable import Monitor

/// The process's own memory in bytes: what no file backs.
private func ownMemory() throws -> Int {
  let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
  let line = status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") }
  return try #require(
    line?.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap { Int($0) })
    * 1024
}

private func result(of target: Target, round: Int, _ random: inout SeededRandom) -> ProbeResult {
  var result = ProbeResult.sample(
    at: 60 * round, target: target,
    change: {
      $0.startedAt = $0.startedAt + .microseconds(Int64.random(in: 0..<60_000_000, using: &random))
      $0.duration = .microseconds(Int64.random(in: 80_000..<140_000, using: &random))
      $0.family = .ipv4
      $0.reply = ReplyFacts(code: 235, enhanced: "2.7.0", text: "2.7.0 Authentication successful")
    })
  for phase in [Phase.dns, .connect, .tls, .banner, .ehlo, .starttls, .ehloTls, .auth, .quit] {
    result.phases[phase] = .microseconds(Int64.random(in: 8000..<26_000, using: &random))
  }
  // Failures are kept whole besides, which is not the ring's.
  if round % 40 == 39 { (result.outcome, result.reason) = (.degraded, .slow) }
  return result
}

@Test func `A record in memory takes less than half of one in a file`() throws {
  var random = SeededRandom(state: 1)
  var (bytes, block) = (0, RecordBlock())
  for round in 0..<1600 {
    if block.isFull { block = RecordBlock() }
    block.append(ResultRecord(sequence: 1, result: result(of: .sample(), round: round, &random)))
    if block.isFull { bytes += block.size }
  }
  #expect(bytes / 1600 < ResultRecord.Layout.words * 8 / 2)
}

/// Not a test of every run: it takes a minute, and needs the process for itself.
///
///     SMTPWATCH_FULL_RINGS=1 swift test --filter FullRing
@Test(.enabled(if: ProcessInfo.processInfo.environment["SMTPWATCH_FULL_RINGS"] != nil))
func `Full rings of ten thousand targets take what a ring of packed records takes`() throws {
  var random = SeededRandom(state: 1)
  let targets = (0..<10_000).map { Target.sample("t\($0)") }
  let board = Board(limits: HistoryLimits(results: 128))
  board.replace(targets: targets)
  let empty = try ownMemory()
  var first = 0
  for round in 0..<150 {
    for target in targets { board.record(result(of: target, round: round, &random), nextRunAt: nil) }
    if round == 0 { first = try ownMemory() }
  }
  let full = try ownMemory()
  print(
    "FULL RINGS", "empty \(empty >> 20) MiB", "first round +\((first - empty) >> 20) MiB",
    "rings +\((full - first) >> 20) MiB", "a record \((full - first) / 10_000 / 128) B")
  // With the 140 MiB that these targets take after a first round, well below 220.
  #expect(full - first < 72 << 20)
}
