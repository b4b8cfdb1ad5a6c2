import Metrics
import Testing

private let runs = MetricFamily("smtp_probe_runs_total", .counter, help: "Probes completed.")
private let duration = MetricFamily(
  "smtp_probe_duration_seconds", .gauge, unit: "seconds", help: #"The "latest" probe \ in\#n two lines."#)
private let build = MetricFamily("smtpwatch_build_info", .info, help: "The program.")
private let latency = MetricFamily("latency_seconds", .histogram, unit: "seconds", help: "Latency.")

private func page(_ format: ExpositionFormat) -> String {
  var page = Exposition(format)
  let plunk = LabelSet("target", "plunk")
  page.family(build)
  page.sample(LabelSet("version", "1.0"), true)
  page.family(runs)
  page.sample(plunk, 17)
  page.sample(LabelSet("target", "a\"b\\c\nd"), 0)
  page.family(duration)
  page.sample(plunk, 0.25)
  page.sample(plunk, "phase", "dns", 0.004)
  page.sample(.none, "phase", "tls", 12345)
  page.family(latency)
  page.histogram(plunk, bounds: [0.005, 1, 2.5], counts: [1, 2, 0, 4], sum: 40.5)
  return String(decoding: page.finish(), as: UTF8.self)
}

@Test func `the text format repeats the samples' name in its metadata`() {
  #expect(
    page(.text) == #"""
      # HELP smtpwatch_build_info The program.
      # TYPE smtpwatch_build_info gauge
      smtpwatch_build_info{version="1.0"} 1
      # HELP smtp_probe_runs_total Probes completed.
      # TYPE smtp_probe_runs_total counter
      smtp_probe_runs_total{target="plunk"} 17
      smtp_probe_runs_total{target="a\"b\\c\nd"} 0
      # HELP smtp_probe_duration_seconds The "latest" probe \\ in\n two lines.
      # TYPE smtp_probe_duration_seconds gauge
      smtp_probe_duration_seconds{target="plunk"} 0.25
      smtp_probe_duration_seconds{target="plunk",phase="dns"} 0.004
      smtp_probe_duration_seconds{phase="tls"} 12345
      # HELP latency_seconds Latency.
      # TYPE latency_seconds histogram
      latency_seconds_bucket{target="plunk",le="0.005"} 1
      latency_seconds_bucket{target="plunk",le="1.0"} 3
      latency_seconds_bucket{target="plunk",le="2.5"} 3
      latency_seconds_bucket{target="plunk",le="+Inf"} 7
      latency_seconds_sum{target="plunk"} 40.5
      latency_seconds_count{target="plunk"} 7

      """#)
}

@Test func `OpenMetrics names families without suffix, orders TYPE UNIT HELP and ends with EOF`() {
  #expect(
    page(.openMetrics) == #"""
      # TYPE smtpwatch_build info
      # HELP smtpwatch_build The program.
      smtpwatch_build_info{version="1.0"} 1
      # TYPE smtp_probe_runs counter
      # HELP smtp_probe_runs Probes completed.
      smtp_probe_runs_total{target="plunk"} 17
      smtp_probe_runs_total{target="a\"b\\c\nd"} 0
      # TYPE smtp_probe_duration_seconds gauge
      # UNIT smtp_probe_duration_seconds seconds
      # HELP smtp_probe_duration_seconds The \"latest\" probe \\ in\n two lines.
      smtp_probe_duration_seconds{target="plunk"} 0.25
      smtp_probe_duration_seconds{target="plunk",phase="dns"} 0.004
      smtp_probe_duration_seconds{phase="tls"} 12345
      # TYPE latency_seconds histogram
      # UNIT latency_seconds seconds
      # HELP latency_seconds Latency.
      latency_seconds_bucket{target="plunk",le="0.005"} 1
      latency_seconds_bucket{target="plunk",le="1.0"} 3
      latency_seconds_bucket{target="plunk",le="2.5"} 3
      latency_seconds_bucket{target="plunk",le="+Inf"} 7
      latency_seconds_sum{target="plunk"} 40.5
      latency_seconds_count{target="plunk"} 7
      # EOF

      """#)
}

@Test func `the series are the same in both formats`() {
  func series(_ format: ExpositionFormat) -> [Substring] {
    page(format).split(separator: "\n").filter { !$0.hasPrefix("#") }
  }
  #expect(series(.text) == series(.openMetrics))
}

@Test func `a family without samples leaves no trace`() {
  var page = Exposition(.text)
  page.family(runs)
  page.family(build)
  page.sample(.none, true)
  #expect(
    String(decoding: page.finish(), as: UTF8.self) == """
      # HELP smtpwatch_build_info The program.
      # TYPE smtpwatch_build_info gauge
      smtpwatch_build_info 1

      """)
}

@Test(arguments: [
  (0, "0.0"), (0.1, "0.1"), (-2.5, "-2.5"), (1_764_000_000.125, "1764000000.125"), (1e-7, "1e-07"),
  (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (0.1 + 0.2, "0.30000000000000004"),
])
func `numbers are the shortest that read back as themselves`(value: Double, text: String) {
  var page = Exposition(.text)
  page.family(duration)
  page.sample(.none, value)
  #expect(String(decoding: page.finish(), as: UTF8.self).hasSuffix("smtp_probe_duration_seconds \(text)\n"))
}

@Test(arguments: [
  ("target", true), ("_a9", true), ("", false), ("9a", false), ("a-b", false), ("a.b", false), ("é", false),
])
func `label names stay within what needs no quotes`(name: String, valid: Bool) {
  #expect(LabelSet.isValidName(name) == valid)
}

@Test func `Numbers are the shortest decimals that read back`() {
  var random = SystemRandomNumberGenerator()
  var values = [
    0, 0.0001, 0.00099, 1, 1.5, 999_999.999_999_999, 1e6, 4e9, 1e-5, 1e15, 1e17, -1, -0.0, 0.1 + 0.2,
  ]
  for _ in 0..<2000 {
    values.append(Double(Int64.random(in: 0...3_000_000_000_000_000, using: &random)) / 1e6)
    values.append(Double(Int64.random(in: 0...90_000_000_000, using: &random)) / 1e9)
    values.append(.random(in: 0...10_000_000, using: &random))
    values.append(Double(Int.random(in: 0...5_000_000_000, using: &random)))
  }
  for value in values {
    var page = Exposition(.text)
    page.family(MetricFamily("a", .gauge, help: "A."))
    page.sample(.none, value)
    let text = String(decoding: page.finish(), as: UTF8.self)
    #expect(text.hasSuffix("a \(value.description)\n"))
  }
  for value in [0, 9, 10, 99, 100, 12_345, .max, .min, -1, -10] {
    var page = Exposition(.text)
    page.family(MetricFamily("a", .gauge, help: "A."))
    page.sample(.none, value)
    #expect(String(decoding: page.finish(), as: UTF8.self).hasSuffix("a \(value)\n"))
  }
}
