import Foundation

/// What changes when a file is written, replaced, or comes to lie behind another link, as mounted secrets do.
package struct FileStamp: Sendable, Equatable {
  private var path: String
  private var size: UInt64?
  private var modified: Date?
  private var number: Int?

  private init() { path = "" }

  /// What no file is like.
  static let unseen = FileStamp()

  /// The stamp of a file as it is now; that of a missing one has its path only.
  package init(_ path: String) {
    self.path = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    guard let attributes = try? FileManager.default.attributesOfItem(atPath: self.path) else { return }
    size = attributes[.size] as? UInt64
    modified = attributes[.modificationDate] as? Date
    number = attributes[.systemFileNumber] as? Int
  }
}

/// The files that settings come from, as they were when the settings were read.
package struct FileStamps: Sendable, Equatable {
  private var stamps: [String: FileStamp] = [:]

  /// No files.
  package init() {}

  /// The stamps of files as they are now. Where `earlier` ones were taken before the files were read they stay, so
  /// that a file that changes meanwhile is seen to: one that appeared meanwhile too, whatever was read of it.
  package init(of files: [String], keeping earlier: FileStamps? = nil) {
    for file in files { stamps[file] = earlier.map { $0.stamps[file] ?? .unseen } ?? FileStamp(file) }
  }

  /// The stamps of the same files as they are now.
  package var renewed: FileStamps { FileStamps(of: Array(stamps.keys)) }

  /// Whether a file is not what it was; one that is not known is not.
  package func hasChanged(_ file: String) -> Bool { stamps[file].map { $0 != FileStamp(file) } ?? false }
}

extension Settings {
  /// The files of `target_files` that the patterns find now.
  package var listFiles: [String] { Array(Set(targetFilePatterns.flatMap { $0.files() })).sorted() }

  /// Every file that another reading would look at first: those of the settings, and those that its patterns find
  /// now.
  package var watchedFiles: [String] { Array(Set(files + listFiles)).sorted() }

  /// The folders in which something happens when one of the files changes, links and folders on the way included.
  package var watchedFolders: Set<String> {
    var folders = Set(targetFilePatterns.flatMap { $0.folders() })
    for file in watchedFiles {
      let path = URL(fileURLWithPath: file)
      for path in [path, path.resolvingSymlinksInPath()] { folders.formUnion(Self.folders(above: path)) }
    }
    return folders
  }

  private static func folders(above file: URL) -> [String] {
    sequence(first: file.deletingLastPathComponent()) { folder in
      folder.path == "/" ? nil : folder.deletingLastPathComponent()
    }.map(\.path)
  }
}
