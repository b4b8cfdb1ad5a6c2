import Base
import CLinux
import Glibc
import Synchronization

/// Runs the jobs of tasks on the thread of one event loop. As the executor of the loop's actor it isolates;
/// as the preference of a task it lets the task resume on the loop without a detour through a thread pool.
package final class EventLoopExecutor: SerialExecutor, TaskExecutor {
  private struct Inbox {
    var jobs: [UnownedJob] = []
    var isWakeSent = false
    var isStopping = false
  }

  private let inbox = Locked(Inbox())
  /// Memory for a batch, changed for the inbox's. Safe: only the thread in `run()` touches it.
  private nonisolated(unsafe) var spare: [UnownedJob] = []
  private let wake: Descriptor
  /// The thread in `run()`, 0 while there is none.
  private let thread = Atomic<UInt>(0)

  init() throws(SystemError) {
    wake = try Descriptor(eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)), of: "eventfd")
  }

  /// Becomes readable on each wake-up. Watched edge-triggered, it never has to be read.
  var wakeDescriptor: Int32 { wake.rawValue }

  /// Whether the caller is on the loop's thread.
  package var isOnLoop: Bool { thread.load(ordering: .relaxed) == pthread_self() }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let isOnLoop = isOnLoop
    let mustWake = inbox.withLock { inbox in
      inbox.jobs.append(job)
      guard !isOnLoop, !inbox.isWakeSent else { return false }
      inbox.isWakeSent = true
      return true
    }
    if mustWake { wakeUp() }
  }

  package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    unsafe UnownedSerialExecutor(ordinary: self)
  }

  package func checkIsolated() { precondition(isOnLoop, "called off the thread of the event loop") }

  package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

  /// Makes the calling thread the loop's.
  func enter() {
    let (entered, _) = thread.compareExchange(expected: 0, desired: pthread_self(), ordering: .relaxed)
    precondition(entered, "an event loop runs on one thread, once")
  }

  func leave() { thread.store(0, ordering: .relaxed) }

  /// Asks for the end of the loop, from any thread.
  func stop() {
    inbox.withLock { inbox in
      inbox.isStopping = true
      inbox.isWakeSent = true
    }
    wakeUp()
  }

  /// Runs the jobs that are due, and a few rounds of those that they bring about; more wait for the next turn,
  /// so that descriptors and timers have theirs.
  func runJobs(rounds: Int = 8) -> Progress {
    for _ in 0..<rounds {
      let (count, isStopping) = runBatch()
      if isStopping { return .stopping }
      if count == 0 { return .idle }
    }
    return .busy
  }

  /// Runs jobs until there are none.
  func runRemaining() {
    while runBatch().count > 0 {}
  }

  /// What there is left to do after some rounds of jobs.
  enum Progress {
    case idle, busy, stopping
  }

  private func runBatch() -> (count: Int, isStopping: Bool) {
    var jobs: [UnownedJob] = []
    unsafe swap(&jobs, &spare)
    let isStopping = inbox.withLock { inbox in
      swap(&inbox.jobs, &jobs)
      inbox.isWakeSent = false
      return inbox.isStopping
    }
    for job in jobs {
      unsafe job.runSynchronously(
        isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
    }
    let count = jobs.count
    jobs.removeAll(keepingCapacity: true)
    unsafe swap(&jobs, &spare)
    return (count, isStopping)
  }

  private func wakeUp() {
    var one: UInt64 = 1
    // It cannot fail but by overflow, and then the loop is awake anyway.
    _ = unsafe write(wake.rawValue, &one, 8)
  }
}
