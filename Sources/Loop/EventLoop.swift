package import Base
import CLinux
import Glibc
import Synchronization

/// One thread that waits for descriptors and deadlines, and runs the tasks that use them.
///
/// Whatever a probe does stands in functions with a parameter `on loop: isolated EventLoop`; its root is
/// `Task(executorPreference: loop.executor)`, or `EventLoop.run`.
@safe package actor EventLoop {
  /// Called once at a timer's deadline with `timedOut`, or with `ended` at the loop's end.
  package typealias TimerHandler = (WaitOutcome, isolated EventLoop) -> Void
  /// Called at each event of a watched descriptor.
  package typealias WatchHandler = (Readiness, isolated EventLoop) -> Void

  /// The preference of every task that uses the loop.
  package nonisolated let executor: EventLoopExecutor
  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    unsafe executor.asUnownedSerialExecutor()
  }

  /// Where the tasks of this loop may receive what they use up before they wait again.
  package let receiveBuffer = ReceiveBuffer()

  /// How long bytes had lain in the kernel when tasks took them. Phases do not feel it: they end with the kernel's
  /// stamps.
  package nonisolated let observationLag = Locked(Histogram())

  /// The number of the wake-up descriptor, which no wait can have.
  private static let wakeID = UInt64.max

  let epoll: Descriptor
  /// An idle socket that asks for stamps of arrivals. The kernel takes them only while some socket wants them,
  /// and is slow to begin: without this one the first bytes after a quiet time would have none.
  private let stampKeeper: Descriptor
  /// Where the kernel writes the events of a turn.
  private var events = unsafe [epoll_event](repeating: epoll_event(), count: 512)
  private nonisolated let turnTime: Atomic<Int64>
  private var table = WaitTable()
  private var timers = TimerHeap()
  /// The sockets, of which the kernel tells by itself.
  var attachments = AttachmentTable()
  /// The last wait for each descriptor number. It may be of a closed descriptor: then the kernel says so.
  private var registered: [WaitID?] = []
  private var hasEnded = false

  /// A loop that does nothing until `run()`.
  package init() throws(SystemError) {
    executor = try EventLoopExecutor()
    epoll = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), of: "epoll_create1")
    stampKeeper = try Descriptor(
      socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0), of: "socket")
    _ = clinux_stamp_arrivals(stampKeeper.rawValue)
    turnTime = Atomic(MonotonicInstant.now().nanoseconds)
    var event = unsafe epoll_event(
      events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data(u64: Self.wakeID))
    guard unsafe epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, executor.wakeDescriptor, &event) == 0 else {
      throw .last("epoll_ctl")
    }
  }

  /// Waits on the calling thread until `stop()`. Then every wait ends with `.ended`, the tasks have one more go,
  /// and later waits end at once. A loop runs once; a task that resumes after its end stays where it is.
  package nonisolated func run() {
    executor.enter()
    defer { executor.leave() }
    while true {
      let progress = executor.runJobs()
      if progress == .stopping { break }
      // Two closures that capture nothing, because one that does takes memory each turn.
      if progress == .idle {
        assumeIsolated { $0.turn(mayBlock: true) }
      } else {
        assumeIsolated { $0.turn(mayBlock: false) }
      }
    }
    assumeIsolated { $0.end() }
    executor.runRemaining()
  }

  /// Ends `run()`, from any thread.
  package nonisolated func stop() { executor.stop() }

  /// When the loop last looked for events. It does so once a second at the least, unless a task holds it up.
  package nonisolated var lastTurn: MonotonicInstant {
    MonotonicInstant(nanoseconds: turnTime.load(ordering: .relaxed))
  }

  // MARK: Waits

  /// Waits until a descriptor is ready or the deadline has come. What is ready by then counts as ready, even
  /// where the deadline lies in the past. A descriptor is waited for by one task at a time.
  package func wait(
    for descriptor: borrowing Descriptor, _ readiness: Readiness, until deadline: MonotonicInstant
  ) async -> WaitOutcome {
    let number = descriptor.rawValue
    return unsafe await withUnsafeContinuation { continuation in
      guard let id = unsafe insert(.task(continuation), until: deadline) else {
        return unsafe continuation.resume(returning: .ended)
      }
      if !register(number, readiness.rawValue | EPOLLONESHOT.rawValue, id) {
        conclude(id, .ended)
      }
    }
  }

  /// Waits until a socket is ready or the deadline has come. What is ready by then counts as ready, even where the
  /// deadline lies in the past. A socket is waited for by one task at a time.
  ///
  /// It ends at once where the socket has become ready since it was last waited for, and that may have been used up
  /// meanwhile: whoever waits tries, and waits again.
  package func wait(
    for attachment: Attachment, _ readiness: Readiness, until deadline: MonotonicInstant
  ) async -> WaitOutcome {
    if !hasEnded, let moment = attachments.take(readiness, of: attachment) { return .ready(at: moment) }
    return unsafe await withUnsafeContinuation { continuation in
      guard let id = unsafe insert(.task(continuation), until: deadline) else {
        return unsafe continuation.resume(returning: .ended)
      }
      if let last = attachments.lastWait(for: attachment) {
        precondition(!table.isLive(last), "two waits for descriptor \(attachment.number)")
      }
      attachments.begin(id, for: readiness, of: attachment)
    }
  }

  /// Waits until a moment; false when the loop ended before.
  package func sleep(until deadline: MonotonicInstant) async -> Bool {
    let outcome = unsafe await withUnsafeContinuation { continuation in
      if unsafe insert(.task(continuation), until: deadline) == nil {
        unsafe continuation.resume(returning: WaitOutcome.ended)
      }
    }
    return outcome == .timedOut
  }

  // MARK: Callbacks

  /// What cancels a timer.
  package struct TimerID: Sendable, Hashable {
    let wait: WaitID
  }

  /// Calls a function at a moment, or at the loop's end; nil where that has been.
  package func schedule(at deadline: MonotonicInstant, _ handler: @escaping TimerHandler) -> TimerID? {
    insert(.timer(handler), until: deadline).map(TimerID.init)
  }

  /// Makes sure that a timer does not fire any more.
  package func cancel(_ timer: TimerID) { _ = table.remove(timer.wait) }

  /// Calls a function whenever a descriptor is ready, until `unwatch`, in place of what watched it before.
  /// False where the kernel refuses, or the loop has ended.
  @discardableResult
  package func watch(_ number: Int32, _ readiness: Readiness, _ handler: @escaping WatchHandler) -> Bool {
    if registered.indices.contains(Int(number)), let last = registered[Int(number)] {
      _ = table.remove(last)
    }
    guard let id = insert(.watch(handler), until: .distantFuture) else { return false }
    guard register(number, readiness.rawValue, id) else {
      _ = table.remove(id)
      return false
    }
    return true
  }

  /// Ends a watch. Call it before the descriptor is closed.
  package func unwatch(_ number: Int32) {
    guard registered.indices.contains(Int(number)), let id = registered[Int(number)].take() else { return }
    _ = table.remove(id)
    var unused = unsafe epoll_event()
    _ = unsafe epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, number, &unused)
  }

  // MARK: The machine

  private func insert(_ waiter: Waiter, until deadline: MonotonicInstant) -> WaitID? {
    guard !hasEnded else { return nil }
    let hasDeadline = deadline != .distantFuture
    let id = table.insert(waiter, hasDeadline: hasDeadline)
    if hasDeadline {
      timers.insert(TimerHeap.Entry(deadline: deadline.nanoseconds, wait: id))
      timers.compact(live: table.deadlines) { table.isLive($0) }
    }
    return id
  }

  /// Tells the kernel which wait the next event of a descriptor is for. A number seen before is most likely
  /// still registered; if it was closed meanwhile, the kernel has forgotten it.
  private func register(_ number: Int32, _ events: UInt32, _ id: WaitID) -> Bool {
    let index = Int(number)
    while registered.count <= index { registered.append(nil) }
    let last = registered[index]
    registered[index] = id
    var event = unsafe epoll_event(events: events, data: epoll_data(u64: id.rawValue))
    if let last {
      precondition(!table.isLive(last), "two waits for descriptor \(number)")
      if unsafe epoll_ctl(epoll.rawValue, EPOLL_CTL_MOD, number, &event) == 0 { return true }
      guard errno == ENOENT else { return false }
    }
    return unsafe epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, number, &event) == 0
  }

  /// Waits for events no longer than to the next deadline, and tells whom they concern.
  private func turn(mayBlock: Bool) {
    let timeout = mayBlock ? timeToNextDeadline() : 0
    let count = unsafe epoll_wait(epoll.rawValue, &events, Int32(events.count), timeout)
    precondition(count >= 0 || errno == EINTR, "epoll_wait: \(SystemError.last("epoll_wait"))")
    let now = MonotonicInstant.now()
    turnTime.store(now.nanoseconds, ordering: .relaxed)
    for index in 0..<max(0, Int(count)) {
      let event = unsafe events[index]
      guard unsafe event.data.u64 != Self.wakeID else { continue }
      if let attachment = unsafe Attachment(rawValue: event.data.u64) {
        unsafe note(event.events, of: attachment, at: now)
        continue
      }
      let id = unsafe WaitID(rawValue: event.data.u64)
      if case .watch(let handler) = table.waiter(id) {
        unsafe handler(Readiness(rawValue: event.events), self)
      } else {
        conclude(id, .ready(at: now))
      }
    }
    while let next = timers.first, next.deadline <= now.nanoseconds {
      timers.removeFirst()
      conclude(next.wait, .timedOut)
    }
  }

  private func note(_ events: UInt32, of attachment: Attachment, at now: MonotonicInstant) {
    guard let id = attachments.note(events, of: attachment, at: now), table.isLive(id) else { return }
    attachments.takeWanted(of: attachment)
    conclude(id, .ready(at: now))
  }

  /// Milliseconds, rounded up; a second at most, so that `lastTurn` proves that the loop is alive.
  private func timeToNextDeadline() -> Int32 {
    while let next = timers.first, !table.isLive(next.wait) { timers.removeFirst() }
    guard let next = timers.first else { return 1000 }
    let nanoseconds = next.deadline.subtractingReportingOverflow(MonotonicInstant.now().nanoseconds)
    guard !nanoseconds.overflow, nanoseconds.partialValue > 0 else { return 0 }
    return Int32(min(1000, (nanoseconds.partialValue - 1) / 1_000_000 + 1))
  }

  private func conclude(_ id: WaitID, _ outcome: WaitOutcome) {
    if let waiter = table.remove(id) { tell(waiter, outcome) }
  }

  private func tell(_ waiter: Waiter, _ outcome: WaitOutcome) {
    switch waiter {
    case .task(let continuation): unsafe continuation.resume(returning: outcome)
    case .timer(let handler): handler(outcome, self)
    case .watch: break
    }
  }

  private func end() {
    hasEnded = true
    for waiter in table.removeAll() { tell(waiter, .ended) }
  }
}

extension EventLoop {
  /// Runs a loop on the calling thread for as long as `body` takes.
  package static func run<Output: Sendable>(
    _ body: @escaping @Sendable (isolated EventLoop) async -> Output
  ) throws(SystemError) -> Output {
    let loop = try EventLoop()
    let output = Locked<Output?>(nil)
    Task(executorPreference: loop.executor) {
      let value = await body(loop)
      output.withLock { $0 = value }
      loop.stop()
    }
    loop.run()
    guard let value = output.withLock({ $0 }) else {
      preconditionFailure("the body stopped the loop and went on to wait elsewhere")
    }
    return value
  }
}
