import Base
import DNS
import Foundation
import Loop
import Model
import ScriptedSMTP
import Testing

private let greeting = #"S"220 mail.example.test ESMTP""#

/// A resolver that knows these lines of hosts(5) and asks nobody.
private func resolver(_ hosts: String) throws -> Resolver {
  let file = FileManager.default.temporaryDirectory.appending(path: "hosts-\(UUID().uuidString)")
  try Data(hosts.utf8).write(to: file)
  var options = Resolver.Options()
  options.hosts = file.path
  return Resolver(options)
}

/// The other addresses of a name.
@Suite(.timeLimit(.minutes(20))) struct OtherAddressTests {
  @Test(arguments: [(TLSMode.none, greeting), (.implicit, "T(good) \(greeting)")])
  func `V19: one family of addresses fails, the other works`(mode: TLSMode, opening: String) throws {
    try onLoop { loop in
      let bench = Bench(resolver: try resolver("::1 dual.test\n127.0.0.1 dual.test"))
      let server = try running("\(opening) OK", loop: loop)
      let found = try await bench.diagnose(target(server.address, as: "dual.test", curious(mode)), on: loop)
      #expect((found.stage, found.reason) == (.connect, .ipFamilyBroken), "\(found.story)")
      #expect(found.message.contains("IPv6") && found.message.contains("IPv4"))
      #expect(found.story.contains("::1") && found.proves("127.0.0.1 (ipv4) accepts connections"))
      #expect(found.suggestion == nil)
      await server.hasHeard(1, on: loop)
      expectPolite(server, connections: 1)
      #expect(server.words == ["QUIT\r\n"])
      #expect(bench.checks == ["other_addresses"])
    }
  }

  @Test func `a name whose addresses all refuse is refused`() throws {
    try onLoop { loop in
      let bench = Bench(resolver: try resolver("::1 dual.test\n\(ownAddress(0x301).text) dual.test"))
      let found = try await bench.diagnose(
        target(ownAddress(0x301, port: 588), as: "dual.test", curious(.none)), on: loop)
      #expect((found.stage, found.reason) == (.connect, .connectRefused), "\(found.story)")
      #expect(found.proves("\(ownAddress(0x301).text) (ipv4) does not accept connections"))
      #expect(found.suggestion == nil)
    }
  }

  @Test func `one dead address of two is named`() throws {
    try onLoop { loop in
      let bench = Bench(
        resolver: try resolver("\(ownAddress(0x302).text) two.test\n\(ownAddress(0x303).text) two.test"))
      let server = try running("\(greeting) OK", on: ownAddress(0x303, port: 588), loop: loop)
      let found = try await bench.diagnose(target(server.address, as: "two.test", curious(.none)), on: loop)
      #expect((found.stage, found.reason) == (.connect, .connectRefused), "\(found.story)")
      #expect(
        found.message.contains(ownAddress(0x302).text) && found.message.contains(ownAddress(0x303).text))
      await server.hasHeard(1, on: loop)
      #expect(server.words == ["QUIT\r\n"])
    }
  }
}

/// The other ports of an address.
@Suite(.timeLimit(.minutes(20))) struct SiblingTests {
  @Test(arguments: [(UInt32(1), UInt16(456)), (2, 587), (3, 25)])
  func `a refused port beside one that greets inside TLS is the wrong one`(host: UInt32, port: UInt16) throws
  {
    try onLoop { loop in
      let bench = Bench()
      let here = ownAddress(0x400 + host, port: port)
      let sibling = try running("T(good) \(greeting) OK", on: here.with(port: 465), loop: loop)
      let found = try await bench.diagnose(target(here, curious(.starttls)), on: loop)
      #expect((found.stage, found.reason) == (.connect, .wrongPort), "\(found.story)")
      #expect(found.suggestion == Suggestion(port: 465, tlsMode: .implicit))
      #expect(found.hints(.sibling465))
      await sibling.hasHeard(1, on: loop)
      expectPolite(sibling, connections: 1)
      #expect(sibling.words == ["QUIT\r\n"])
    }
  }

  @Test func `a port that greets in clear is suggested with STARTTLS, and nothing is said to it but QUIT`()
    throws
  {
    try onLoop { loop in
      let here = ownAddress(0x411, port: 465)
      let sibling = try running("\(greeting) OK", on: here.with(port: 587), loop: loop)
      let found = try await Bench().diagnose(target(here, curious(.implicit)), on: loop)
      #expect(found.reason == .wrongPort, "\(found.story)")
      #expect(found.suggestion == Suggestion(port: 587, tlsMode: .starttls))
      await sibling.hasHeard(1, on: loop)
      expectPolite(sibling, connections: 1)
      #expect(sibling.words == ["QUIT\r\n"])
      #expect(sibling.heardEarly == [[]])
    }
  }

  @Test(arguments: [
    (UInt32(1), #"S"220 ftp ready (vsFTPd 3.0.3)" OK"#), (2, #"S"554 5.7.1 no" OK"#), (3, "F"), (4, "H"),
  ])
  func `a neighbour that is no welcoming mail server is not suggested`(host: UInt32, script: String) throws {
    try onLoop { loop in
      let here = ownAddress(0x420 + host, port: 587)
      let sibling = try running(script, on: here.with(port: 2525), loop: loop)
      let found = try await Bench().diagnose(target(here, curious(.starttls)), on: loop)
      #expect((found.stage, found.reason) == (.connect, .connectRefused), "\(found.story)")
      #expect(found.suggestion == nil)
      await sibling.hasHeard(1, on: loop)
      expectPolite(sibling, connections: 1)
    }
  }

  @Test
  func `a host that does not answer on the filtered ports, and does on another: the way out is blocked`()
    throws
  {
    try onLoop { loop in
      let here = ownAddress(0x431, port: 587)
      let own = try Listener(on: here, backlog: 0)
      let mute = try Listener(on: here.with(port: 465), backlog: 0)
      let soon = MonotonicInstant.now().advanced(by: .seconds(60))
      let first = try await Socket.connect(to: own.address, until: soon, on: loop)
      let second = try await Socket.connect(to: mute.address, until: soon, on: loop)
      let sibling = try running("\(greeting) OK", on: here.with(port: 2525), loop: loop)
      let bench = Bench()
      let settings = curious(.starttls) { $0.timeouts.connect = .milliseconds(100) }
      let found = try await bench.diagnose(target(here, settings), on: loop)
      #expect((found.stage, found.reason) == (.connect, .egressBlocked), "\(found.story)")
      #expect(found.outcome == .inconclusive)
      #expect(found.suggestion == Suggestion(port: 2525, tlsMode: .starttls))
      #expect(found.message.contains("465 and 587"))
      await sibling.hasHeard(1, on: loop)
      #expect(sibling.words == ["QUIT\r\n"])
      _ = (first.remote, second.remote)
    }
  }

  @Test func `STARTTLS that is not offered beside a port that begins with TLS`() throws {
    try onLoop { loop in
      let bench = Bench()
      let here = ownAddress(0x441, port: 587)
      let server = try running("\(greeting) R(EHLO) E-STARTTLS OK", on: here, loop: loop)
      let sibling = try running("T(good) \(greeting) OK", on: here.with(port: 465), loop: loop)
      let found = try await bench.diagnose(server, curious(.starttls), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.starttls, .starttlsNotOffered), "\(found.story)")
      #expect(found.suggestion == Suggestion(port: 465, tlsMode: .implicit))
      #expect(server.words == ["EHLO monitor.example.net\r\nQUIT\r\n"])
      await sibling.hasHeard(1, on: loop)
      #expect(sibling.words == ["QUIT\r\n"])
      #expect(bench.checks == ["sibling_port"])
    }
  }

  @Test func `STARTTLS that is not offered anywhere suggests nothing`() throws {
    try onLoop { loop in
      let server = try running(
        "\(greeting) R(EHLO) E-STARTTLS OK", on: ownAddress(0x442, port: 587), loop: loop)
      let found = try await Bench().diagnose(server, curious(.starttls), connections: 1, on: loop)
      #expect(found.reason == .starttlsNotOffered, "\(found.story)")
      #expect(found.suggestion == nil)
    }
  }

  @Test func `V37: a mask over STARTTLS that port 465 cannot wear proves the firewall`() throws {
    try onLoop { loop in
      let here = ownAddress(0x443, port: 587)
      let server = try running(
        #"\#(greeting) R(EHLO) S"250-mail.example.test" S"250 XXXXXXXA" OK"#, on: here, loop: loop)
      _ = try running("T(good) \(greeting) OK", on: here.with(port: 465), loop: loop)
      let found = try await Bench().diagnose(server, curious(.starttls), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.starttls, .starttlsStripped), "\(found.story)")
      #expect(found.suggestion == Suggestion(port: 465, tlsMode: .implicit))
    }
  }

  @Test func `V37: a mask over greeting and keyword needs no proof`() throws {
    try onLoop { loop in
      let bench = Bench()
      let server = try running(#"S"220 *******" R(EHLO) S"250-m" S"250 XXXXXXXA" OK"#, loop: loop)
      let found = try await bench.diagnose(server, curious(.starttls), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.starttls, .starttlsStripped), "\(found.story)")
      #expect(bench.checks == [])
    }
  }
}
