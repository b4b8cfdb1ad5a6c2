package import Base
package import Loop
package import Model
import Transfer

/// Looks for the test messages of all targets that want it, on a thread of its own: no probe and no scrape waits
/// for a mailbox.
package final class DeliveryWatch: Sendable {
  /// Tells what a process before this one knew of a target's messages.
  package typealias PastSupply = @Sendable (String) -> DeliveryTracker.Past?

  /// Told of what is new of a target, with all that is known of its messages; on the watch's thread.
  package typealias Handler = @Sendable (String, DeliveryTracker, [DeliveryTracker.News]) -> Void

  private struct State {
    /// By target.
    var trackers: [String: DeliveryTracker] = [:]
    var mailboxes: [String: MailboxSettings] = [:]
    var tasks: [MailboxSettings: Look] = [:]
    var loop: EventLoop?
    var client: TransferClient?
    var steps = CalendarSteps()

    /// Notes the time; where somebody has set the calendar, what is under way grows no older by it.
    mutating func note(_ time: Timestamp, _ moment: MonotonicInstant) {
      guard let step = steps.step(at: time, moment) else { return }
      for name in trackers.keys { trackers[name]?.calendarWasSet(by: step) }
    }
  }

  /// The work on one mailbox, for as long as it is to be done in this way.
  private struct Look {
    var interval: Duration
    var keys: [Secret?]
    var task: Task<Void, Never>
  }

  private let state = Locked(State())
  private let now: @Sendable () -> Timestamp
  private let moment: @Sendable () -> MonotonicInstant
  private let past: PastSupply
  private let tokens: MailboxTokens
  private let handler: Handler

  /// A watch over nothing.
  ///
  /// - Parameters:
  ///   - now: the calendar.
  ///   - moment: the clock that nobody sets.
  package init(
    now: @escaping @Sendable () -> Timestamp = { Timestamp(microseconds: WallClock.microseconds()) },
    moment: @escaping @Sendable () -> MonotonicInstant = { .now() },
    past: @escaping PastSupply = { _ in nil }, tokens: MailboxTokens = MailboxTokens(),
    handler: @escaping Handler
  ) {
    self.now = now
    self.moment = moment
    self.past = past
    self.tokens = tokens
    self.handler = handler
  }

  deinit {
    state.withLock { state in
      for look in state.tasks.values { look.task.cancel() }
      state.loop?.stop()
    }
  }

  /// Takes the targets of a new configuration. What is under way stays so as long as the target does.
  ///
  /// - Throws: where the system has no thread or descriptors to give.
  package func replace(targets: [Target]) throws(SystemError) {
    let wanted = targets.compactMap { target in target.settings.delivery.map { (target.name, $0) } }
    let (loop, client) = try resources(isNeeded: !wanted.isEmpty)
    let groups = Dictionary(grouping: wanted) { $0.1.mailbox }
    state.withLock { state in
      let old = state.trackers
      state.trackers = [:]
      state.mailboxes = [:]
      for (name, settings) in wanted {
        let (late, lost) = (settings.lateAfter, settings.lostAfter)
        state.trackers[name] =
          old[name]?.with(lateAfter: late, lostAfter: lost)
          ?? DeliveryTracker(
            lateAfter: late, lostAfter: lost, past: past(name),
            absentUntil: settings.mailbox.isOurs ? now() : nil)
        state.mailboxes[name] = settings.mailbox
      }
      var tasks = state.tasks
      state.tasks = [:]
      guard let loop, let client else { return tasks.values.forEach { $0.task.cancel() } }
      for (mailbox, members) in groups {
        let interval = members.map(\.1.pollInterval).min() ?? .seconds(30)
        let signatures = members.map { DeliveryTokens(for: $0.1) }
        let keys = members.map(\.1.key)
        if let running = tasks[mailbox], running.interval == interval, running.keys == keys {
          state.tasks[mailbox] = running
          tasks[mailbox] = nil
          continue
        }
        // An old task may hold the listener's address: it goes before its successor binds.
        let previous = tasks.removeValue(forKey: mailbox)?.task
        previous?.cancel()
        let note: @Sendable (Result<[Finding], MailboxError>) -> Void = { [weak self] in
          self?.note($0, in: mailbox)
        }
        // A key that ended with an earlier process has signed what is still under way.
        let isOurs: @Sendable (String) -> Bool = { [weak self] token in
          signatures.contains { $0.isOurs(token) } || self?.awaits(token) == true
        }
        let task = Task(executorPreference: loop.executor) { [tokens] in
          await previous?.value
          await Self.look(
            into: mailbox, every: interval, isOurs: isOurs, with: client, tokens, on: loop, note: note)
        }
        state.tasks[mailbox] = Look(interval: interval, keys: keys, task: task)
      }
      tasks.values.forEach { $0.task.cancel() }
    }
    for (name, _) in wanted { publish(name, []) }
  }

  /// A server took a message of a target over.
  package func sent(_ token: String, of target: String, _ name: DeliveryTracker.Name) {
    let (time, moment) = (now(), self.moment())
    let news = state.withLock { state in
      state.note(time, moment)
      return state.trackers[target]?.sent(token, name)
    }
    if let news { publish(target, news) }
  }

  /// The ways that a target's messages go now.
  func keep(routes: Set<String>, of target: String) {
    state.withLock { $0.trackers[target]?.keep(routes: routes) }
  }

  private func awaits(_ token: String) -> Bool {
    state.withLock { state in state.trackers.values.contains { $0.awaits(token) } }
  }

  /// What is known of a target's messages; nil where nobody looks for them.
  package func facts(of target: String) -> DeliveryFacts? { state.withLock { $0.trackers[target]?.facts } }

  /// Why the refresh token of a target's mailbox is in memory only; nil where it is not.
  func unsavedRefreshToken(of target: String) -> String? {
    guard case .imap(let settings)? = state.withLock({ $0.mailboxes[target] }),
      case .grant(let grant) = settings.proof
    else { return nil }
    return tokens.state(grant).unsaved
  }

  // MARK: Looking

  private func resources(isNeeded: Bool) throws(SystemError) -> (EventLoop?, TransferClient?) {
    let known = state.withLock { ($0.loop, $0.client) }
    guard isNeeded, known.0 == nil else { return known }
    let (loop, client) = (try EventLoop(), try TransferClient())
    try loop.runOnOwnThread()
    state.withLock { ($0.loop, $0.client) = (loop, client) }
    return (loop, client)
  }

  private func note(_ outcome: Result<[Finding], MailboxError>, in mailbox: MailboxSettings) {
    let (time, moment) = (now(), self.moment())
    let changes = state.withLock { state in
      state.note(time, moment)
      var changes: [(String, [DeliveryTracker.News])] = []
      for name in state.mailboxes.filter({ $0.value == mailbox }).keys.sorted() {
        guard var tracker = state.trackers[name] else { continue }
        var news: [DeliveryTracker.News] = []
        switch outcome {
        case .success(let findings):
          for finding in findings {
            let token = finding.message.token
            // One that nobody awaits may be of a probe that has not ended: its own target will ask for it.
            let isElsewhere = state.trackers.contains { $0.key != name && $0.value.awaits(token) }
            guard !isElsewhere else { continue }
            news += tracker.arrived(token, finding.folder, finding.message.verdicts, at: time)
          }
          tracker.looked(at: time, error: nil)
          news += tracker.advance(lookedAt: time)
        case .failure(let error): tracker.looked(at: time, error: error.description)
        }
        state.trackers[name] = tracker
        changes.append((name, news))
      }
      return changes
    }
    for (name, news) in changes { publish(name, news) }
  }

  private func publish(_ name: String, _ news: [DeliveryTracker.News]) {
    if let tracker = state.withLock({ $0.trackers[name] }) { handler(name, tracker, news) }
  }

  /// Looks into a mailbox again and again until the task or the loop ends.
  private static func look(
    into mailbox: MailboxSettings, every interval: Duration, isOurs: @escaping @Sendable (String) -> Bool,
    with client: TransferClient, _ tokens: MailboxTokens, on loop: isolated EventLoop,
    note: @escaping @Sendable (Result<[Finding], MailboxError>) -> Void
  ) async {
    switch mailbox {
    case .imap(let settings):
      var box = IMAPMailbox(settings, client: client, tokens: tokens, isOurs: isOurs)
      var restraint = LoginRestraint()
      while !Task.isCancelled {
        do throws(MailboxError) {
          note(.success(try await box.collect()))
          restraint.accepted()
        } catch {
          if error.isRefusal { restraint.refused() }
          if !Task.isCancelled { note(.failure(error)) }
        }
        guard await pause(max(interval, restraint.pause), on: loop) else { return }
      }
    case .maildir(let path): await watch(Maildir(path, isOurs: isOurs), every: interval, on: loop, note: note)
    case .lmtp(let host, let port):
      await listen(host, port, every: interval, isOurs: isOurs, on: loop, note: note)
    }
  }

  private static func watch(
    _ maildir: Maildir, every interval: Duration, on loop: isolated EventLoop,
    note: @Sendable (Result<[Finding], MailboxError>) -> Void
  ) async {
    var box = maildir
    while !Task.isCancelled {
      // The watch is there before the look, so that nothing falls between.
      let directories = (try? box.directories().map(\.path)) ?? []
      do throws(SystemError) {
        let watch = try DirectoryWatch(over: directories)
        collect(from: &box, note)
        guard await wait(for: watch, interval, on: loop) else { return }
      } catch {
        // Too many watches on this machine: the looks at intervals are left.
        collect(from: &box, note)
        guard await pause(interval, on: loop) else { return }
      }
    }
  }

  private static func collect(
    from box: inout Maildir, _ note: (Result<[Finding], MailboxError>) -> Void
  ) {
    do throws(MailboxError) {
      note(.success(try box.collect()))
    } catch {
      note(.failure(error))
    }
  }

  /// Waits until something is new, or for an interval; false where the end has come.
  private static func wait(
    for watch: borrowing DirectoryWatch, _ interval: Duration, on loop: isolated EventLoop
  ) async -> Bool {
    let end = MonotonicInstant.now().advanced(by: interval)
    while MonotonicInstant.now() < end, !Task.isCancelled {
      switch await watch.wait(until: min(end, .now().advanced(by: .seconds(1))), on: loop) {
      case .ready: return true
      case .ended: return false
      case .timedOut: continue
      }
    }
    return !Task.isCancelled
  }

  private static func listen(
    _ host: String, _ port: Int, every interval: Duration, isOurs: @escaping @Sendable (String) -> Bool,
    on loop: isolated EventLoop, note: @escaping @Sendable (Result<[Finding], MailboxError>) -> Void
  ) async {
    guard let address = SocketAddress(literal: host, port: UInt16(clamping: port)) else {
      return note(.failure(MailboxError("'\(host)' is no IP address to listen on")))
    }
    while !Task.isCancelled {
      do throws(SystemError) {
        return try await LMTPListener.run(on: address, every: interval, isOurs: isOurs, on: loop) {
          note(.success($0))
        }
      } catch {
        note(.failure(MailboxError("\(host):\(port) cannot be listened on: \(error.words)")))
        guard await pause(interval, on: loop) else { return }
      }
    }
  }

  /// Waits, but not for long once the task is cancelled; false where the end has come.
  private static func pause(_ interval: Duration, on loop: isolated EventLoop) async -> Bool {
    let end = MonotonicInstant.now().advanced(by: interval)
    while MonotonicInstant.now() < end {
      guard !Task.isCancelled, await loop.sleep(until: min(end, .now().advanced(by: .seconds(1)))) else {
        return false
      }
    }
    return !Task.isCancelled
  }
}

extension MailboxSettings {
  /// Messages come to us; nobody keeps them for us while we are away.
  fileprivate var isOurs: Bool { if case .lmtp = self { true } else { false } }
}
