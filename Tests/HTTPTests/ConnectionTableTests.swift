import Base
import Glibc
import Testing

@testable import HTTP

/// Both ends of a connection without a network; the second tells whether the first was shut down.
private final class Pair {
  private let ends: [Int32]
  private let token = Token()
  private final class Token {}

  init() throws {
    var ends: [Int32] = [0, 0]
    try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
    self.ends = ends
  }

  deinit { for end in ends { close(end) } }

  var id: ObjectIdentifier { ObjectIdentifier(token) }
  var descriptor: Int32 { ends[0] }

  /// The other end sees the end of the stream.
  var isCut: Bool {
    var byte: UInt8 = 0
    return recv(ends[1], &byte, 1, 0) == 0
  }
}

private let start = MonotonicInstant(nanoseconds: 1_000_000_000_000)
private let one = ClientAddress.ipv4(1)

private func after(_ seconds: Int64) -> MonotonicInstant { start.advanced(by: .seconds(seconds)) }

@Test func `a connection that says nothing is cut after the time for headers`() throws {
  let table = ConnectionTable(limits: HTTPLimits())
  let pair = try Pair()
  table.open(pair.id, descriptor: pair.descriptor, client: one, at: start)
  table.sweep(at: after(40))
  #expect(!pair.isCut)
  table.sweep(at: after(41))
  #expect(pair.isCut)
}

@Test func `each phase has its time, and handling has no end`() throws {
  let table = ConnectionTable(limits: HTTPLimits())
  let pair = try Pair()
  table.open(pair.id, descriptor: pair.descriptor, client: one, at: start)
  table.note(pair.id, .handling, at: start)
  table.sweep(at: after(100_000))
  #expect(!pair.isCut)
  table.note(pair.id, .sending, at: after(100_000))
  table.sweep(at: after(100_060))
  #expect(!pair.isCut)
  table.sweep(at: after(100_061))
  #expect(pair.isCut)
}

@Test func `a connection that is gone is never touched again`() throws {
  let table = ConnectionTable(limits: HTTPLimits())
  let pair = try Pair()
  table.open(pair.id, descriptor: pair.descriptor, client: one, at: start)
  table.close(pair.id)
  table.sweep(at: after(1000))
  #expect(!pair.isCut)
  #expect(table.count == 0)
}

@Test func `the idlest of a client makes room for its next connection`() throws {
  var limits = HTTPLimits()
  limits.connectionsPerClient = 3
  let table = ConnectionTable(limits: limits)
  let pairs = try (0..<4).map { _ in try Pair() }
  let stranger = try Pair()
  table.open(stranger.id, descriptor: stranger.descriptor, client: .ipv4(2), at: start)
  for (index, pair) in pairs.prefix(3).enumerated() {
    table.open(pair.id, descriptor: pair.descriptor, client: one, at: after(Int64(index)))
  }
  // The oldest is busy: the one after it goes.
  table.note(pairs[0].id, .handling, at: after(3))
  table.open(pairs[3].id, descriptor: pairs[3].descriptor, client: one, at: after(4))
  #expect(pairs.map(\.isCut) == [false, true, false, false])
  #expect(!stranger.isCut)
}

@Test func `the idlest of all makes room where there are too many`() throws {
  var limits = HTTPLimits()
  limits.connections = 2
  let table = ConnectionTable(limits: limits)
  let pairs = try (0..<4).map { _ in try Pair() }
  for (index, pair) in pairs.enumerated() {
    table.open(pair.id, descriptor: pair.descriptor, client: .ipv4(UInt32(index)), at: after(Int64(index)))
  }
  #expect(pairs.map(\.isCut) == [true, true, false, false])
}

@Test func `nobody who is served makes room`() throws {
  var limits = HTTPLimits()
  limits.connections = 1
  let table = ConnectionTable(limits: limits)
  let (busy, new) = (try Pair(), try Pair())
  table.open(busy.id, descriptor: busy.descriptor, client: one, at: start)
  table.note(busy.id, .sending, at: start)
  table.open(new.id, descriptor: new.descriptor, client: nil, at: start)
  #expect(!busy.isCut && !new.isCut)
}

@Test func `an address of IPv6 counts as its network, and a mapped one as IPv4`() throws {
  func address(_ text: String) throws -> ClientAddress? {
    var six = sockaddr_in6()
    six.sin6_family = sa_family_t(AF_INET6)
    try #require(inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
    return withUnsafePointer(to: &six) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { ClientAddress($0) }
    }
  }
  #expect(try address("2001:db8:1:2::1") == address("2001:db8:1:2:ffff::9"))
  #expect(try address("2001:db8:1:2::1") != address("2001:db8:1:3::1"))
  #expect(try address("::ffff:127.0.0.1") == .ipv4(0x7F00_0001))
  #expect(try address("::1") == .ipv6(network: 0))
}
