import Model
import Testing

/// The same fault has the same name in every run, however its pieces fall in time.
@Suite(.timeLimit(.minutes(20))) struct RepetitionTests {
  @Test func `a connection closed at accept is always called that`() throws {
    let names = try names(of: "F", settings(.none), runs: 100)
    #expect(names == ["banner conn_closed"])
  }

  @Test(arguments: [
    ("Z", TLSMode.none, "banner conn_closed"),
    ("Z", .starttls, "banner conn_closed"),
    ("Z", .implicit, "tls conn_closed"),
    ("F", .implicit, "tls conn_closed"),
    ("RCH Z", .implicit, "tls conn_closed"),
    ("RCH F", .implicit, "tls conn_closed"),
    (#"S"421 4.7.0 too many connections" F"#, .implicit, "banner rate_limited"),
    (#"S"421 4.7.0 too many connections" F"#, .none, "banner rate_limited"),
    (#"S"421 4.3.2 shutting down" Z"#, .none, "banner server_busy"),
    (#"S"554 5.7.1 go away" Z"#, .none, "banner banner_rejected"),
    (#"S"220 m" Z"#, .none, "ehlo conn_closed"),
    (#"S"220 m" F"#, .none, "ehlo conn_closed"),
    (#"S"220 m" S"421 4.3.2 closing" Z"#, .none, "ehlo server_busy"),
    (#"S"220 m" R(EHLO) S"250 m" Z"#, .none, "ok"),
    (#"S"220 m" R(EHLO) Z"#, .none, "ehlo conn_closed"),
    (
      #"S"220 mail ESMTP" RCH S"221 2.7.0 Error: I can break rules, too." Z"#, .implicit,
      "tls port_speaks_plaintext"
    ),
    ("\(Opening.upgrade) Z", .starttls, "tls conn_closed"),
    ("\(Opening.upgrade) RCH Z", .starttls, "tls conn_closed"),
    ("T(good,tls13,clientcert)", .implicit, "tls tls_client_cert"),
    ("RCH X(15030300020228) Z", .implicit, "tls tls_rejected"),
    ("T(good) Z", .implicit, "banner conn_closed"),
    ("T(good) F", .implicit, "banner conn_closed"),
    (#"T(good) S"421 4.3.2 shutting down" Z"#, .implicit, "banner server_busy"),
  ])
  func `a race has one outcome`(script: String, mode: TLSMode, name: String) throws {
    #expect(try names(of: script, settings(mode), runs: 20) == [name])
  }

  private static let failures = allVectors.filter { $0.reason != .ok }

  private static let labels = Task {
    try await onThread { try play(atOnce: 16) { !$0.isSlow } + play(atOnce: 64) { $0.isSlow } }
  }

  /// Many at once, so that the ones that wait do so at the same time; those have the loop for themselves, lest they
  /// lose patience while others are busy.
  private static func play(atOnce: Int, where isChosen: (Vector) -> Bool) throws -> [Result<
    (index: Int, label: String), any Error
  >] {
    let chosen = failures.indices.filter { isChosen(failures[$0]) }
    return try onLoop(chosen.flatMap { [Int](repeating: $0, count: 20) }, atOnce: atOnce) { index, loop in
      let result = try await probe(failures[index].script, failures[index].settings, on: loop).result
      return (index: index, label: result.label)
    }
  }

  @Test(arguments: failures.indices)
  func `every failure has one name in twenty runs`(index: Int) async throws {
    let vector = Self.failures[index]
    let labels = try await Self.labels.value.map { try $0.get() }.filter { $0.index == index }.map(\.label)
    #expect(labels.count == 20)
    #expect(
      Set(labels) == [(vector.stage.map { $0.slug + " " } ?? "") + vector.reason.slug], "\(vector.id)")
  }

  /// The stages and reasons that so many probes come to, some one after the other, some at once.
  private func names(of script: String, _ settings: ProbeSettings, runs: Int) throws -> Set<String> {
    let results = try onLoop(Array(0..<runs), atOnce: 4) { _, loop in
      try await probe(script, settings, on: loop).result
    }
    return try Set(results.map { try $0.get().label })
  }
}

extension ProbeResult {
  /// Stage and reason.
  fileprivate var label: String { (stage.map { $0.slug + " " } ?? "") + reason.slug }
}
