import Model
import Testing

@testable import Policy

@Suite struct DANETests {
  private let own = TLSARecord(
    usage: 3, selector: 1, matching: 1, association: [UInt8](repeating: 1, count: 32))
  private let next = TLSARecord(
    usage: 3, selector: 1, matching: 1, association: [UInt8](repeating: 2, count: 32))
  private let authority = TLSARecord(
    usage: 2, selector: 0, matching: 2, association: [UInt8](repeating: 3, count: 64))
  private let publicKeyInfrastructure = TLSARecord(
    usage: 1, selector: 0, matching: 1, association: [UInt8](repeating: 1, count: 32))

  private func judged(
    _ records: [TLSARecord], _ dnssec: DNSSECStatus = .secure, matching: [TLSARecord] = [],
    isSeen: Bool = true
  ) -> DANEFacts {
    DANEFacts(
      name: "_25._tcp.mx.test", dnssec: dnssec, records: records,
      matches: isSeen ? { matching.contains($0) } : nil)
  }

  @Test func oneMatchIsEnough() {
    let facts = judged([next, own], matching: [own])
    #expect(facts.status == .valid)
    #expect(facts.records.map(\.matches) == [false, true])
    #expect(facts.detail.isEmpty)
  }

  @Test func nextKeysRecordMakesRolloverReady() {
    #expect(judged([own, next], matching: [own]).isRolloverReady)
    #expect(judged([authority], matching: [authority]).isRolloverReady)
    #expect(!judged([own], matching: [own]).isRolloverReady)
    #expect(!judged([own, next]).isRolloverReady)
    #expect(!judged([own, publicKeyInfrastructure], matching: [own]).isRolloverReady)
  }

  @Test func noMatchIsAMismatch() { #expect(judged([own, next]).status == .mismatch) }

  @Test func recordsWithoutProofAreNotUsed() {
    #expect(judged([own], .insecure, matching: [own]).status == .insecure)
  }

  @Test func recordsForThePublicKeyInfrastructureAreUnusable() {
    let facts = judged([publicKeyInfrastructure], matching: [publicKeyInfrastructure])
    #expect(facts.status == .unusable)
    #expect(!facts.records[0].matches)
  }

  @Test func absenceIsToldApart() {
    #expect(judged([]).status == .noRecords)
    #expect(judged([own], isSeen: false).status == .unknown)
  }

  @Test(
    arguments: [
      ([3, 1, 1] + [UInt8](repeating: 0, count: 32), true), ([3, 1, 1, 0], false), ([3, 2, 1, 0], false),
      ([2, 0, 0, 0], true), ([3, 0, 3, 0], false), ([4, 0, 0, 0], false),
      ([255, 255, 255] + [UInt8](repeating: 0, count: 32), false),
    ] as [([UInt8], Bool)])
  func usableIsWhatSMTPKnows(_ data: [UInt8], _ isUsable: Bool) throws {
    #expect(try #require(TLSARecord(data: data)).isUsable == isUsable)
  }

  @Test(arguments: 0...3) func truncatedRecordIsNone(_ count: Int) {
    #expect(TLSARecord(data: [UInt8](repeating: 3, count: count)) == nil)
  }

  @Test func textIsThatOfAZoneFile() {
    #expect(TLSARecord(usage: 3, selector: 1, matching: 0, association: [0xAB, 0x01]).text == "3 1 0 ab01")
  }
}

@Suite struct TLSABaseTests {
  @Test(
    arguments: [
      (nil, true, false, ["mx.test"]), (nil, false, false, []), ("mx.test", true, false, ["mx.test"]),
      ("host.test", true, false, ["host.test", "mx.test"]), ("host.test", false, true, ["mx.test"]),
      ("host.test", false, false, []), (nil, false, true, []),
    ] as [(String?, Bool, Bool, [String])])
  func recordsAreLookedForWhereTheDNSVouchesForTheWay(
    _ canonicalName: String?, _ isAddressSecure: Bool, _ isAliasSecure: Bool, _ names: [String]
  ) {
    let found = TLSABase.domains(
      of: "mx.test", canonicalName: canonicalName, isAddressSecure: isAddressSecure,
      isAliasSecure: isAliasSecure)
    #expect(found == names)
  }
}
