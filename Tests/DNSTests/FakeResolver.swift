import Base
import Glibc

@testable import Loop

/// A DNS server in the test's own loop, on a UDP port of 127.0.0.1. It answers by a table.
final class FakeResolver: Sendable {
  /// What it says to a question.
  enum Reply: Sendable {
    /// The header's response code (RFC 1035 section 4.1.1) without records.
    case code(UInt8)
    case a(UInt32)
    case aaaa(last: UInt8)
    /// The name is another name for this one, and nothing follows.
    case cname(String)
    /// An alias, and the address of what it stands for.
    case cnameThenA(String, UInt32)
    /// Several addresses of 127.0.0.0/8, by their last byte.
    case loopbacks([UInt8])
    /// The address ::1.
    case loopback6
    /// Preferences with hosts; the empty host is the root.
    case mx([(UInt16, String)])
    case garbage
    case silence
  }

  static let nxdomain = Reply.code(3)
  static let nodata = Reply.code(0)

  let address: SocketAddress
  private let socket: Descriptor
  private let table: [String: Reply]
  private let questions = Locked<[String]>([])

  /// Answers as the table says for `A name` or `AAAA name`; anything else does not exist.
  init(_ table: [String: Reply]) throws {
    let socket = try Descriptor(Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0), of: "socket")
    let number = socket.rawValue
    guard SocketAddress.loopback().withSockaddr({ bind(number, $0, $1) }) == 0,
      let bound = SocketAddress.read({ getsockname(number, $0, $1) })
    else { throw SystemError.last("bind") }
    address = bound
    self.socket = socket
    self.table = table
  }

  /// What it was asked so far, such as `A mail.test`.
  var asked: [String] { questions.withLock { $0 } }

  /// Answers until its socket is unwatched.
  func serve(on loop: isolated EventLoop) {
    let number = socket.rawValue
    loop.watch(number, .read) { [self] _, _ in
      var query = [UInt8](repeating: 0, count: 512)
      var count = 0
      let peer = SocketAddress.read { pointer, length in
        count = recvfrom(number, &query, query.count, Int32(MSG_DONTWAIT), pointer, length)
        return count < 0 ? -1 : 0
      }
      guard let peer, count > 12, let reply = answer(Array(query[..<count])) else { return }
      _ = peer.withSockaddr { sendto(number, reply, reply.count, 0, $0, $1) }
    }
  }

  private func answer(_ query: [UInt8]) -> [UInt8]? {
    var labels: [String] = []
    var index = 12
    while query[index] != 0 {
      let length = Int(query[index])
      labels.append(String(decoding: query[(index + 1)...(index + length)], as: UTF8.self))
      index += length + 1
    }
    let kind = [28: "AAAA", 15: "MX"][query[index + 2], default: "A"]
    let question = "\(kind) \(labels.joined(separator: "."))"
    questions.withLock { $0.append(question) }
    let asked = Array(query[12..<(index + 5)])
    func message(code: UInt8, records: [[UInt8]]) -> [UInt8] {
      query[0..<2] + [0x81, 0x80 | code, 0, 1, 0, UInt8(records.count), 0, 0, 0, 0] + asked + records.joined()
    }
    switch table[question] ?? Self.nxdomain {
    case .code(let code): return message(code: code, records: [])
    case .a(let number): return message(code: 0, records: [Self.a([0xC0, 12], number)])
    case .aaaa(let last):
      let data = [0x20, 0x01, 0x0D, 0xB8] + [UInt8](repeating: 0, count: 11) + [last]
      return message(code: 0, records: [[0xC0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16] + data])
    case .loopbacks(let lasts):
      return message(code: 0, records: lasts.map { Self.a([0xC0, 12], 0x7F00_0000 | UInt32($0)) })
    case .loopback6:
      let data = [UInt8](repeating: 0, count: 15) + [1]
      return message(code: 0, records: [[0xC0, 12, 0, 28, 0, 1, 0, 0, 0, 60, 0, 16] + data])
    case .mx(let hosts):
      let records = hosts.map { preference, host in
        let data = [UInt8(preference >> 8), UInt8(preference & 0xFF)] + Self.name(host)
        return [0xC0, 12, 0, 15, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
      }
      return message(code: 0, records: records)
    case .cname(let other): return message(code: 0, records: [Self.cname(other)])
    case .cnameThenA(let other, let number):
      return message(code: 0, records: [Self.cname(other), Self.a(Self.name(other), number)])
    case .garbage: return query[0..<2] + [0x81, 0x80, 0, 1, 0, 9, 0, 0, 0, 0] + asked + [0xFF, 0xFF, 0xFF]
    case .silence: return nil
    }
  }

  private static func a(_ owner: [UInt8], _ number: UInt32) -> [UInt8] {
    owner + [0, 1, 0, 1, 0, 0, 0, 60, 0, 4] + withUnsafeBytes(of: number.bigEndian) { Array($0) }
  }

  private static func cname(_ other: String) -> [UInt8] {
    let data = name(other)
    return [0xC0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, UInt8(data.count)] + data
  }

  private static func name(_ text: String) -> [UInt8] {
    text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + $0.utf8 } + [0]
  }
}
