import Configuration

/// The files that the running configuration was read from, and whether they have changed since.
struct WatchedFiles: Sendable {
  private var settings: Settings
  /// As they were when they were read.
  private var stamps: FileStamps
  /// As they were when they were last seen to differ: whoever still writes is waited for.
  private var changing: FileStamps?

  init(_ settings: Settings) {
    self.settings = settings
    stamps = FileStamps(of: settings.watchedFiles)
  }

  /// Forgets how the files were: they are about to be read again.
  mutating func renew() {
    stamps = FileStamps(of: settings.watchedFiles)
    changing = nil
  }

  /// Takes the files of a new configuration; those that were known keep the stamp of before the reading.
  mutating func replace(_ settings: Settings) {
    self.settings = settings
    stamps = FileStamps(of: settings.watchedFiles, keeping: stamps)
  }

  /// What a look at the files tells.
  enum State {
    case unchanged
    /// Somebody may still be writing.
    case changing
    /// They have changed, and not since the last look.
    case changed
  }

  /// Looks at the files.
  ///
  /// - Parameter only: those that matter; nil means all, with those that the patterns find now.
  mutating func look(only: [String]?) -> State {
    if let only, !only.contains(where: stamps.hasChanged) { return .unchanged }
    let now = FileStamps(of: settings.watchedFiles)
    guard now != stamps else { return .unchanged }
    defer { changing = now }
    return changing == now ? .changed : .changing
  }
}
