import Foundation
import Testing

@testable import Configuration

@Test func `a file that is written, replaced, made or removed has changed`() throws {
  let folder = try Folder(["a": "one", "b": "two", "c": "three"])
  let file = { (name: String) in "\(folder.path)/\(name)" }
  let stamps = FileStamps(of: ["a", "b", "c", "new"].map(file))
  #expect(stamps == stamps.renewed)
  try Data("longer".utf8).write(to: URL(fileURLWithPath: file("a")))
  try FileManager.default.removeItem(atPath: file("b"))
  try Data("made".utf8).write(to: URL(fileURLWithPath: file("new")))
  #expect(["a", "b", "c", "new"].map { stamps.hasChanged(file($0)) } == [true, true, false, true])
  #expect(stamps != stamps.renewed)
  #expect(!stamps.hasChanged(file("unknown")))
}

@Test func `a link that points elsewhere is another file, as with mounted secrets`() throws {
  let folder = try Folder(["old": "same", "new": "same"])
  let link = "\(folder.path)/secret"
  try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(folder.path)/old")
  let stamp = FileStamp(link)
  try FileManager.default.removeItem(atPath: link)
  try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(folder.path)/new")
  #expect(FileStamp(link) != stamp)
}

@Test func `files known before keep their old stamp`() throws {
  let folder = try Folder(["a": "one"])
  let path = "\(folder.path)/a"
  let before = FileStamps(of: [path])
  try Data("longer".utf8).write(to: URL(fileURLWithPath: path))
  #expect(FileStamps(of: [path, "\(folder.path)/b"], keeping: before).hasChanged(path))
}

@Test func `a file that appeared while others were read has changed, whatever was read of it`() throws {
  let folder = try Folder(["a": "one"])
  let path = { (name: String) in "\(folder.path)/\(name)" }
  let before = FileStamps(of: [path("a")])
  try Data("whole by now".utf8).write(to: URL(fileURLWithPath: path("b")))
  let after = FileStamps(of: [path("a"), path("b")], keeping: before)
  #expect(after.hasChanged(path("b")) && !after.hasChanged(path("a")))
}

@Test func `new files of a pattern are watched as soon as they are there`() throws {
  let folder = try Folder(["c.yml": "target_files: [\"t*.yml\"]", "t1.yml": "[{ host: a.example.com }]"])
  let settings = try Settings.load(file: "\(folder.path)/c.yml", environment: [:]).settings
  #expect(settings.watchedFiles == ["c.yml", "t1.yml"].map { "\(folder.path)/\($0)" })
  try Data().write(to: URL(fileURLWithPath: "\(folder.path)/t2.yml"))
  #expect(settings.watchedFiles.last == "\(folder.path)/t2.yml")
}
