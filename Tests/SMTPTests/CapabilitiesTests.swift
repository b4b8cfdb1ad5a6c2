import SMTP
import Testing

private func capabilities(_ lines: String...) -> Capabilities {
  Capabilities(Reply(code: 250, lines: (["mail.example.test"] + lines).map { Array($0.utf8) }))
}

@Test
func `A keyword counts on any line and in any case`() {
  #expect(capabilities("STARTTLS").offersSTARTTLS)
  #expect(capabilities("SIZE 1", "8BITMIME", "starttls").offersSTARTTLS)
  #expect(!capabilities("XSTARTTLS", "STARTTLSX").offersSTARTTLS)
  #expect(!Capabilities().offersSTARTTLS)
  #expect(!Capabilities(Reply(code: 250, lines: [Array("STARTTLS".utf8)])).offersSTARTTLS)
}

@Test
func `Mechanisms are listed once, in capitals, from both forms`() {
  #expect(
    capabilities("AUTH plain LOGIN", "AUTH=LOGIN CRAM-MD5").authMechanisms == ["PLAIN", "LOGIN", "CRAM-MD5"])
  #expect(capabilities("AUTH=LOGIN").authMechanisms == ["LOGIN"])
  #expect(capabilities("AUTH").authMechanisms == [])
  #expect(capabilities("AUTHENTICATE PLAIN").authMechanisms == [])
}

@Test
func `SIZE has a value, or none`() {
  #expect(capabilities("SIZE 1000000").sizeLimit == 1_000_000)
  #expect(capabilities("size 0").sizeLimit == 0)
  #expect(capabilities("SIZE").sizeLimit == nil)
  #expect(capabilities("SIZE").offersSize)
  #expect(capabilities("SIZE many").sizeLimit == nil)
  #expect(capabilities("SIZE -5").sizeLimit == nil)
  #expect(capabilities("SIZE 99999999999999999999").sizeLimit == nil)
}

@Test
func `An expectation names a keyword and perhaps parameters`() {
  let offered = capabilities("SIZE 1000", "AUTH=LOGIN", "AUTH PLAIN")
  #expect(offered.contains("size"))
  #expect(offered.contains("SIZE 1000"))
  #expect(offered.contains("AUTH plain"))
  #expect(offered.contains("AUTH PLAIN LOGIN"))
  #expect(!offered.contains("SIZE 2000"))
  #expect(!offered.contains("AUTH CRAM-MD5"))
  #expect(!offered.contains("STARTTLS"))
}

@Test
func `Keywords behind a firewall's mask are seen as masked`() {
  #expect(capabilities("XXXXXXXA").isMasked)
  #expect(capabilities("SIZE 5", "XXXXXXXX 12").isMasked)
  #expect(!capabilities("XCLIENT", "XEXCH50", "XXX").isMasked)
}

@Test
func `Reports have the lines after the first, made safe`() {
  #expect(capabilities("SIZE 5", "X\u{1B}").lines == ["SIZE 5", #"X\x1B"#])
}
