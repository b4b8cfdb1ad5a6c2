import Configuration

/// The configuration in use: the files that it was read from, whether they have changed since, and what came from URLs.
struct ConfigurationInUse: Sendable {
  private var loaded: Loaded
  /// How much history there is room for, from the start to the end.
  private let history: HistorySettings
  /// What came last from each URL of `target_urls`, by name.
  private var fetched: [String: FetchedList] = [:]
  /// As they were when they were read: the lists of targets, and all files.
  private var stamps: Stamps
  /// As they were when they were last seen to differ: whoever still writes is waited for.
  private var changing: Stamps?

  /// The configuration file says something else than what is in use, and was refused.
  var isFileRefused = false

  private struct Stamps: Equatable {
    var lists: FileStamps
    var all: FileStamps

    init(_ settings: Settings, keeping earlier: Stamps? = nil) {
      lists = FileStamps(of: settings.listFiles, keeping: earlier?.lists)
      all = FileStamps(of: settings.watchedFiles, keeping: earlier?.all)
    }
  }

  init(_ loaded: Loaded) {
    self.loaded = loaded
    history = loaded.settings.history
    stamps = Stamps(loaded.settings)
  }

  /// Reads the configuration again, and forgets how the files were: what is written during the reading is seen as
  /// changed later.
  ///
  /// - Parameters:
  ///   - asked: a person wants it: then every fault refuses the whole. Otherwise a list that has turned bad keeps
  ///     its text in use, and so does the configuration file, whose fault is told to `refused`.
  ///   - all: the configuration file is read too, not the lists and secrets alone.
  mutating func read(
    _ source: SettingsSource, asked: Bool, all: Bool, refused: (ConfigurationError) -> Void
  ) throws(ConfigurationError) -> Loaded {
    stamps = Stamps(loaded.settings)
    changing = nil
    if asked { return try source.load(after: loaded, fetched: fetched) }
    do throws(ConfigurationError) {
      return try source.reload(loaded, fetched: fetched, all: all)
    } catch {
      guard all else { throw error }
      refused(error)
      return try source.reload(loaded, fetched: fetched, all: false)
    }
  }

  /// Takes a new configuration; files that were known keep the stamp of before the reading.
  mutating func replace(_ loaded: Loaded) {
    self.loaded = loaded
    stamps = Stamps(loaded.settings, keeping: stamps)
    let names = Set(loaded.settings.targetURLs.map(\.name))
    fetched = fetched.filter { names.contains($0.key) }
  }

  /// Notes what came from a URL; true where it is not what came before.
  mutating func note(_ answer: FetchedList, from name: String) -> Bool {
    // One that has left the configuration meanwhile.
    guard loaded.settings.targetURLs.contains(where: { $0.name == name }) else { return false }
    return fetched.updateValue(answer, forKey: name) != answer
  }

  /// What was said of this configuration already, lest the log repeats it whenever a list changes.
  var said: [Finding] { loaded.warnings + loaded.lists.flatMap(\.faults) }

  /// Whether it wants another history than there is room for, which a new start gives it.
  var wantsOtherHistory: Bool { loaded.settings.history != history }

  /// The URLs of lists.
  var urls: [TargetURL] { loaded.settings.targetURLs }

  /// The folders in which something happens when a file changes.
  var folders: Set<String> { loaded.settings.watchedFolders }

  /// What a look at the files tells.
  enum State {
    case unchanged
    /// Somebody may still be writing.
    case changing
    /// They have changed, and not since the last look.
    case changed
  }

  /// Looks at the files, those that the patterns find now included.
  ///
  /// - Parameters:
  ///   - all: every file matters; otherwise the lists of targets do, and `secrets`.
  mutating func look(all: Bool, secrets: [String]) -> State {
    let now = Stamps(loaded.settings)
    let differ =
      now.lists != stamps.lists
      || (all ? now.all != stamps.all : secrets.contains(where: stamps.all.hasChanged))
    guard differ else { return .unchanged }
    defer { changing = now }
    return changing == now ? .changed : .changing
  }
}
