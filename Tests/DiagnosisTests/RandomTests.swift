import Model
import SMTP
import Testing

@testable import Diagnosis

/// Numbers that look random and are the same in every run.
private struct Sequence64: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }
}

@Suite struct RandomTests {
  @Test(arguments: 0..<20)
  func `whatever is heard, there is a verdict with words`(seed: Int) {
    var random = Sequence64(state: UInt64(seed))
    for _ in 0..<20 {
      let bytes = (0..<Int.random(in: 0...400, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      let code = Int.random(in: 200...599, using: &random)
      let lines = [Array("5.7.\(code % 40) sender relay limit tls ".utf8) + bytes, bytes]
      let heard = Reply(code: code, lines: Array(lines.prefix(Int.random(in: 0...2, using: &random))))
      let stage = Stage.allCases.randomElement(using: &random) ?? .banner
      let faults: [Fault] = [
        .rejected(heard), .badReply("words", bytes: bytes), .plaintextAcrossTLS(bytes), .timeout,
        .closed(reset: code % 2 == 0),
        .tls(tlsFault(code % 400, late: code % 2 == 0)),
        .tls(tlsFault(1000 + code % 130, late: code % 3 == 0)),
        .tls(tlsFault(267)), .certificate([CertificateFault(code: code % 100, depth: code % 3, text: "t")]),
        .connect,
      ]
      for fault in faults {
        let seen = observation(fault, stage, target(user: "probe", password: "p4ssw0rd")) {
          $0.rawBytes = bytes
          $0.greeting = heard
          $0.lastReply = heard
          $0.isInTLS = code % 2 == 0
        }
        let found = verdict(for: seen)
        #expect(!found.message.isEmpty && found.remedy.contains("`"))
        #expect(found.reason != .ok && found.outcome == found.reason.outcome)
        #expect(found.evidence.allSatisfy { $0.text.count <= 300 })
        #expect(found == verdict(for: seen))
        let after = plan(after: found, observation: seen, level: .active)
        #expect(after.map(\.connections).reduce(0, +) <= FollowUpLimits.connections)
      }
    }
  }

  @Test func `every cut of a reply in clear is judged`() {
    let raw = Array("220-mail.example.test ESMTP\r\n220 ready\r\n".utf8)
    for end in 0...raw.count {
      let seen = observation(.tls(tlsFault(267)), .tls, target(mode: .implicit)) {
        $0.rawBytes = Array(raw[..<end])
      }
      #expect(verdict(for: seen).reason == (end < 3 ? .tlsCorrupt : .portSpeaksPlaintext))
    }
  }
}
