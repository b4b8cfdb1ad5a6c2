/// A kind of record that is asked for as it is (RFC 1035 section 3.2.2, RFC 6698 section 7.1).
package enum RecordType: UInt16, Sendable {
  case a = 1
  case cname = 5
  case mx = 15
  case txt = 16
  case aaaa = 28
  case tlsa = 52

  /// As in a zone file.
  package var name: String { "\(self)".uppercased() }
}

/// The records of one kind at a name, as a resolver answered.
package struct RecordAnswer: Sendable, Equatable {
  /// Each record's data; of an alias the name that it stands for, and of MX the host, in lower case. None where the name
  /// or the kind does not exist.
  package var records: [[UInt8]]
  /// The name that the one asked for is an alias of, at the end of the chain, in lower case; nil where it is none.
  /// Noted of addresses and of MX.
  package var canonicalName: String?
  /// The resolver vouches for the answer, that there are none included (the bit AD, RFC 4035 section 3.2.3).
  package var isAuthenticated: Bool
  /// How long it may be used again.
  package var timeToLive: Duration

  /// How long an answer without a time to live counts.
  private static let fallback: UInt32 = 300

  /// Reads a resolver's answer (RFC 1035 section 4.1).
  package init(_ message: [UInt8], type: RecordType) throws(DNSError) {
    guard message.count >= 12 else { throw Self.unreadable }
    switch message[3] & 0x0F {
    case 0, 3: break
    case 1: throw .refused("the resolver did not understand the question (FORMERR)")
    case 2: throw .refused("the resolver failed, or the records fail validation (SERVFAIL)")
    case 4: throw .refused("the resolver cannot answer such questions (NOTIMP)")
    case 5: throw .refused("the resolver refuses to answer (REFUSED)")
    case let code: throw .refused("the resolver answers with code \(code)")
    }
    isAuthenticated = message[3] & 0x20 != 0
    records = []
    var reader = Reader(message)
    for _ in 0..<reader.count(at: 4) { try reader.skipQuestion() }
    var shortest: UInt32?
    var aliases: [[UInt8]: [UInt8]] = [:]
    for _ in 0..<reader.count(at: 6) {
      let record = try reader.record()
      shortest = min(shortest ?? .max, record.timeToLive)
      if type.notesAlias, record.type == RecordType.cname.rawValue {
        aliases[try reader.name(at: record.owner)] = try reader.name(at: record.data.lowerBound)
      }
      guard record.type == type.rawValue else { continue }
      switch type {
      case .cname: records.append(try reader.name(at: record.data.lowerBound))
      // Behind the preference (RFC 1035 section 3.3.9).
      case .mx: records.append(try reader.name(at: record.data.lowerBound + 2))
      default: records.append(Array(message[record.data]))
      }
    }
    if records.isEmpty {
      for _ in 0..<reader.count(at: 8) {
        let record = try reader.record()
        // The last of a SOA's numbers is how long that there is nothing may count (RFC 2308 section 5).
        guard record.type == 6, record.data.count >= 4 else { continue }
        shortest = min(record.timeToLive, reader.number(at: record.data.upperBound - 4))
      }
    }
    timeToLive = .seconds(shortest ?? Self.fallback)
    if !aliases.isEmpty { canonicalName = Self.end(of: aliases, from: try reader.name(at: 12)) }
  }

  /// Where a chain of aliases ends; nil where it does not begin, or leads back.
  private static func end(of aliases: [[UInt8]: [UInt8]], from asked: [UInt8]) -> String? {
    var (name, rest) = (asked, aliases)
    while let next = rest.removeValue(forKey: name) { name = next }
    return name == asked || aliases[name] != nil ? nil : String(decoding: name, as: UTF8.self)
  }

  /// A question (RFC 1035 section 4.1.1) that wants recursion and the resolver's word on validity (RFC 6840
  /// section 5.7).
  static func question(_ name: String, _ type: RecordType, id: UInt16) throws(DNSError) -> [UInt8] {
    var message: [UInt8] = [UInt8(id >> 8), UInt8(id & 0xFF), 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 0]
    for label in name.split(separator: ".", omittingEmptySubsequences: true) {
      guard label.utf8.count < 64 else { throw .malformed("a label of '\(name)' has more than 63 octets") }
      message.append(UInt8(label.utf8.count))
      message += label.utf8
    }
    guard message.count < 12 + 255 else { throw .malformed("the name has more than 255 octets") }
    return message + [0, UInt8(type.rawValue >> 8), UInt8(type.rawValue & 0xFF), 0, 1]
  }

  fileprivate static let unreadable = DNSError.refused("the resolver's answer cannot be read")

  /// The texts of TXT records: each is its strings, joined (RFC 7208 section 3.3).
  package var texts: [[UInt8]] {
    records.map { record in
      var text: [UInt8] = []
      var at = 0
      while at < record.count {
        let end = min(record.count, at + 1 + Int(record[at]))
        text += record[(at + 1)..<max(at + 1, end)]
        at = end
      }
      return text
    }
  }
}

extension RecordType {
  fileprivate var notesAlias: Bool { self == .a || self == .aaaa || self == .mx }
}

/// Reads a message from left to right, and never beyond its end.
private struct Reader {
  struct Record {
    var owner: Int
    var type: UInt16
    var timeToLive: UInt32
    var data: Range<Int>
  }

  private let message: [UInt8]
  private var at = 12

  init(_ message: [UInt8]) { self.message = message }

  func count(at offset: Int) -> Int { Int(message[offset]) << 8 | Int(message[offset + 1]) }

  func number(at offset: Int) -> UInt32 {
    message[offset..<(offset + 4)].reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func skipQuestion() throws(DNSError) {
    try skipName()
    try skip(4)
  }

  mutating func record() throws(DNSError) -> Record {
    let owner = at
    try skipName()
    let start = at
    try skip(10)
    let data = at
    try skip(count(at: start + 8))
    return Record(
      owner: owner, type: UInt16(count(at: start)), timeToLive: number(at: start + 4), data: data..<at)
  }

  /// A name with dots between its labels, in lower case. Pointers lead back only, so that there is an end.
  func name(at offset: Int) throws(DNSError) -> [UInt8] {
    var (name, place, bound) = ([UInt8](), offset, offset)
    while place < message.count {
      let length = Int(message[place])
      if length == 0 { return name }
      if length >= 0xC0 {
        guard place + 1 < message.count else { break }
        place = (length & 0x3F) << 8 | Int(message[place + 1])
        guard place < bound else { break }
        bound = place
        continue
      }
      guard length < 64, place + length < message.count, name.count + length < 255 else { break }
      if !name.isEmpty { name.append(UInt8(ascii: ".")) }
      name += message[(place + 1)...(place + length)].map { (65...90).contains($0) ? $0 | 0x20 : $0 }
      place += length + 1
    }
    throw RecordAnswer.unreadable
  }

  private mutating func skipName() throws(DNSError) {
    while true {
      guard at < message.count else { throw RecordAnswer.unreadable }
      let length = Int(message[at])
      // A pointer ends a name.
      if length >= 0xC0 { return try skip(2) }
      try skip(1 + length)
      if length == 0 { return }
    }
  }

  private mutating func skip(_ count: Int) throws(DNSError) {
    at += count
    guard at <= message.count else { throw RecordAnswer.unreadable }
  }
}
