import Glibc

/// A thread that does something again and again until it is stopped. Not a task: what keeps the server free must not
/// wait for other work.
@safe final class Sweeper: Sendable {
  private let thread: pthread_t
  private let work: Work

  private final class Work: Sendable {
    let interval: Duration
    let body: @Sendable () -> Void
    /// A pipe: its other end closes when it is over.
    let pipe: (waits: Int32, ends: Int32)

    init(interval: Duration, body: @escaping @Sendable () -> Void) {
      self.interval = interval
      self.body = body
      var ends: [Int32] = [-1, -1]
      let status = unsafe Glibc.pipe(&ends)
      precondition(status == 0, "pipe: no descriptor is left")
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      pipe = (ends[0], ends[1])
    }

    deinit { close(pipe.waits) }

    func run() {
      let milliseconds = Int32(interval / .milliseconds(1))
      var event = pollfd(fd: pipe.waits, events: Int16(POLLIN), revents: 0)
      while unsafe poll(&event, 1, milliseconds) <= 0 { body() }
    }
  }

  /// Begins, at the end of the first interval.
  init(every interval: Duration, _ body: @escaping @Sendable () -> Void) {
    let work = Work(interval: interval, body: body)
    self.work = work
    var thread = pthread_t()
    let status = unsafe pthread_create(
      &thread, nil,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<Work>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(work).toOpaque())
    precondition(status == 0, "pthread_create: \(status)")
    self.thread = thread
  }

  /// Ends it and joins the thread. To be called once.
  func stop() {
    close(work.pipe.ends)
    pthread_join(thread, nil)
  }
}
