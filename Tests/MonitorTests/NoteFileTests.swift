import Model
import Testing

@testable import Monitor

private func open(_ folder: HistoryFolder) throws -> NoteFile {
  let path = folder.file("notes")
  return NoteFile(
    try RingFile.open(path, kind: NoteFile.kind).file ?? RingFile.create(path, NoteFile.fileFormat))
}

private func text(_ file: NoteFile, _ head: NoteHead) -> String? {
  file.read(head.place).flatMap { $0.first { _ in true }?.text }
}

@Test func `Notes of any length are found as they were written, the latest of each`() throws {
  let folder = try HistoryFolder()
  var random = SeededRandom(state: 11)
  var expected: [UInt64: (text: String, place: NoteHead.Place)] = [:]
  for _ in 0..<6 {
    let file = try open(folder)
    let (heads, dropped) = file.load()
    #expect(dropped == 0)
    #expect(heads.count == expected.count)
    for head in heads {
      #expect(text(file, head) == expected[head.sequence]?.text)
      expected[head.sequence]?.place = head.place
    }
    for _ in 0..<500 {
      let sequence = UInt64.random(in: 1...60, using: &random)
      let length =
        [0, 10, 200, 213, 214, 215, 216, 460, 465, 3000, 70_000].randomElement(using: &random) ?? 0
      let body = String(repeating: "x", count: length) + "\(sequence)"
      let head = try #require(file.write(.result, of: 5, sequence: sequence) { $0.put(1, body) })
      if let old = expected[sequence] { file.release(old.place) }
      expected[sequence] = (body, head.place)
      if Int.random(in: 0..<50, using: &random) == 0 { #expect(file.sync()) }
    }
  }
}

@Test func `A file whose notes are replaced again and again stays small`() throws {
  let folder = try HistoryFolder()
  let file = try open(folder)
  _ = file.load()
  var last: NoteHead?
  for round in 0..<20_000 {
    let head = try #require(file.write(.standing, of: 5) { $0.put(1, String(repeating: "x", count: 1500)) })
    if let last { file.release(last.place) }
    last = head
    if round % 100 == 0 { #expect(file.sync()) }
  }
  #expect(try folder.size("notes") < 400_000)
}

@Test func `What was given back is used again only when the disk has what replaces it`() throws {
  let folder = try HistoryFolder()
  let file = try open(folder)
  _ = file.load()
  let old = try #require(file.write(.standing, of: 5) { $0.put(1, "old") })
  let new = try #require(file.write(.standing, of: 5) { $0.put(1, "new") })
  file.release(old.place)
  for _ in 0..<600 { _ = file.write(.event, of: 6) { $0.put(1, "another") } }
  // As if the power failed, and the disk never got the new one.
  #expect(text(file, old) == "old")
  #expect(file.sync())
  #expect(text(file, old) == nil)
  #expect(text(file, new) == "new")
}

@Test func `Bytes without sense are read as far as they go`() throws {
  var random = SeededRandom(state: 5)
  for _ in 0..<20_000 {
    let bytes = (0..<Int.random(in: 0...60, using: &random)).map { _ in
      UInt8.random(in: 0...255, using: &random)
    }
    let fields = Unpacker(bytes[...])
    _ = ProbeResult(target: .sample(), fields: fields)
    _ = ServerNote(fields: fields)
    _ = TenantNote(fields: fields)
    _ = Standing(fields: fields)
    _ = Event(sequence: 1, fields: fields)
  }
}

@Test func `Fields of a later version are skipped`() throws {
  var random = SeededRandom(state: 9)
  let result = ProbeResult.full(of: .sample(), at: 3, &random)
  var packer = Packer()
  packer.put(60, "members")
  result.pack(into: &packer)
  packer.put(61) { $0.put(1, 5) }
  packer.put(62, 1 << 63)
  #expect(ProbeResult(target: .sample(), fields: Unpacker(packer.bytes[...])) == result)
}

@Test(arguments: [0, 1, 127, 128, 16_383, 16_384, .max]) func `Numbers of any size are read as written`(
  number: UInt64
) throws {
  var packer = Packer()
  packer.put(3, number)
  packer.put(4, signed: Int64(bitPattern: number))
  packer.put(5, signed: -1)
  let fields = Array(Unpacker(packer.bytes[...]))
  #expect(fields.map(\.number) == [3, 4, 5])
  #expect(fields[0].value == number)
  #expect(fields[1].signed == Int64(bitPattern: number) && fields[2].signed == -1)
}

@Test func `A result as earlier versions wrote it is read`() throws {
  var packer = Packer()
  packer.put(1, "mx.example")
  packer.put(2, count: 465)
  packer.put(3, "implicit")
  packer.put(4, Timestamp(microseconds: 5))
  packer.put(5, signed: 1_000_000_001)
  packer.put(6, UInt64(Outcome.down.rawValue))
  packer.put(8, UInt64(Reason.certExpired.rawValue))
  packer.put(15, "bare_lf")
  packer.put(18, UInt64(Phase.tls.rawValue) << 32 | 77)
  packer.put(20, UInt64(Stage.ehlo.rawValue) << 32 | 250)
  packer.put(22) { tls in
    tls.put(1, "TLSv1.3")
    tls.put(5) { certificate in
      certificate.put(1, "CN=mx")
      certificate.put(4, "mx")
      certificate.put(4, "www")
      certificate.put(11, 1)
    }
  }
  let result = try #require(ProbeResult(target: .sample(), fields: Unpacker(packer.bytes[...])))
  #expect(result.target == "a" && result.host == "mx.example" && result.port == 465)
  #expect(result.tlsMode == .implicit && result.startedAt == Timestamp(microseconds: 5))
  #expect(result.duration == .nanoseconds(1_000_000_001) && result.reason == .certExpired)
  #expect(result.warnings == [.bareLf] && result.phases[.tls] == .microseconds(77))
  #expect(result.replyCodes == [ReplyCode(stage: .ehlo, code: 250)] && result.policy == nil)
  let certificate = try #require(result.tls?.certificate)
  #expect(certificate.names == ["mx", "www"] && certificate.isCommonNameOnly && !certificate.isSelfIssued)
  #expect(certificate.key == nil && certificate.chain.isEmpty && result.tls?.verified == false)
}
