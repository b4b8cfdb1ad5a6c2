import Glibc

/// Something that happens once, on any thread, and is waited for.
final class Happening: @unchecked Sendable {
  // Safe to send: a semaphore is made for several threads, and never moves.
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func raise() { sem_post(semaphore) }

  func wait() { while sem_wait(semaphore) != 0 {} }
}
