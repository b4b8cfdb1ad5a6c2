import Base
import Foundation
import Testing

/// A folder of its own with a file `a` in it.
private func folder(mode: Int) throws -> String {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("base-\(UUID().uuidString)").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  try Data("old".utf8).write(to: URL(fileURLWithPath: "\(path)/a"))
  try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(path)/a")
  return path
}

@Test(arguments: [0o600, 0o640, 0o644])
func `a file is replaced whole, keeps its mode, and leaves nothing beside it`(mode: Int) throws {
  let folder = try folder(mode: mode)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try Data("left by a crash".utf8).write(to: URL(fileURLWithPath: "\(folder)/a.new"))
  try FileReplacement.replace("\(folder)/a", with: Array("new".utf8))
  #expect(try String(contentsOfFile: "\(folder)/a", encoding: .utf8) == "new")
  #expect(try FileManager.default.attributesOfItem(atPath: "\(folder)/a")[.posixPermissions] as? Int == mode)
  #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
}

@Test func `a link, a folder and what is missing are left alone`() throws {
  let folder = try folder(mode: 0o600)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  let link = "\(folder)/link"
  try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "\(folder)/a")
  for path in [link, folder] {
    #expect(throws: FileReplacementError.notAFile(path)) { try FileReplacement.replace(path, with: [1]) }
  }
  #expect(throws: FileReplacementError.system("\(folder)/b", errno: 2)) {
    try FileReplacement.replace("\(folder)/b", with: [1])
  }
  #expect(try String(contentsOfFile: link, encoding: .utf8) == "old")
}
