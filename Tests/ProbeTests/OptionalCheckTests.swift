import Diagnosis
import Loop
import Model
import ScriptedSMTP
import Testing

private let greeting = #"S"220 mail.example.test ESMTP""#

/// The checks that have to be asked for.
@Suite(.timeLimit(.minutes(20))) struct OptionalCheckTests {
  @Test(arguments: [
    (TLSMode.none, "H", #"R(PROXY UNKNOWN) \#(greeting) OK"#),
    (.starttls, "F", #"R(PROXY UNKNOWN) \#(greeting) OK"#),
    (.implicit, "F", #"R(PROXY UNKNOWN) T(good) \#(greeting) OK"#),
    (.implicit, "H", #"R(PROXY UNKNOWN) T(good) \#(greeting) OK"#),
  ])
  func `D15: a port that waits for a PROXY header is told by one`(
    mode: TLSMode, first: String, behind: String
  ) throws {
    try onLoop { loop in
      let bench = Bench()
      // Who listens in clear for PROXY gives up at a ClientHello.
      let isSilent = first == "H" && mode != .implicit
      let scripts = mode != .implicit && !isSilent ? [first, "F", behind] : [first, behind]
      let server = try running(scripts, on: ownAddress(0x601), loop: loop)
      let found = try await bench.diagnose(
        server,
        curious(mode) {
          $0.checks = [.proxyHeader]
          $0.timeouts.tls = .seconds(1)
        }, connections: scripts.count, on: loop)
      #expect(
        found.reason
          == [.none: .bannerTimeout, .implicit: first == "F" ? .connClosed : .replyTimeout][
            mode, default: .connClosed], "\(found.story)")
      #expect(found.hints(.proxyProtocol), "\(found.story)")
      #expect(found.message.contains("PROXY header") && found.remedy.contains("`host`"))
      #expect(found.proves("after a PROXY header the port greets"))
      #expect(bench.checks.last == "proxy_header")
      #expect(server.words.contains { $0.hasSuffix("QUIT\r\n") })
    }
  }

  @Test func `D15: a port that is mute behind a PROXY header too stays what it is`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(["F"], on: ownAddress(0x602), loop: loop)
      let found = try await bench.diagnose(
        target(server.address, curious(.none) { $0.checks = [.proxyHeader] }), on: loop)
      #expect((found.stage, found.reason) == (.banner, .connClosed), "\(found.story)")
      #expect(!found.hints(.proxyProtocol) && found.proves("brought no greeting either"))
    }
  }

  @Test func `D15: port 25 is never spoken to first, and nobody is without being asked`() throws {
    try onLoop { loop in
      for (port, checks) in [(UInt16(25), [OptionalCheck.proxyHeader]), (0, [])] {
        let bench = Bench()
        let server = try running(["F"], on: ownAddress(0x603, port: port), loop: loop)
        _ = try await bench.diagnose(
          target(server.address, curious(.none) { $0.checks = checks }), on: loop)
        #expect(!bench.checks.contains("proxy_header"))
      }
    }
  }

  /// A target that only shakes hands, inspected.
  private func inspected(_ change: @escaping @Sendable (inout ProbeSettings) -> Void = { _ in })
    -> ProbeSettings
  {
    curious(.starttls) {
      $0.auth = nil
      $0.envelope = nil
      $0.checks = [.starttlsInjection]
      change(&$0)
    }
  }

  private static let taking = """
    \(greeting) R(EHLO) E R(STARTTLS) R(NOOP) S"220 2.0.0 go" T(good) S"250 2.0.0 Ok" OK
    """
  private static let dropping = """
    \(greeting) R(EHLO) E R(STARTTLS) R(NOOP) S"220 2.0.0 go" T(good) OK
    """
  private static let good = "\(Opening.secured) OK"

  @Test func `D14: a command in clear that is answered inside TLS is an injection, for a day`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running([Self.good, Self.taking, Self.good], loop: loop)
      for _ in 0..<3 {
        let found = try await bench.diagnose(target(server.address, inspected()), on: loop)
        #expect((found.stage, found.reason) == (.starttls, .starttlsInjection), "\(found.story)")
        #expect(found.outcome == .down && found.proves("was answered inside TLS"))
        #expect(found.remedy.contains("STARTTLS"))
      }
      await server.hasHeard(4, on: loop)
      expectPolite(server, connections: 4)
      #expect(bench.checks == ["starttls_injection"])
    }
  }

  @Test(arguments: [
    dropping,
    // Between STARTTLS and TLS nothing but TLS is heard.
    #"\#(greeting) R(EHLO) E R(STARTTLS) S"554 5.5.0 pipelining" OK"#,
    #"\#(greeting) R(EHLO) E R(STARTTLS) R(NOOP) S"220 go\r\n250 in clear" T(good) OK"#,
    "F",
  ])
  func `D14: who drops it is good, and is asked once a day`(second: String) throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running([Self.good, second, Self.good], loop: loop)
      for _ in 0..<3 {
        let found = try await bench.diagnose(target(server.address, inspected()), on: loop)
        #expect(found.reason == .ok && found.outcome == .up, "\(found.story)")
      }
      await server.hasHeard(4, on: loop)
      #expect(bench.checks == ["starttls_injection"])
    }
  }

  @Test(arguments: [DiagnosisLevel.off, .passive])
  func `D14: without leave to look closer nobody looks`(level: DiagnosisLevel) throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running([Self.good], loop: loop)
      _ = try await bench.diagnose(target(server.address, inspected { $0.diagnosis = level }), on: loop)
      #expect(bench.checks == [])
    }
  }
}
