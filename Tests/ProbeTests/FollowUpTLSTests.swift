import Loop
import Model
import ScriptedSMTP
import Testing

private let greeting = #"S"220 mail.example.test ESMTP""#
private let upgradeTo = #"\#(greeting) R(EHLO) E R(STARTTLS) S"220 2.0.0 go""#
/// The alert handshake_failure, internal_error, unrecognized_name.
private func alert(_ number: String) -> String { "RCH X(150303000202\(number))" }

/// TLS where none was expected, and the other way round.
@Suite(.timeLimit(.minutes(20))) struct FollowUpTLSTests {
  @Test(arguments: [TLSMode.none, .starttls, .opportunistic])
  func `V09: a port that waits for TLS is asked on the connection that it kept silent on`(mode: TLSMode)
    throws
  {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("T(good) \(greeting) OK", loop: loop)
      let found = try await bench.diagnose(server, curious(mode), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.banner, .portExpectsTls), "\(found.story)")
      #expect(found.suggestion == Suggestion(port: Int(server.address.port), tlsMode: .implicit))
      #expect(found.remedy.contains("tls.mode: implicit"))
      #expect(found.hints(.implicitTlsHere))
      #expect(found.proves("TLSv1.3"))
      #expect(server.words == ["QUIT\r\n"])
      #expect(bench.checks == ["client_hello_same_connection"])
    }
  }

  @Test func `TLS without a greeting in it is no setting to suggest`() throws {
    try onLoop { loop in
      let server = try running("T(good) H", loop: loop)
      let found = try await Bench().diagnose(server, curious(.none), connections: 1, on: loop)
      #expect(found.reason == .portExpectsTls, "\(found.story)")
      #expect(found.suggestion == nil)
    }
  }

  @Test func `another service inside TLS is named, not suggested`() throws {
    try onLoop { loop in
      let server = try running(#"T(good) S"220 FTP server ready" OK"#, loop: loop)
      let found = try await Bench().diagnose(server, curious(.none), connections: 1, on: loop)
      #expect(found.reason == .notSmtp, "\(found.story)")
      #expect(found.suggestion == nil)
    }
  }

  @Test func `a web server, silent until it is spoken to, is named by what it says to a ClientHello`()
    throws
  {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(#"RCH S"HTTP/1.1 400 Bad Request" F"#, loop: loop)
      let found = try await bench.diagnose(server, curious(.starttls), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.banner, .notSmtp), "\(found.story)")
      #expect(found.message.contains("HTTP/1.1 400 Bad Request"))
      #expect(bench.checks == ["client_hello_same_connection"])
    }
  }

  @Test func `a port that answers neither way stays silent, and nothing is suggested`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("H", on: ownAddress(0x101), loop: loop)
      let found = try await bench.diagnose(server, curious(.none), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.banner, .bannerTimeout), "\(found.story)")
      #expect(found.hints(.listenerWedged))
      #expect(found.suggestion == nil)
      #expect(server.heard[0].first == 0x16, "a ClientHello, and nothing in clear")
      #expect(
        bench.checks == ["client_hello_same_connection", "sibling_port", "sibling_port", "sibling_port"])
      #expect(found.proves("port 465 of the same address refuses connections"))
    }
  }

  @Test func `V11: nothing is ever said first on port 25`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("H", on: ownAddress(0x102, port: 25), loop: loop)
      let found = try await bench.diagnose(server, curious(.none), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.banner, .bannerTimeout), "\(found.story)")
      #expect(server.heard == [[]])
      #expect(!bench.checks.contains("client_hello_same_connection"))
    }
  }

  @Test func `a connection that closes on port 25 is not followed`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running("F", on: ownAddress(0x103, port: 25), loop: loop)
      let found = try await bench.diagnose(server, curious(.none), connections: 1, on: loop)
      #expect(found.reason == .connClosed)
      #expect(bench.checks == [])
    }
  }

  @Test(arguments: ["F", "W(0.06) F", "Z"])
  func `a port that hangs up on silence is asked in TLS on a new connection`(silence: String) throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(silence, "T(good) \(greeting) OK", loop: loop)
      let found = try await bench.diagnose(server, curious(.none), connections: 2, on: loop)
      #expect((found.stage, found.reason) == (.banner, .portExpectsTls), "\(found.story)")
      #expect(found.suggestion == Suggestion(port: Int(server.address.port), tlsMode: .implicit))
      #expect(server.words.last == "QUIT\r\n")
      #expect(bench.checks == ["client_hello_first"])
    }
  }

  @Test func `a port that hangs up on TLS too has hung up`() throws {
    try onLoop { loop in
      let server = try running("F", loop: loop)
      let found = try await Bench().diagnose(server, curious(.none), connections: 2, on: loop)
      #expect((found.stage, found.reason) == (.banner, .connClosed), "\(found.story)")
      #expect(found.suggestion == nil)
      #expect(found.proves("a ClientHello got no TLS"))
    }
  }

  @Test func `TLS on a port that greets in clear: STARTTLS is tried there`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(
        #"\#(greeting) RCH S"500 5.5.2 what" F"#, "\(upgradeTo) T(good) R(QUIT) F", loop: loop)
      let found = try await bench.diagnose(server, curious(.implicit), connections: 2, on: loop)
      #expect((found.stage, found.reason) == (.tls, .portSpeaksPlaintext), "\(found.story)")
      #expect(found.suggestion == Suggestion(port: Int(server.address.port), tlsMode: .starttls))
      #expect(found.remedy == "Set `tls.mode: starttls`; the port is right.")
      #expect(server.words.last == "EHLO monitor.example.net\r\nSTARTTLS\r\nQUIT\r\n")
      #expect(bench.checks == ["starttls_here"])
    }
  }

  @Test func `STARTTLS that is not there is not suggested, and is left with QUIT`() throws {
    try onLoop { loop in
      let server = try running(
        #"\#(greeting) RCH S"500 5.5.2 what" F"#, "\(greeting) R(EHLO) E-STARTTLS OK", on: ownAddress(0x104),
        loop: loop)
      let found = try await Bench().diagnose(server, curious(.implicit), connections: 2, on: loop)
      #expect(found.reason == .portSpeaksPlaintext, "\(found.story)")
      #expect(found.suggestion == nil)
      #expect(server.words.last?.hasSuffix("QUIT\r\n") == true, "\(server.words)")
    }
  }

  @Test func `a greeting that refuses is left with QUIT`() throws {
    try onLoop { loop in
      let server = try running(
        #"\#(greeting) RCH S"500 5.5.2 what" F"#, #"S"554 5.7.1 go away" OK"#, on: ownAddress(0x105),
        loop: loop)
      let found = try await Bench().diagnose(server, curious(.implicit), connections: 2, on: loop)
      #expect(found.reason == .portSpeaksPlaintext, "\(found.story)")
      #expect(found.suggestion == nil)
      #expect(server.words.last == "QUIT\r\n")
    }
  }
}

/// The handshake anew, each time in another way.
@Suite(.timeLimit(.minutes(20))) struct LadderTests {
  @Test func `V45: a server that knows TLS 1.0 alone is found on the second rung`() throws {
    try onLoop { loop in
      let server = try running("T(good,tls10) \(greeting) OK", loop: loop)
      let found = try await Bench().diagnose(server, curious(.implicit), connections: 3, on: loop)
      #expect((found.stage, found.reason) == (.tls, .tlsVersion), "\(found.story)")
      #expect(found.hints(.legacyTls))
      #expect(found.proves("TLS 1.0 and weak ciphers allowed works: TLSv1 "), "\(found.story)")
      #expect(server.words.last == "QUIT\r\n")
    }
  }

  @Test func `the same behind STARTTLS`() throws {
    try onLoop { loop in
      let server = try running("\(upgradeTo) T(good,tls10) R(QUIT) F", loop: loop)
      let found = try await Bench().diagnose(server, curious(.starttls), connections: 3, on: loop)
      #expect((found.stage, found.reason) == (.tls, .tlsVersion), "\(found.story)")
      #expect(found.hints(.legacyTls))
      #expect(server.words.last == "EHLO monitor.example.net\r\nSTARTTLS\r\nQUIT\r\n")
    }
  }

  @Test func `a target that wants TLS 1.3 of a server that has 1.2`() throws {
    try onLoop { loop in
      let server = try running("T(good,tls12) \(greeting) OK", loop: loop)
      let found = try await Bench().diagnose(
        server, curious(.implicit) { $0.tls.minVersion = .tls13 }, connections: 2, on: loop)
      #expect((found.stage, found.reason) == (.tls, .tlsVersion), "\(found.story)")
      #expect(found.message.contains("TLSv1.2 at most"))
      #expect(found.remedy.contains("tls.min_version: TLS12"))
    }
  }

  @Test(arguments: [("28", Reason.tlsRejected), ("50", .tlsRejected)])
  func `V47: an alert on every rung stays what it is`(number: String, reason: Reason) throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(alert(number), loop: loop)
      let found = try await bench.diagnose(server, curious(.implicit), connections: 4, on: loop)
      #expect((found.stage, found.reason) == (.tls, reason), "\(found.story)")
      #expect(found.suggestion == nil)
      #expect(bench.checks == ["handshake_ladder", "handshake_ladder", "handshake_ladder"])
      #expect(found.proves("without the server name (SNI) fails too"))
    }
  }

  @Test func `a server that does not like the name works without it`() throws {
    try onLoop { loop in
      let bad = alert("70")
      let server = try running(bad, bad, bad, "T(good) \(greeting) OK", loop: loop)
      let found = try await Bench().diagnose(server, curious(.implicit), connections: 4, on: loop)
      #expect((found.stage, found.reason) == (.tls, .tlsSni), "\(found.story)")
      #expect(found.hints(.sni))
      #expect(server.words.last == "QUIT\r\n")
    }
  }

  @Test func `the last rung sends no name, the others do`() throws {
    try onLoop { loop in
      let server = try running(alert("70"), loop: loop)
      let found = try await Bench().diagnose(server, curious(.implicit), connections: 4, on: loop)
      #expect(found.reason == .tlsSni, "\(found.story)")
      #expect(server.words.map { $0.contains(World.host) } == [true, true, true, false])
    }
  }

  @Test func `an address is no server name: there is none to leave out`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(alert("28"), loop: loop)
      let settings = curious(.implicit) { $0.tls.serverName = nil }
      let found = try await bench.diagnose(server, settings, connections: 3, on: loop)
      #expect(found.reason == .tlsRejected, "\(found.story)")
      #expect(bench.checks == ["handshake_ladder", "handshake_ladder"])
    }
  }

  @Test func `a handshake that is cut off is tried in every way, and another port looked at`() throws {
    try onLoop { loop in
      let bench = Bench()
      let here = ownAddress(0x201)
      let server = try running("RCH F", on: here, loop: loop)
      let sibling = try running("T(good) \(greeting) OK", on: here.with(port: 465), loop: loop)
      let found = try await bench.diagnose(server, curious(.implicit), connections: 4, on: loop)
      #expect((found.stage, found.reason) == (.tls, .connClosed), "\(found.story)")
      #expect(found.suggestion == Suggestion(port: 465, tlsMode: .implicit))
      #expect(found.hints(.sibling465))
      await sibling.hasHeard(1, on: loop)
      #expect(sibling.words == ["QUIT\r\n"])
      #expect(bench.checks.count == 4)
    }
  }
}
