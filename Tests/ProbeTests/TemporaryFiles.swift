import Foundation

/// Files of a test in a directory of their own, which goes with this value.
final class TemporaryFiles: Sendable {
  private let directory = FileManager.default.temporaryDirectory.appending(path: "probe-\(UUID().uuidString)")

  init(_ files: [String: String]) throws {
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: directory.appending(path: name)) }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// The path of a file.
  subscript(name: String) -> String { directory.appending(path: name).path }
}
