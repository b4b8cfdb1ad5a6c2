import Base
import Metrics
import Model
import Monitor
import Testing
import Web

private func page(_ history: HistoryHealth?) -> String {
  var monitor = MonitorSnapshot(startedAt: FakeHistory.now)
  monitor.history = history
  let snapshot = Snapshot(takenAt: FakeHistory.now, targets: [], monitor: monitor)
  let process = ProcessFacts(
    cpuSeconds: 0, openDescriptors: nil, maxDescriptors: nil, virtualBytes: nil, residentBytes: nil,
    threads: nil,
    startedAt: nil)
  let page = MetricsPage(snapshot: snapshot, program: .test, process: process)
  return String(decoding: page.render(.text), as: UTF8.self)
}

@Test func `How the stored history fares is a metric, where there is one`() {
  var history = HistoryHealth()
  history.bytes = 4096
  history.dropped = 3
  #expect(page(nil).contains("smtpwatch_history") == false)
  let well = page(history)
  #expect(well.contains("\nsmtpwatch_history_degraded 0\n"))
  #expect(well.contains("\nsmtpwatch_history_dropped_total 3\n"))
  #expect(well.contains("\nsmtpwatch_history_failed_writes_total 0\n"))
  #expect(well.contains("\nsmtpwatch_history_size_bytes 4096\n"))
  history.trouble = "No space is left."
  history.failedWrites = 7
  #expect(page(history).contains("\nsmtpwatch_history_degraded 1\n"))
  #expect(page(history).contains("\nsmtpwatch_history_failed_writes_total 7\n"))
}
