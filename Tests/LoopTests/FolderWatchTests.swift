import Base
import Foundation
import Testing

@testable import Loop

struct FolderWatchTests {
  /// What a watch over a folder of its own tells after each change; nothing may be told where nothing is done.
  @Test(arguments: Change.allCases) func `a change is told, and rest is not`(change: Change) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try Data("old".utf8).write(to: folder.appendingPathComponent("there"))
    let (before, after) = try EventLoop.run { loop -> (WaitOutcome, WaitOutcome) in
      guard var watch = try? FolderWatch(), watch.watch([folder.path, "\(folder.path)/missing"]) else {
        return (.ended, .ended)
      }
      let before = await watch.wait(until: .now(), on: loop)
      guard (try? change.make(in: folder)) != nil else { return (before, .ended) }
      let after = await watch.wait(until: .now().advanced(by: .seconds(30)), on: loop)
      return (before, after)
    }
    #expect(before == .timedOut)
    guard case .ready = after else { return #expect(Bool(false), "\(change): \(after)") }
  }

  @Test func `a folder is new once, and again when another one has taken its place`() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("watch-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    var watch = try FolderWatch()
    var isNew = [watch.watch([folder.path])]
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for _ in 0..<2 { isNew.append(watch.watch([folder.path])) }
    // The old one lives on under another name, so that the new one cannot get its number on the disk.
    let old = folder.appendingPathExtension("old")
    try FileManager.default.moveItem(at: folder, to: old)
    defer { try? FileManager.default.removeItem(at: old) }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for _ in 0..<2 { isNew.append(watch.watch([folder.path])) }
    #expect(isNew == [false, true, false, true, false])
  }

  /// What can happen to a file.
  enum Change: CaseIterable {
    case write, make, replace, remove, swapLink

    func make(in folder: URL) throws {
      let (file, other) = (folder.appendingPathComponent("there"), folder.appendingPathComponent("other"))
      switch self {
      case .write: try Data("new".utf8).write(to: file)
      case .make: try Data("new".utf8).write(to: other)
      case .replace: try Data("new".utf8).write(to: file, options: .atomic)
      case .remove: try FileManager.default.removeItem(at: file)
      case .swapLink:
        try FileManager.default.createSymbolicLink(at: other, withDestinationURL: file)
      }
    }
  }
}
