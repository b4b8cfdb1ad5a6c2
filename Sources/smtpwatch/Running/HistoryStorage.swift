import Base
import Configuration
import Logging
import Model
import Monitor

/// The stored history as the running monitor looks after it.
struct HistoryStorage: Sendable {
  let store: HistoryStore
  private let logger: Logger

  /// How often the disk is waited for: what a failure of power may cost.
  private static let interval: Duration = .seconds(10)

  /// Opens the history in a directory, and says what is odd about it.
  init(directory: String, settings: HistorySettings, logger: Logger) throws(StorageError) {
    store = try HistoryStore(
      directory: directory, limits: HistoryLimits(settings),
      now: Timestamp(microseconds: WallClock.microseconds()))
    self.logger = logger
    for file in store.setAside {
      logger.error(
        "A file of the history was damaged and is set aside; a new one begins", metadata: ["file": "\(file)"])
    }
  }

  /// Waits for the disk again and again, and tells of trouble once. It ends when it is cancelled.
  func look() -> Task<Void, Never> {
    Task.detached { [self] in
      var known = HistoryHealth()
      repeat {
        // What was written stays with the kernel, which hands it to the disk.
        store.releaseMemory()
        store.sync()
        store.expire(at: Timestamp(microseconds: WallClock.microseconds()))
        let health = store.health
        tell(health, after: known)
        known = health
      } while (try? await Task.sleep(for: Self.interval)) != nil
    }
  }

  private func tell(_ health: HistoryHealth, after known: HistoryHealth) {
    if health.dropped > known.dropped {
      logger.error(
        "Pieces of the history were torn or flipped, and are left out",
        metadata: ["count": "\(health.dropped - known.dropped)"])
    }
    if let trouble = health.trouble, trouble != known.trouble {
      logger.error("The history is not stored whole", metadata: ["error": "\(trouble)"])
    } else if health.trouble == nil, known.trouble != nil {
      logger.info("The history is stored whole again")
    }
  }
}

extension HistoryLimits {
  /// The limits that the configuration sets.
  init(_ settings: HistorySettings) {
    self.init(results: settings.results, transcripts: settings.transcripts)
  }
}
