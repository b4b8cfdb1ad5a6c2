import Foundation

/// What changes when a file is written, replaced, or comes to lie behind another link, as mounted secrets do.
package struct FileStamp: Sendable, Equatable {
  private var path: String
  private var size: UInt64?
  private var modified: Date?
  private var number: Int?

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

  /// The stamps of files as they are now. Those of `earlier` stay: where a file changes while it is read, its old
  /// stamp tells so.
  package init(of files: [String], keeping earlier: FileStamps = FileStamps()) {
    for file in files { stamps[file] = earlier.stamps[file] ?? FileStamp(file) }
  }

  /// The stamps of the same files as they are now.
  package var renewed: FileStamps { FileStamps(of: Array(stamps.keys)) }

  /// Whether a file is not what it was; one that is not known is not.
  package func hasChanged(_ file: String) -> Bool { stamps[file].map { $0 != FileStamp(file) } ?? false }
}

extension Settings {
  /// Every file that another reading would look at first: those of the settings, and those that its patterns find
  /// now.
  package var watchedFiles: [String] {
    Array(Set(files + targetFilePatterns.flatMap { $0.files() })).sorted()
  }
}
