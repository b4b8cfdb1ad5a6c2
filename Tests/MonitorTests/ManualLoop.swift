import Base

/// An actor whose jobs run when a test says so, on the test's own thread: nothing depends on timing.
actor ManualLoop {
  nonisolated let executor = ManualExecutor()
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
}

final class ManualExecutor: SerialExecutor, TaskExecutor {
  private let jobs = Locked<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// Runs jobs until there are none.
  func drain() {
    while true {
      let batch = jobs.withLock { jobs in
        let batch = jobs
        jobs = []
        return batch
      }
      guard !batch.isEmpty else { return }
      for job in batch {
        job.runSynchronously(isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      }
    }
  }

  // One test, one thread.
  func checkIsolated() {}
  func isIsolatingCurrentContext() -> Bool? { true }
}
