import Model
import SMTP
import Testing

@testable import Diagnosis

private let secret = "Tr0ub4dor&3+/x"

@Suite struct RedactionTests {
  @Test(arguments: [
    secret, base64Form("\0probe\0\(secret)"), base64Form(secret), "Tr0ub4dor%263%2B%2Fx",
  ])
  func `a server's echo enters no verdict`(echo: String) {
    let account = target(user: "probe", password: secret)
    let answer = reply("535 5.7.8 cannot use \(echo)")
    let raw = Array("500 \(echo)\r\n".utf8)
    let seen: [Observation] = [
      observation(.rejected(answer), .auth, account),
      observation(.rejected(reply("550 \(echo)")), .message, account),
      observation(.badReply("not a code: \(echo)", bytes: Array(echo.utf8)), .auth, account),
      observation(.timeout, .mail, account) { $0.lastReply = answer },
      observation(.closed(reset: false), .auth, account) { $0.lastReply = answer },
      observation(.plaintextAcrossTLS(raw), .starttls, account),
      observation(.serverUnverified("e=\(echo)"), .auth, account),
      observation(.expectation(wanted: "a", saw: echo), .banner, account),
      observation(.local("wrote \(echo)"), .auth, account),
      observation(.starttlsNotOffered, .ehlo, account) { $0.clearCapabilities = [echo] },
      observation(.noCommonMechanism(offered: [echo], wanted: ["PLAIN"]), .auth, account),
      observation(.tls(tlsFault(267)), .tls, account) { $0.rawBytes = raw },
      observation(.tls(tlsFault(267, late: true)), .auth, account) { $0.rawBytes = raw },
    ]
    for observation in seen {
      let text = allText(of: verdict(for: observation))
      #expect(!text.contains(echo), "\(text)")
      #expect(!text.contains(secret))
    }
  }

  @Test func `evidence is short and has no controls`() {
    let noise = (0..<2000).map { UInt8($0 % 256) }
    let found = verdict(for: observation(.rejected(Reply(code: 550, lines: [noise, noise])), .mail))
    for text in [found.message, found.remedy] + found.evidence.map(\.text) {
      #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }
    #expect(found.evidence.allSatisfy { $0.text.count <= 300 })
    let long = verdict(
      for: observation(.badReply("too long", bytes: [UInt8](repeating: 0x78, count: 5000)), .banner))
    #expect(long.evidence.allSatisfy { $0.text.count <= 120 })
  }

  @Test func `sentences leave out what differs from session to session`() {
    #expect(
      SessionMarks.removed(from: "535 5.7.8 BadCredentials ffacd0b85a97d-4329 - gsmtp")
        == "535 5.7.8 BadCredentials")
    #expect(SessionMarks.removed(from: "250 queued as 4XyZ1a2B3c4D at 10:00:00") == "250 queued as … at …")
    #expect(SessionMarks.removed(from: "mail.example.test <a@b> 554") == "mail.example.test <a@b> 554")
  }
}

private func base64Form(_ text: String) -> String {
  String(decoding: Base64.encode(Array(text.utf8)), as: UTF8.self)
}
