import Testing

@testable import Policy

private func texts(_ texts: String...) -> [[UInt8]] { texts.map { Array($0.utf8) } }

@Suite struct MTASTSRecordTests {
  @Test func readsTheIDBesideForeignRecordsAndFields() throws {
    let record = try MTASTSRecord(texts("v=spf1 -all", "v=STSv1; id=20260101000000Z; x=y;"))
    #expect(record.id == "20260101000000Z")
  }

  @Test func anotherVersionIsNoRecord() {
    #expect(throws: RecordFault.missing("there is no TXT record with v=STSv1")) {
      try MTASTSRecord(texts("v=STSv12; id=1", "v=STSv2; id=1", ""))
    }
  }

  @Test func twoRecordsAreAsGoodAsNone() {
    #expect(
      throws: RecordFault.malformed("there are 2 TXT records with v=STSv1, which is as good as none")
    ) { try MTASTSRecord(texts("v=STSv1; id=1", "v=STSv1; id=2")) }
  }

  @Test(arguments: [
    "v=STSv1", "v=STSv1; id", "v=STSv1; id=", "v=STSv1; =1", "v=STSv1; id=a-b",
    "v=STSv1; id=\(String(repeating: "1", count: 33))", "v=STSv1; id=ü",
  ])
  func malformedRecordIsRefused(_ text: String) {
    #expect { try MTASTSRecord(texts(text)) } throws: { error in
      if case RecordFault.malformed = error { true } else { false }
    }
  }
}

@Suite struct TLSRPTRecordTests {
  @Test func readsWhereReportsGo() throws {
    let record = try TLSRPTRecord(texts("v=TLSRPTv1; rua=mailto:tls@a.test, https://a.test/v1"))
    #expect(record.reportsTo == ["mailto:tls@a.test", "https://a.test/v1"])
  }

  @Test(arguments: [
    "v=TLSRPTv1", "v=TLSRPTv1;rua=", "v=TLSRPTv1;rua=ftp://a", "v=TLSRPTv1;rua=mailto:a",
    "v=TLSRPTv1;rua=mailto:a@b,", "v=TLSRPTv1;rua=https://",
  ])
  func malformedRecordIsRefused(_ text: String) {
    #expect { try TLSRPTRecord(texts(text)) } throws: { error in
      if case RecordFault.malformed = error { true } else { false }
    }
  }

  @Test func missingRecordIsMissing() {
    #expect(throws: RecordFault.missing("there is no TXT record with v=TLSRPTv1")) { try TLSRPTRecord([]) }
  }
}

@Suite struct MTASTSPolicyTests {
  private func policy(_ text: String) throws -> MTASTSPolicy { try MTASTSPolicy(Array(text.utf8)) }

  @Test(arguments: ["\r\n", "\n"]) func readsAPolicy(_ end: String) throws {
    let text = [
      "version: STSv1", "mode: enforce", "mx: MX1.a.test", "mx: *.b.test", "max_age: 604800", "x: y",
    ]
    let policy = try policy(text.joined(separator: end) + end)
    #expect(policy.mode == .enforce)
    #expect(policy.maxAge == .seconds(604_800))
    #expect(policy.mx == ["mx1.a.test", "*.b.test"])
  }

  @Test func wildcardStandsForOneLabel() throws {
    let policy = try policy("version: STSv1\nmode: testing\nmax_age: 1\nmx: *.b.test\nmx: a.test")
    #expect(policy.covers("X.b.test"))
    #expect(policy.covers("a.test"))
    for host in ["b.test", "x.y.b.test", ".b.test", "xb.test", "x.a.test", ""] {
      #expect(!policy.covers(host))
    }
  }

  @Test func modeNoneNeedsNoHosts() throws {
    #expect(try policy("version: STSv1\nmode: none\nmax_age: 86400").mode == .none)
  }

  @Test(arguments: [
    ("", "the policy has no version"),
    ("<html>", "the line '<html>' is no 'name: value'"),
    ("version: STSv2\nmode: none\nmax_age: 1", "the version is 'STSv2', not STSv1"),
    ("version: STSv1\nmax_age: 1\nmx: a", "the policy has no mode"),
    (
      "version: STSv1\nmode: Enforce\nmax_age: 1\nmx: a",
      "the mode is 'Enforce', not enforce, testing or none"
    ),
    ("version: STSv1\nmode: enforce\nmx: a", "the policy has no max_age"),
    ("version: STSv1\nmode: enforce\nmax_age: 1", "the policy names no mx"),
    ("version: STSv1\nmode: enforce\nmax_age: 1\nmx: a b", "the mx 'a b' is no host name"),
    ("version: STSv1\nmode: enforce\nmax_age: 1\nmx: *.", "the mx '*.' is no host name"),
  ])
  func malformedPolicyIsRefused(_ text: String, _ words: String) {
    #expect(throws: MTASTSPolicy.Fault(description: words)) { try policy(text) }
  }

  @Test(arguments: ["-1", "1.5", "x", "31557601", "99999999999999999999", ""])
  func oddMaxAgeIsRefused(_ age: String) {
    #expect(throws: MTASTSPolicy.Fault.self) {
      try policy("version: STSv1\nmode: none\nmax_age: \(age)")
    }
  }

  @Test func bytesThatAreNoTextAreRefused() {
    #expect(throws: MTASTSPolicy.Fault(description: "the policy is not UTF-8")) {
      try MTASTSPolicy([0xFF, 0xFE, 0])
    }
  }
}
