import DNS
import Loop
import Model
import ScriptedSMTP
import Testing

private let greeting = #"S"220 mail.example.test ESMTP""#

/// The name that is said in EHLO.
@Suite(.timeLimit(.minutes(20))) struct OtherNameTests {
  private let refusal = #"R(EHLO monitor) S"501 5.5.4 Invalid domain name""#

  @Test func `a server that refuses the name and takes the literal says what to set`() throws {
    try onLoop { [refusal] loop in
      let bench = Bench()
      let server = try running(
        #"\#(greeting) \#(refusal) R(EHLO [127.0.0.1]) S"250 m" R(QUIT) S"221 b" F"#, loop: loop)
      let found = try await bench.diagnose(server, curious(.none), connections: 1, on: loop)
      #expect((found.stage, found.reason) == (.ehlo, .ehloRejected), "\(found.story)")
      #expect(found.remedy == "Set `ehlo: [127.0.0.1]`, which the server accepts.")
      #expect(server.words == ["EHLO monitor.example.net\r\nEHLO [127.0.0.1]\r\nQUIT\r\n"])
      #expect(bench.checks == ["other_ehlo_names"])
    }
  }

  @Test func `inside TLS the first connection is left with QUIT, and a second one tries`() throws {
    try onLoop { [refusal] loop in
      let server = try running(
        "T(good) \(greeting) \(refusal) OK", #"T(good) \#(greeting) R(EHLO [127.0.0.1]) S"250 m" OK"#,
        loop: loop)
      let found = try await Bench().diagnose(server, curious(.implicit), connections: 2, on: loop)
      #expect((found.stage, found.reason) == (.ehlo, .ehloRejected), "\(found.story)")
      #expect(found.remedy == "Set `ehlo: [127.0.0.1]`, which the server accepts.")
      #expect(
        server.words == ["EHLO monitor.example.net\r\nQUIT\r\n", "EHLO [127.0.0.1]\r\nQUIT\r\n"])
    }
  }

  @Test func `a server that refuses every name is left with QUIT too`() throws {
    try onLoop { [refusal] loop in
      let server = try running(
        #"\#(greeting) \#(refusal) R(EHLO [127.0.0.1]) S"501 no" R() S"501 no" R() S"221 b" F"#, loop: loop)
      let found = try await Bench().diagnose(server, curious(.none), connections: 1, on: loop)
      #expect(found.reason == .ehloRejected, "\(found.story)")
      #expect(found.proves("EHLO [127.0.0.1] is refused too"))
      #expect(server.words[0].hasSuffix("QUIT\r\n"))
    }
  }
}

/// The resolvers, each asked on its own.
@Suite(.timeLimit(.minutes(20))) struct ResolverCheckTests {
  private static func resolver(_ fakes: FakeResolver...) -> Resolver {
    var options = Resolver.Options()
    options.servers = fakes.map(\.address)
    options.hosts = "/dev/null"
    return Resolver(options)
  }

  private static let somewhere = SocketAddress.loopback(port: 587)

  @Test(arguments: [
    (FakeResolver.nxdomain, Reason.dnsNotFound, "NXDOMAIN"),
    (FakeResolver.nodata, .dnsNoAddress, "NOERROR without addresses"),
    (.code(2), .dnsFailure, "SERVFAIL"),
    (.code(5), .dnsFailure, "REFUSED"),
    (.silence, .dnsFailure, "no answer"),
  ])
  func `what a resolver says for itself is evidence`(
    reply: FakeResolver.Reply, reason: Reason, words: String
  ) throws {
    try onLoop { loop in
      let fake = try FakeResolver(["A mail.gone.test": reply, "AAAA mail.gone.test": reply])
      fake.serve(on: loop)
      let bench = Bench(resolver: Self.resolver(fake))
      let found = try await bench.diagnose(
        target(Self.somewhere, as: "mail.gone.test", curious(.none)), on: loop)
      #expect((found.stage, found.reason) == (.dns, reason), "\(found.story)")
      #expect(found.proves("resolver 127.0.0.1: "), "\(found.story)")
      #expect(found.proves(words), "\(found.story)")
      #expect(found.suggestion == nil)
      #expect(bench.checks == ["resolvers"])
    }
  }

  @Test func `a resolver behind a silent one knows that the name does not exist`() throws {
    try onLoop { loop in
      let silent = try FakeResolver(["A mail.gone.test": .silence, "AAAA mail.gone.test": .silence])
      let knowing = try FakeResolver([:])
      silent.serve(on: loop)
      knowing.serve(on: loop)
      let bench = Bench(resolver: Self.resolver(silent, knowing))
      let found = try await bench.diagnose(
        target(Self.somewhere, as: "mail.gone.test", curious(.none)), on: loop)
      #expect((found.stage, found.reason) == (.dns, .dnsNotFound), "\(found.story)")
      #expect(found.proves("no answer") && found.proves("NXDOMAIN"), "\(found.story)")
    }
  }

  @Test func `three resolvers are asked, and no more`() throws {
    try onLoop { loop in
      let fakes = try (0..<4).map { _ in try FakeResolver([:]) }
      for fake in fakes { fake.serve(on: loop) }
      let bench = Bench(resolver: Self.resolver(fakes[0], fakes[1], fakes[2], fakes[3]))
      let found = try await bench.diagnose(
        target(Self.somewhere, as: "mail.gone.test", curious(.none)), on: loop)
      #expect(found.evidence.count { $0.kind == .check } == 3, "\(found.story)")
      #expect(fakes[3].asked == [])
    }
  }
}
