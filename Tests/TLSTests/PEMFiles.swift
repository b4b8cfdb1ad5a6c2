import Foundation

/// Files of a test in a directory of their own, which goes with it.
final class PEMFiles {
  private let directory: URL

  init(_ files: [String: String]) throws {
    directory = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: directory.appending(path: name)) }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// The path of a file, whether or not it exists.
  subscript(name: String) -> String { directory.appending(path: name).path }

  /// The directory itself.
  var path: String { directory.path }
}
