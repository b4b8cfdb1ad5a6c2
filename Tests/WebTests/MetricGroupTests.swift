import HTTP
import Model
import Testing
import Web

private func families(_ path: String, _ configure: (inout WebSite) -> Void = { _ in }) throws -> Set<String> {
  Set(try ask(path, change: configure).text.matches(of: /# TYPE (\S+)/).map { String($0.1) })
}

@Test func `a scrape gets the groups that it names`() throws {
  let chosen = try families("/metrics?collect[]=results&collect[]=counters")
  #expect(chosen.contains("smtp_probe_success") && chosen.contains("smtp_probe_runs_total"))
  #expect(!chosen.contains("smtp_probe_latency_seconds") && !chosen.contains("process_open_fds"))
}

@Test func `the groups together are the whole page, and none says what another says`() throws {
  let parts = try MetricGroup.allCases.map { try families("/metrics?collect[]=\($0.rawValue)") }
  #expect(parts.reduce(0) { $0 + $1.count } == parts.reduce(Set()) { $0.union($1) }.count)
  #expect(try parts.reduce(Set()) { $0.union($1) } == families("/metrics"))
}

@Test func `the configuration says what a scrape gets that names nothing`() throws {
  let configured = try families("/metrics") { $0.metricGroups = { [.monitor] } }
  #expect(configured.contains("process_open_fds") && !configured.contains("smtp_probe_success"))
}

@Test func `a group that is not there is told apart from an empty one`() throws {
  let answer = try ask("/metrics?collect[]=colours")
  #expect(answer.status == 400 && answer.text.contains("collect[] is one of targets, results"))
}
