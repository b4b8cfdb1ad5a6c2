import Base
import Loop
import Testing

@testable import DNS

/// An answer with these parts behind its header.
private func message(
  flags: UInt8 = 0, answers: [[UInt8]] = [], authority: [[UInt8]] = [], question: [UInt8]? = nil
) -> [UInt8] {
  let asked = question ?? [1, 0x61, 4, 0x74, 0x65, 0x73, 0x74, 0, 0, 16, 0, 1]
  return [0, 1, 0x81, 0x80 | flags, 0, 1, 0, UInt8(answers.count), 0, UInt8(authority.count), 0, 0] + asked
    + answers.joined() + authority.joined()
}

private func record(_ type: UInt8, _ data: [UInt8], timeToLive: UInt8 = 200) -> [UInt8] {
  [0xC0, 12, 0, type, 0, 1, 0, 0, 0, timeToLive, UInt8(data.count >> 8), UInt8(data.count & 255)] + data
}

struct RecordTests {
  @Test func `texts are joined from their strings`() throws {
    let data: [UInt8] = [2, 0x68, 0x65, 3, 0x6C, 0x6C, 0x6F]
    let answer = try RecordAnswer(message(answers: [record(16, data), record(16, [])]), type: .txt)
    #expect(answer.texts == [Array("hello".utf8), []])
    #expect(answer.timeToLive == .seconds(200))
    #expect(!answer.isAuthenticated)
  }

  @Test func `a text whose string ends early is cut`() throws {
    #expect(try RecordAnswer(message(answers: [record(16, [9, 0x61])]), type: .txt).texts == [[0x61]])
  }

  @Test func `the resolver's word on validity is kept`() throws {
    #expect(try RecordAnswer(message(flags: 0x20), type: .tlsa).isAuthenticated)
  }

  @Test func `aliases and signatures are passed over, the shortest time counts`() throws {
    let answer = try RecordAnswer(
      message(answers: [record(5, [0xC0, 12], timeToLive: 60), record(52, [3, 1, 1, 9]), record(46, [0])]),
      type: .tlsa)
    #expect(answer.records == [[3, 1, 1, 9]])
    #expect(answer.timeToLive == .seconds(60))
  }

  @Test func `the name behind aliases is that at the end of the chain, in whatever order they come`() throws {
    let (b, c): ([UInt8], [UInt8]) = ([1, 0x42, 4, 0x74, 0x65, 0x73, 0x74, 0], [1, 0x63, 0])
    func alias(_ owner: [UInt8], _ target: [UInt8]) -> [UInt8] {
      owner + [0, 5, 0, 1, 0, 0, 0, 9, 0, UInt8(target.count)] + target
    }
    let first = alias([0xC0, 12], b)
    let second = alias([1, 0x62, 4, 0x54, 0x65, 0x73, 0x74, 0], c)
    let address = c + [0, 1, 0, 1, 0, 0, 0, 9, 0, 4, 127, 0, 0, 1]
    for answers in [[first, second, address], [address, second, first]] {
      let answer = try RecordAnswer(message(answers: answers), type: .a)
      #expect(answer.canonicalName == "c")
      #expect(answer.records == [[127, 0, 0, 1]])
    }
    // Of records that are not addresses nobody wants to know.
    #expect(try RecordAnswer(message(answers: [first, second]), type: .tlsa).canonicalName == nil)
    // Neither a chain that leads back nor one of other names has an end.
    let back = alias(b, [1, 0x61, 4, 0x74, 0x65, 0x73, 0x74, 0])
    #expect(try RecordAnswer(message(answers: [first, back]), type: .a).canonicalName == nil)
    #expect(try RecordAnswer(message(answers: [second]), type: .a).canonicalName == nil)
    #expect(
      try RecordAnswer(message(answers: [alias([0xC0, 12], [0xC0, 12])]), type: .a).canonicalName == nil)
  }

  @Test func `of MX records the hosts are told, and what the domain is an alias of`() throws {
    let target: [UInt8] = [1, 0x62, 0]
    let alias = [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 9, 0, UInt8(target.count)] + target
    let host: [UInt8] = [0, 10, 2, 0x4D, 0x78, 4, 0x74, 0x65, 0x73, 0x74, 0]
    let owned = target + [0, 15, 0, 1, 0, 0, 0, 9, 0, UInt8(host.count)] + host
    let answer = try RecordAnswer(message(answers: [alias, owned]), type: .mx)
    #expect(answer.records == [Array("mx.test".utf8)])
    #expect(answer.canonicalName == "b")
    #expect(throws: DNSError.self) { try RecordAnswer(message(answers: [record(15, [0])]), type: .mx) }
  }

  @Test func `that there is nothing counts as long as the zone says`() throws {
    let soa: [UInt8] = [0, 0] + [UInt8](repeating: 0, count: 16) + [0, 0, 0, 30]
    let answer = try RecordAnswer(message(flags: 3, authority: [record(6, soa)]), type: .txt)
    #expect(answer.records.isEmpty)
    #expect(answer.timeToLive == .seconds(30))
  }

  @Test(arguments: [UInt8(1), 2, 4, 5, 9]) func `codes of failure are errors`(code: UInt8) {
    #expect(throws: DNSError.self) { try RecordAnswer(message(flags: code), type: .txt) }
  }

  @Test func `no damaged message is read beyond its end`() {
    let whole = message(answers: [record(16, [2, 0x61, 0x62]), record(16, [0])])
    for count in 0..<whole.count {
      #expect(throws: DNSError.self) { try RecordAnswer(Array(whole[..<count]), type: .txt) }
    }
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      var damaged = whole
      for _ in 0..<3 { damaged[.random(in: 12..<whole.count, using: &random)] = .random(in: 0...255) }
      _ = try? RecordAnswer(damaged, type: .txt).texts
    }
  }

  @Test func `a question asks for recursion and validity`() throws {
    #expect(
      try RecordAnswer.question("_25._tcp.a", .tlsa, id: 0x0102) == [
        1, 2, 1, 0x20, 0, 1, 0, 0, 0, 0, 0, 0, 3, 0x5F, 0x32, 0x35, 4, 0x5F, 0x74, 0x63, 0x70, 1, 0x61, 0, 0,
        52, 0,
        1,
      ])
    let long = String(repeating: "a", count: 64)
    #expect(throws: DNSError.self) { try RecordAnswer.question(long, .txt, id: 0) }
    #expect(throws: DNSError.self) {
      try RecordAnswer.question(Array(repeating: "abcdefgh", count: 40).joined(separator: "."), .txt, id: 0)
    }
  }

  @Test func `a name that does not exist has no records, and a refusal is told`() throws {
    let (none, refused) =
      try onLoop { loop in
        let server = try FakeResolver(["A never": .silence])
        server.serve(on: loop)
        var options = Resolver.Options()
        options.servers = [server.address]
        let none = try await Resolver(options).records(.txt, of: "a.test", until: soon(), on: loop)
        options.servers = [.loopback(port: 1)]
        do throws(DNSError) {
          _ = try await Resolver(options).records(.txt, of: "a.test", until: soon(), on: loop)
          return (none, nil)
        } catch {
          return (none, error)
        }
      } as (RecordAnswer, DNSError?)
    #expect(none.records.isEmpty)
    #expect(refused != nil)
  }
}
