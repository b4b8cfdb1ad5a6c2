import Base
import Foundation
import HTTP
import Metrics
import Model
import Monitor
import Testing
import Web

private func page(_ format: ExpositionFormat, _ history: FakeHistory = FakeHistory()) -> String {
  let process = ProcessFacts(
    cpuSeconds: 1.5, openDescriptors: 12, maxDescriptors: 1024, virtualBytes: 1 << 30, residentBytes: 1 << 24,
    threads: 3, startedAt: 1_795_420_800.25)
  let page = MetricsPage(
    snapshot: history.snapshot(), program: .test, process: process,
    requests: [(RequestCounts.Key(handler: "metrics", status: 200), 7)],
    logMessages: [("info", 4), ("error", 0)],
    followUps: FollowUpFacts(diagnoses: 2, checks: [("sibling_port", 3), ("resolvers", 0)]))
  return String(decoding: page.render(format), as: UTF8.self)
}

private func series(_ format: ExpositionFormat, _ history: FakeHistory = FakeHistory()) -> [Substring] {
  page(format, history).split(separator: "\n").filter { !$0.hasPrefix("#") }
}

@Test(arguments: [(ExpositionFormat.text, "metrics.txt"), (.openMetrics, "metrics.openmetrics.txt")])
func `the page is the recorded one`(format: ExpositionFormat, file: String) throws {
  let golden = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Golden/\(file)")
  let page = page(format)
  if ProcessInfo.processInfo.environment["RECORD"] != nil {
    try Data(page.utf8).write(to: golden)
    Issue.record("Recorded \(file): look at the difference, then run without RECORD.")
  }
  #expect(page == (try String(contentsOf: golden, encoding: .utf8)))
}

@Test func `the series are the same in both formats of the whole page`() {
  #expect(series(.text) == series(.openMetrics))
}

@Test func `every series stands once`() {
  let names = series(.text).map { $0[..<($0.lastIndex(of: " ") ?? $0.endIndex)] }
  #expect(names.count == Set(names).count)
}

@Test func `a target without result has counters at 0 and no result`() {
  let lines = series(.text, FakeHistory([.waiting]))
  #expect(lines.contains(#"smtp_probe_runs_total{target="fresh"} 0"#))
  #expect(lines.contains(#"smtp_probe_failures_total{target="fresh"} 0"#))
  #expect(lines.contains(#"smtp_probe_messages_sent_total{target="fresh"} 0"#))
  #expect(lines.contains(#"smtp_probe_latency_seconds_count{target="fresh"} 0"#))
  #expect(!lines.contains { $0.hasPrefix("smtp_probe_success") || $0.hasPrefix("smtp_probe_status_reason") })
}

@Test(arguments: [
  (TargetSnapshot.working, #"{target="mail a/b",stage="none",reason="ok"} 1"#),
  (.slow, #"{target="relay",stage="none",reason="slow"} 1"#),
  (.rejected, #"{target="plunk",stage="auth",reason="auth_rejected"} 1"#),
])
func `exactly one reason holds`(target: TargetSnapshot, labels: String) {
  let lines = series(.text, FakeHistory([target])).filter { $0.hasPrefix("smtp_probe_status_reason") }
  #expect(lines == ["smtp_probe_status_reason\(labels)"])
}

@Test func `what a server writes becomes no label unless it is well known`() {
  let lines = series(.text, FakeHistory([.rejected, .hostile]))
  #expect(!lines.contains { $0.contains("EVIL") || $0.contains("script") })
  #expect(lines.contains(#"smtp_probe_ehlo_capability{target="plunk",capability="AUTH"} 1"#))
  #expect(lines.contains(#"smtp_probe_auth_mechanism{target="plunk",mechanism="LOGIN"} 1"#))
}

@Test func `certificates are there also while verification fails`() {
  let lines = series(.text, FakeHistory([.hostile]))
  let expiry = lines.first { $0.hasPrefix("smtp_probe_tls_cert_not_after_timestamp_seconds") }
  #expect(expiry?.hasSuffix(" 1795341600.0") == true)
  #expect(lines.contains { $0.hasPrefix("smtp_probe_tls_verified") && $0.hasSuffix(" 0") })
  #expect(lines.contains { $0.contains(#"issuer_cn="Evil \"CA\"?""#) })
}

@Test func `the user's labels do not hide ours`() {
  let lines = series(.text, FakeHistory([.rejected])).filter { $0.hasPrefix("smtp_target_info") }
  #expect(
    lines == [
      #"smtp_target_info{target="plunk",host="smtp.useplunk.com",port="587",module="submission","#
        + #"tls_mode="starttls",group="providers",team="messaging"} 1"#
    ])
}

@Test func `a repeated stage has one reply code, the last`() {
  let lines = series(.text, FakeHistory([.rejected])).filter { $0.hasPrefix("smtp_probe_reply_code") }
  #expect(lines.count == 4)
}

private let text = "text/plain; version=0.0.4; charset=utf-8"
private let openMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8"
private let prometheus2 = """
  application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
  text/plain;version=0.0.4;q=0.5,*/*;q=0.1
  """
private let prometheus3 = """
  application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
  application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
  text/plain;version=0.0.4;q=0.3,*/*;q=0.2
  """
private let prometheus3Protobuf = """
  application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,\
  application/openmetrics-text;version=1.0.0;q=0.6
  """
private let negotiations: [(accept: String?, contentType: String)] = [
  (nil, text),
  ("*/*", text),
  (prometheus2, openMetrics),
  (prometheus3, "\(openMetrics); escaping=underscores"),
  (prometheus3Protobuf, openMetrics),
  ("text/html,application/xhtml+xml,*/*;q=0.8", text),
  ("application/openmetrics-text", text),
  ("application/openmetrics-text;version=0.0.1", text),
  ("application/openmetrics-text;version=1.0.0;q=0.1,text/plain", text),
  ("application/openmetrics-text;version=1.0.0;q=0", text),
  ("text/plain;version=0.0.4;escaping=nonsense", text),
]

@Test(arguments: negotiations)
func `scrapers get the format that they prefer`(accept: String?, contentType: String) {
  let negotiated = MetricsNegotiation(accept: accept)
  #expect(negotiated.contentType == contentType)
  #expect((negotiated.format == .openMetrics) == contentType.hasPrefix("application/"))
}

extension ProgramFacts {
  static let test = ProgramFacts(version: "1.2.3", revision: "abc1234", swiftVersion: "6.3")
}
