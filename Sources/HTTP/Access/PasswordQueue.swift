import Base
import CCrypt

/// Compares passwords with hashes of bcrypt, one after the other and away from the threads that serve: each takes
/// tens of milliseconds of a core, or seconds where the hash says so.
actor PasswordQueue {
  private static let mostWaiting = 64

  private nonisolated let waiting = Locked(0)

  /// Compares; false where too many wait already, and nothing is called.
  nonisolated func compare(_ password: String, hash: String, then: @escaping @Sendable (Bool) -> Void) -> Bool
  {
    let isAdmitted = waiting.withLock { waiting in
      guard waiting < Self.mostWaiting else { return false }
      waiting += 1
      return true
    }
    guard isAdmitted else { return false }
    Task.detached(priority: .utility) { [self] in
      let matches = await matches(password, hash)
      waiting.withLock { $0 -= 1 }
      then(matches)
    }
    return true
  }

  private func matches(_ password: String, _ hash: String) -> Bool {
    unsafe ccrypt_matches(password, hash) != 0
  }
}
