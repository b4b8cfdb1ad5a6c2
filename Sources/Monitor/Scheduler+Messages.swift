import Base
import Model

/// When runs send test messages, and how many.
extension Scheduler {
  /// Starts a run for the sake of a test message that is due, unless another carries it: the one under way is
  /// waited for, and the target's next one, where that is near.
  func requestForMessage(_ watch: Watch, planned: Duration?) {
    guard messages.awaitsProbe(watch.id), watch.run == nil, !watch.isWaiting, !isStopping,
      schedule.nextDue(of: watch.index) - elapsed > watch.target.settings.timeout
    else { return }
    request(watch, planned: planned)
  }

  /// How many test messages a run's next attempt may send: 0 where none is due.
  func beginMessages(of run: Run) -> Int {
    guard run.logsIn, let send = run.target.settings.send, messages.isOwed(run.id) else { return 0 }
    run.moment = moment(of: run)
    let (name, now) = (run.target.name, board.wallClock())
    let sent = board.messageLedger(of: name)?.count(inDayBefore: now) ?? 0
    guard sent < send.maxPerDay else {
      settleMessage(of: run)
      leaveOut(1, of: run)
      return 0
    }
    let time = now + (run.moment - elapsed)
    board.noteMessages(of: name) { $0.begin(at: time) }
    return send.maxPerDay - sent
  }

  /// From when the time to a run's next message counts: from when it should have begun, or else each would be a
  /// little later than the last, and miss the probe that is due with it. One that had to wait counts from now.
  private func moment(of run: Run) -> Duration {
    guard let planned = run.planned, elapsed - planned < .seconds(1) else { return elapsed }
    return planned
  }

  /// Takes in what became of the messages that an attempt was to send.
  @inline(never)
  func noteMessages(of run: Run, _ found: Shared<ProbeResult>, allowed: Int) {
    let result = found.value
    board.noteMessages(of: run.target.name) {
      $0.end(with: result.messagesGiven, isSettled: result.reachedMail, at: result.startedAt)
    }
    guard result.reachedMail else { return }
    settleMessage(of: run)
    if result.members.count > allowed {
      leaveOut(result.members.count - allowed, of: run)
    } else {
      watchesByID[run.id]?.leavesMessagesOut = false
    }
  }

  private func settleMessage(of run: Run) {
    messages.settled(run.id, at: run.moment)
    showNextMessage(of: run.id)
  }

  /// Shows when a target's next message is due.
  func showNextMessage(of id: Int) {
    guard let watch = watchesByID[id], let moment = nextMessage(of: watch) else { return }
    board.updateMonitor { $0.nextMessages[watch.target.name] = moment }
  }

  /// Shows when the next messages of all targets are due.
  func showNextMessages(of watches: [Watch]) {
    let moments = watches.compactMap { watch in nextMessage(of: watch).map { (watch.target.name, $0) } }
    let all = Dictionary(moments) { first, _ in first }
    board.updateMonitor { $0.nextMessages = all }
  }

  private func nextMessage(of watch: Watch) -> Timestamp? {
    let now = elapsed
    return messages.nextDue(of: watch.id, at: now).map { board.wallClock() + ($0 - now) }
  }

  /// Messages are not sent, because too many were; the first time that is an event.
  private func leaveOut(_ count: Int, of run: Run) {
    guard let watch = watchesByID[run.id], let send = run.target.settings.send else { return }
    let words =
      "Test messages are left out: send.max_per_day is \(send.maxPerDay), and so many went within a day."
    board.leftOutMessages(count, of: run.target.name, event: watch.leavesMessagesOut ? nil : words)
    watch.leavesMessagesOut = true
  }
}
