import HTTP
import Model
import Monitor
import Testing

@testable import Web

private func notices(_ change: (inout MonitorSnapshot) -> Void) -> String {
  var monitor = MonitorSnapshot(startedAt: FakeHistory.now)
  change(&monitor)
  let snapshot = Snapshot(takenAt: FakeHistory.now, targets: [.waiting], monitor: monitor)
  return Notices(snapshot: snapshot).html.text
}

@Test func `Where all is well nothing is noted`() {
  #expect(notices { _ in }.isEmpty)
  let list = ListSnapshot(name: "more.yml", targets: 3, isInUse: true)
  #expect(
    notices {
      $0.history = HistoryHealth()
      $0.lists = [list]
    }.isEmpty)
}

@Test func `A history that is not stored whole is told with what to do`() {
  var health = HistoryHealth()
  health.trouble = "No space is left in /var/lib/<x>: make room."
  let text = notices { $0.history = health }
  #expect(
    text.contains("<strong>The history is not stored whole.</strong> No space is left in /var/lib/&lt;x&gt;"))
  #expect(!text.contains("could not be read"))
}

@Test(arguments: [(1, "1 stored piece of the past"), (7, "7 stored pieces of the past")])
func `Pieces of the past that were dropped are counted`(count: Int, words: String) {
  var health = HistoryHealth()
  health.dropped = count
  let text = notices { $0.history = health }
  #expect(text.contains("class=\"notice mild\"") && text.contains(words) && text.contains("look at the disk"))
}

@Test func `A list of targets that cannot be used is named, with its cause`() {
  let lists = [
    ListSnapshot(name: "good.yml", targets: 4, isInUse: true),
    ListSnapshot(name: "<bad>.yml", targets: 1, isInUse: false, trouble: "<bad>.yml:3: no such key."),
    ListSnapshot(name: "https://example.com/list", targets: 0, isInUse: false, trouble: "It answers 503."),
  ]
  let text = notices { $0.lists = lists }
  #expect(!text.contains("good.yml"))
  #expect(
    text.contains("<code>&lt;bad&gt;.yml</code>. What it held before (1 target) stays in use until it is"))
  #expect(text.contains("&lt;bad&gt;.yml:3: no such key."))
  #expect(
    text.contains("None of its targets is watched until it is mended") && text.contains("It answers 503."))
}

@Test func `A line that went over TLS has a lock, which is read out as a word`() {
  var result = ProbeResult(target: .init(name: "a", host: "a.example", port: 25), startedAt: FakeHistory.now)
  result.transcript = [
    TranscriptLine(at: .zero, from: .server, tls: false, text: "220 a"),
    TranscriptLine(at: .milliseconds(3), from: .client, tls: true, text: "EHLO <b>"),
  ]
  let html = TranscriptView(result: result, isOpen: true, id: "x", download: "y").html.text
  #expect(html.contains("<span class=\"server\">  0.000     S: 220 a</span>"))
  #expect(
    html.contains(
      "<span class=\"client\">  0.003 <b class=\"lock\" title=\"went over TLS\">TLS</b> C: EHLO &lt;b&gt;</span>"
    ))
}
