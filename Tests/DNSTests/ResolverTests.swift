import Base
import Loop
import Testing

@testable import DNS

struct ResolverTests {
  @Test func `both families of a name are found, with the port asked for`() throws {
    let (result, asked) = try resolve(
      "mail.test", port: 587, ["A mail.test": .a(0xC000_0201), "AAAA mail.test": .aaaa(last: 7)])
    let resolution = try result.get()
    #expect(Set(resolution.addresses.map(\.description)) == ["192.0.2.1:587", "[2001:db8::7]:587"])
    #expect(resolution.source == .dns)
    #expect(resolution.ipv4?.isAnswered == true && resolution.ipv4?.failure == nil)
    #expect(resolution.ipv6?.isAnswered == true && resolution.ipv6?.failure == nil)
    #expect(Set(asked) == ["A mail.test", "AAAA mail.test"])
  }

  @Test(arguments: [FamilyChoice.ipv4, .ipv6])
  func `only the family wanted is asked for`(wanted: FamilyChoice) throws {
    let (result, asked) = try resolve(
      "mail.test", wanted: wanted, ["A mail.test": .a(0xC000_0201), "AAAA mail.test": .aaaa(last: 7)])
    #expect(try result.get().addresses.count == 1)
    #expect(asked == [wanted == .ipv4 ? "A mail.test" : "AAAA mail.test"])
    #expect(try (result.get().ipv4 == nil) == (wanted == .ipv6))
  }

  @Test func `a family without addresses does not spoil the other`() throws {
    let (result, _) = try resolve(
      "mail.test", ["A mail.test": .a(0xC000_0201), "AAAA mail.test": FakeResolver.nodata])
    let resolution = try result.get()
    #expect(resolution.addresses.map(\.text) == ["192.0.2.1"])
    #expect(resolution.ipv6?.failure == .noAddress && resolution.ipv6?.isAnswered == true)
  }

  @Test func `an alias leads to its address`() throws {
    let (result, _) = try resolve(
      "mail.test",
      ["A mail.test": .cnameThenA("real.test", 0xC000_0209), "AAAA mail.test": FakeResolver.nodata])
    #expect(try result.get().addresses.map(\.text) == ["192.0.2.9"])
  }

  @Test(arguments: [
    (FakeResolver.nxdomain, FakeResolver.nxdomain, DNSError.notFound),
    (.code(0), .code(0), .noAddress),
    (.code(0), .code(3), .noAddress),
    (.code(2), .code(2), .refused("the resolver failed (SERVFAIL)")),
    (.code(5), .code(5), .refused("the resolver refuses to answer (REFUSED)")),
    (.code(4), .code(4), .refused("the resolver cannot answer such questions (NOTIMP)")),
    (.code(1), .code(1), .refused("the resolver did not understand the question (FORMERR)")),
    (.code(2), .code(0), .refused("the resolver failed (SERVFAIL)")),
    (.garbage, .garbage, .refused("the resolver's answer cannot be read")),
    (.cname("mail.test"), .cname("mail.test"), .refused("the name is an alias that leads back to itself")),
    (.cname("real.test"), .cname("real.test"), .noAddress),
    (.silence, .silence, .timeout),
    (.silence, .code(0), .timeout),
  ])
  func `a failure says what the resolver said`(
    a: FakeResolver.Reply, aaaa: FakeResolver.Reply, error: DNSError
  ) throws {
    let (result, _) = try resolve("mail.test", ["A mail.test": a, "AAAA mail.test": aaaa])
    #expect(result == .failure(error))
  }

  @Test func `aliases that lead in a circle are told apart from one that leads nowhere`() throws {
    let circle = ["mail.test": "one.test", "one.test": "two.test", "two.test": "mail.test"]
    let table = circle.flatMap { name, next in
      ["A", "AAAA"].map { ("\($0) \(name)", FakeResolver.Reply.cname(next)) }
    }
    let (result, _) = try resolve("mail.test", Dictionary(uniqueKeysWithValues: table))
    #expect(result == .failure(.refused("the name is an alias that leads back to itself")))
  }

  @Test func `a resolver's failure for one family does not spoil the other`() throws {
    let (result, _) = try resolve("mail.test", ["A mail.test": .a(0xC000_0201), "AAAA mail.test": .code(2)])
    #expect(try result.get().addresses.count == 1)
  }

  @Test func `IPv4 addresses do not wait long for a resolver that drops AAAA`() throws {
    let (result, _) = try resolve(
      "mail.test", ["A mail.test": .a(0xC000_0201), "AAAA mail.test": .silence], timeout: .seconds(10))
    let resolution = try result.get()
    let six = try #require(resolution.ipv6)
    #expect(resolution.addresses.map(\.text) == ["192.0.2.1"])
    #expect(!six.isAnswered && six.failure == .timeout)
    #expect(six.elapsed >= Resolver.grace)
    #expect(resolution.ipv4?.isAnswered == true)
  }

  @Test func `a deadline that has passed ends the question`() throws {
    let (result, _) = try resolve(
      "mail.test", ["A mail.test": .silence, "AAAA mail.test": .silence], timeout: .seconds(10),
      until: MonotonicInstant(nanoseconds: 1))
    #expect(result == .failure(.timeout))
  }

  @Test func `the next server is asked when one refuses`() throws {
    let answer = try onLoop { loop in
      let bad = try FakeResolver(["A mail.test": .code(2)])
      let good = try FakeResolver(["A mail.test": .a(0xC000_0201)])
      bad.serve(on: loop)
      good.serve(on: loop)
      let resolver = Resolver(options([bad.address, good.address]))
      let answer = try await resolver.addresses(of: "mail.test", .ipv4, until: soon(), on: loop)
      #expect(bad.asked == ["A mail.test"])
      return answer
    }
    #expect(answer.addresses.map(\.text) == ["192.0.2.1"])
  }

  @Test func `a server that is not there is said to be so`() throws {
    let result = try onLoop { loop in
      let gone = try FakeResolver([:]).address
      return await attempt("mail.test", .ipv4, Resolver(options([gone])), until: soon(), on: loop)
    }
    #expect(result == .failure(.refused("no resolver accepts queries")))
  }

  @Test func `search domains complete a short name`() throws {
    let configuration = try TemporaryFile("search one.test two.test\n")
    let (answer, asked) = try onLoop { loop in
      let server = try FakeResolver(["A mail.two.test": .a(0xC000_0202)])
      server.serve(on: loop)
      var options = options([server.address])
      options.configuration = configuration.path
      let resolver = Resolver(options)
      return (try await resolver.addresses(of: "mail", .ipv4, until: soon(), on: loop), server.asked)
    }
    #expect(answer.addresses.map(\.text) == ["192.0.2.2"])
    #expect(asked == ["A mail.one.test", "A mail.two.test"])
  }

  @Test func `a changed configuration is read again`() throws {
    let configuration = try TemporaryFile("search one.test\n")
    let asked = try onLoop { loop in
      let server = try FakeResolver([:])
      server.serve(on: loop)
      var options = options([server.address])
      options.configuration = configuration.path
      let resolver = Resolver(options)
      _ = await attempt("mail", .ipv4, resolver, until: soon(), on: loop)
      try configuration.write("search another.test\n")
      _ = await attempt("mail", .ipv4, resolver, until: soon(), on: loop)
      return server.asked
    }
    #expect(asked.contains("A mail.one.test") && asked.contains("A mail.another.test"))
  }

  @Test(arguments: [
    ("192.0.2.1", FamilyChoice.any, Result<[String], DNSError>.success(["192.0.2.1:25"])),
    ("2001:db8::1", .any, .success(["[2001:db8::1]:25"])), ("::1", .ipv6, .success(["[::1]:25"])),
    ("::1", .ipv4, .failure(.noAddress)), ("127.0.0.1", .ipv6, .failure(.noAddress)),
    ("", .any, .failure(.malformed("the host name is empty"))),
    ("a b", .any, .failure(.malformed("the host name has blanks or control characters"))),
    ("bücher.test", .any, .failure(.malformed("the host name is not ASCII: write it in its xn-- form"))),
    (
      String(repeating: "a", count: 64) + ".test", .any,
      .failure(.malformed("the host name is not one that the DNS can carry"))
    ),
  ])
  func `literals and impossible names are judged without asking`(
    host: String, wanted: FamilyChoice, expected: Result<[String], DNSError>
  ) throws {
    let (result, asked) = try resolve(host, port: 25, wanted: wanted, [:])
    #expect(result.map { $0.addresses.map(\.description) } == expected)
    #expect(asked.isEmpty)
  }

  @Test func `the hosts file comes before the DNS`() throws {
    let hosts = try TemporaryFile("192.0.2.5 Mail.Test # ours\n2001:db8::5\tmail.test alias\n")
    let (result, asked) = try resolve("MAIL.test", port: 25, [:], hosts: hosts.path)
    let resolution = try result.get()
    #expect(Set(resolution.addresses.map(\.description)) == ["192.0.2.5:25", "[2001:db8::5]:25"])
    #expect(resolution.source == .hostsFile && resolution.ipv4 == nil && resolution.ipv6 == nil)
    #expect(asked.isEmpty)
  }

  @Test func `a family that the hosts file lacks is asked for`() throws {
    let hosts = try TemporaryFile("192.0.2.5 mail.test\n")
    let (result, asked) = try resolve(
      "mail.test", wanted: .ipv6, ["AAAA mail.test": .aaaa(last: 1)], hosts: hosts.path)
    #expect(try result.get().addresses.map(\.text) == ["2001:db8::1"])
    #expect(asked == ["AAAA mail.test"])
  }

  @Test(arguments: ["localhost", "localhost.", "mail.localhost"])
  func `localhost is known without being asked for`(name: String) throws {
    let (result, asked) = try resolve(name, [:])
    #expect(try Set(result.get().addresses.map(\.text)) == ["127.0.0.1", "::1"])
    #expect(asked.isEmpty)
  }

  @Test func `a hundred questions at once are all answered`() throws {
    let count = try onLoop { loop in
      let server = try FakeResolver(
        Dictionary(uniqueKeysWithValues: (0..<100).map { ("A host\($0).test", .a(0xC000_0200 + UInt32($0))) })
      )
      server.serve(on: loop)
      let resolver = Resolver(options([server.address]))
      let right = Locked(0)
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<100 {
          group.addTask(executorPreference: loop.executor) {
            let result = await attempt("host\(index).test", .any, resolver, until: soon(), on: loop)
            guard (try? result.get().addresses.map(\.text)) == ["192.0.2.\(index)"] else { return }
            right.withLock { $0 += 1 }
          }
        }
      }
      return right.withLock { $0 }
    }
    #expect(count == 100)
  }

  @Test func `the end of the loop ends a question, and later ones at once`() throws {
    let loop = try EventLoop()
    let results = Locked<[Result<Resolution, DNSError>]>([])
    let server = try FakeResolver(["A mail.test": .silence])
    let resolver = Resolver(options([server.address]))
    Task(executorPreference: loop.executor) {
      for _ in 0..<2 {
        let result = await attempt("mail.test", .ipv4, resolver, until: .distantFuture, on: loop)
        results.withLock { $0.append(result) }
      }
    }
    // Tasks begin in order: by now the first one waits for its answer.
    Task(executorPreference: loop.executor) { loop.stop() }
    loop.run()
    #expect(results.withLock { $0 } == [.failure(.ended), .failure(.ended)])
  }
}

/// Asks a fake resolver with a table, and says what it was asked. It is waited for as long as it takes, but for one that
/// is silent.
private func resolve(
  _ host: String, port: UInt16 = 0, wanted: FamilyChoice = .any, _ table: [String: FakeResolver.Reply],
  timeout: Duration? = nil, hosts: String = "/dev/null",
  until deadline: MonotonicInstant = soon()
) throws -> (Result<Resolution, DNSError>, [String]) {
  try onLoop { loop in
    let server = try FakeResolver(table)
    server.serve(on: loop)
    var settings = options([server.address])
    let isSilent = table.values.contains { if case .silence = $0 { true } else { false } }
    settings.timeout = timeout ?? (isSilent ? .milliseconds(300) : .seconds(20))
    settings.hosts = hosts
    let resolver = Resolver(settings)
    let result = await attempt(host, port: port, wanted, resolver, until: deadline, on: loop)
    return (result, server.asked)
  }
}

/// These servers and no file of this machine.
private func options(_ servers: [SocketAddress]) -> Resolver.Options {
  var options = Resolver.Options()
  options.servers = servers
  options.hosts = "/dev/null"
  options.configuration = "/dev/null"
  options.timeout = .seconds(20)
  options.tries = 2
  return options
}

private func attempt(
  _ host: String, port: UInt16 = 0, _ wanted: FamilyChoice, _ resolver: Resolver,
  until deadline: MonotonicInstant, on loop: isolated EventLoop
) async -> Result<Resolution, DNSError> {
  do throws(DNSError) {
    return .success(try await resolver.addresses(of: host, port: port, wanted, until: deadline, on: loop))
  } catch { return .failure(error) }
}
