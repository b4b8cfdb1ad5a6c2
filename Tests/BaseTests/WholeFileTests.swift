import Base
import Foundation
import Testing

/// A folder of its own, which the caller removes.
private func folder() throws -> String {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("whole-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  return path
}

@Test func `a file is read to its end, however long it is`() throws {
  let folder = try folder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  for count in [0, 1, 16_384, 100_000] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
    try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/a"))
    #expect(try WholeFile.read("\(folder)/a") == bytes)
  }
  #expect(throws: WholeFile.Fault.system(errno: ENOENT)) { try WholeFile.read("\(folder)/b") }
  #expect(throws: WholeFile.Fault.system(errno: EISDIR)) { try WholeFile.read(folder) }
}

@Test func `a pipe is read while somebody writes into it, and given up where nobody does`() throws {
  let folder = try folder()
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let pipe = "\(folder)/pipe"
  try #require(mkfifo(pipe, 0o600) == 0)
  #expect(throws: WholeFile.Fault.silent) { try WholeFile.read(pipe, patience: .milliseconds(20)) }
  let writer = Thread { try? Data("late".utf8).write(to: URL(fileURLWithPath: pipe)) }
  writer.start()
  #expect(try WholeFile.read(pipe, patience: .seconds(60)) == Array("late".utf8))
}
