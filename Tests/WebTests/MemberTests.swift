import Base
import Foundation
import HTTP
import Metrics
import Model
import Monitor
import Testing
import Web

extension TargetSnapshot {
  /// A domain of which one MX host is down and one has no address.
  fileprivate static let domain: TargetSnapshot = {
    let target = Target(name: "mx", host: "mx:example.com", port: 25)
    func member(_ host: String, _ address: String?, _ family: AddressFamily?) -> ProbeResult {
      var member = ProbeResult(
        target: Target(name: "mx", host: host, port: 25), startedAt: FakeHistory.now + .seconds(-5))
      (member.address, member.family, member.duration) = (address, family, .milliseconds(20))
      return member
    }
    var down = member("mx2.example.com", "2001:db8::2", .ipv6)
    (down.outcome, down.stage, down.reason) = (.down, .connect, .connectTimeout)
    down.message = "No <b>answer</b>."
    down.duration = .seconds(5)
    var nowhere = member("gone.example.com", nil, nil)
    (nowhere.outcome, nowhere.stage, nowhere.reason) = (.down, .dns, .dnsNotFound)
    var result = ProbeResult(target: target, startedAt: FakeHistory.now + .seconds(-5))
    (result.outcome, result.stage, result.reason) = (.degraded, .connect, .connectTimeout)
    result.message = "1 of 3 MX hosts of example.com works, and one must."
    result.members = [
      member("mx1.example.com", "192.0.2.1", .ipv4), down, nowhere,
      member("mx3.example.com", "192.0.2.3", .ipv4),
    ]
    return TargetSnapshot(
      target: target, last: Shared(result), lastFailure: nil, lastSuccessAt: nil, since: nil,
      consecutiveFailures: 0,
      counters: TargetCounters(), nextRunAt: nil, authPausedUntil: nil, certificate: nil)
  }()
}

private func metrics(_ targets: [TargetSnapshot]) -> [Substring] {
  let process = ProcessFacts(
    cpuSeconds: 1, openDescriptors: 1, maxDescriptors: 2, virtualBytes: 1, residentBytes: 1, threads: 1,
    startedAt: 1)
  let page = MetricsPage(snapshot: FakeHistory(targets).snapshot(), program: .test, process: process)
  return String(decoding: page.render(.text), as: UTF8.self).split(separator: "\n")
}

@Test func `members are counted by family, without their names`() {
  let lines = metrics([.domain])
  for line in [
    #"smtp_probe_members{target="mx",family="ipv4"} 2"#, #"smtp_probe_members{target="mx",family="ipv6"} 1"#,
    #"smtp_probe_members{target="mx",family="none"} 1"#,
    #"smtp_probe_members_working{target="mx",family="ipv4"} 2"#,
    #"smtp_probe_members_working{target="mx",family="ipv6"} 0"#,
    #"smtp_probe_family_success{target="mx",family="ipv4"} 1"#,
    #"smtp_probe_family_success{target="mx",family="ipv6"} 0"#,
    #"smtp_probe_family_duration_seconds{target="mx",family="ipv6"} 5.0"#,
  ] { #expect(lines.contains(Substring(line)), "\(line)") }
  #expect(!lines.contains { $0.contains("mx1.example.com") || $0.contains("192.0.2.1") })
}

@Test func `a target of one address has no series of members`() {
  let lines = metrics([.working])
  #expect(!lines.contains { $0.contains("smtp_probe_members") || $0.contains("smtp_probe_family") })
}

@Test func `a result in JSON has members only where there are some`() throws {
  let text = String(decoding: json(of: try #require(TargetSnapshot.domain.last).value), as: UTF8.self)
  let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  let members = try #require(object["members"] as? [[String: Any]])
  #expect(
    members.map { $0["host"] as? String } == [
      "mx1.example.com", "mx2.example.com", "gone.example.com", "mx3.example.com",
    ])
  #expect(members.map { $0["reason"] as? String } == ["ok", "connect_timeout", "dns_not_found", "ok"])
  #expect(members.allSatisfy { $0["members"] == nil })
  let single = String(decoding: json(of: try #require(TargetSnapshot.working.last).value), as: UTF8.self)
  #expect(!single.contains("\"members\""))
}

@Test func `the status page shows the members as a tree, open where one does not work`() throws {
  let page = try ask("/", FakeHistory([.domain])).text
  #expect(page.contains("<details class=\"members\" open><summary>2 of 4 work</summary>"))
  #expect(page.contains("<code>mx2.example.com (2001:db8::2)</code>"))
  #expect(!(try ask("/", FakeHistory([.working])).text).contains("class=\"members\""))
}

@Test func `the page of a target has a table of its members`() throws {
  let page = try ask("/targets/mx", FakeHistory([.domain])).text
  #expect(page.contains("<h2>Servers and addresses</h2>"))
  #expect(page.contains("No &lt;b&gt;answer&lt;/b&gt;."))
}
