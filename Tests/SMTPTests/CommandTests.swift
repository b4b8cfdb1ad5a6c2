import Model
import SMTP
import Testing

@Test
func `Commands end with CRLF and are shown without it`() throws {
  let name = try EHLOName("monitor.example.net")
  let to = try Mailbox("sink@example.net")
  let commands: [(Command, String)] = [
    (.ehlo(name), "EHLO monitor.example.net"), (.helo(name), "HELO monitor.example.net"),
    (.lhlo(name), "LHLO monitor.example.net"), (.starttls, "STARTTLS"), (.rset, "RSET"), (.data, "DATA"),
    (.quit, "QUIT"), (.mail(from: to), "MAIL FROM:<sink@example.net>"), (.mail(from: nil), "MAIL FROM:<>"),
    (.mail(from: to, size: 700), "MAIL FROM:<sink@example.net> SIZE=700"),
    (.rcpt(to: to), "RCPT TO:<sink@example.net>"), (.auth(.login), "AUTH LOGIN"), (.cancel(.login), "*"),
  ]
  for (command, line) in commands {
    #expect(String(decoding: command.wire, as: UTF8.self) == line + "\r\n")
    #expect(command.transcript == line)
  }
}

@Test
func `No way of showing a command shows a secret`() {
  let secret = "hunter2 and more"
  let encoded = String(decoding: Base64.encode(Array(secret.utf8)), as: UTF8.self)
  let commands: [(Command, String)] = [
    (.auth(.plain, initialResponse: Array(secret.utf8)), "AUTH PLAIN <secret>"),
    (.response(Array(secret.utf8), of: .login), "<secret>"),
  ]
  for (command, transcript) in commands {
    #expect(String(decoding: command.wire, as: UTF8.self).contains(encoded))
    var dumped = ""
    dump(Action.send(command), to: &dumped)
    let shown = [
      command.transcript, "\(command)", String(reflecting: command), "\(Action.send(command))", dumped,
    ]
    #expect(shown[0] == transcript)
    for text in shown {
      #expect(!text.contains(secret))
      #expect(!text.contains(encoded))
    }
  }
}

@Test
func `An empty initial response is an equals sign, an empty response an empty line`() {
  #expect(Command.auth(.external, initialResponse: []).wire == Array("AUTH EXTERNAL =\r\n".utf8))
  #expect(Command.response([], of: .xoauth2).wire == [0x0D, 0x0A])
}

@Test(arguments: [
  "mail.example.net", "localhost", "a-b.c", "[192.0.2.1]", "[IPv6:2001:db8::1]", "[ipv6:::1]", "[IPv6:::]",
  "[IPv6:1:2:3:4:5:6:7:8]", "[IPv6:::ffff:192.0.2.1]", "[IPv6:1::]",
])
func `Names for EHLO are domains and address literals`(_ name: String) throws {
  #expect(try EHLOName(name).text == name)
}

@Test(arguments: [
  "", "my_host", "a b", "a\r\nQUIT", "a\0", "-a.b", "a-.b", "a..b", "a.", "müller.de", "192.0.2.1]",
  "[192.0.2]",
  "[192.0.2.256]", "[2001:db8::1]", "[IPv6:1:2:3]", "[IPv6:1::2::3]", "[IPv6::1:2]", "[IPv6:12345::]", "[]",
  String(repeating: "a", count: 64), String(repeating: "a.", count: 128) + "a", "a]b",
])
func `Other names are refused`(_ name: String) {
  #expect(throws: AddressError.self) { try EHLOName(name) }
}

@Test(arguments: [
  "a@b", "probe+tag@example.net", "\"a b\"@example.net", #""a\"b"@example.net"#, "x@[192.0.2.1]",
  "o'brien@example.net",
])
func `Addresses have a local part and a domain`(_ address: String) throws {
  #expect(try Mailbox(address).text == address)
}

@Test(arguments: [
  "", "a", "@b", "a@", "a b@c", "a@b>\r\nRCPT TO:<x@y", "a\n@b", ".a@b", "a..b@c", "<a@b>", "a@b c",
  "\"a\"b\"@c", "\"a\\\"@c", "a@b_c", String(repeating: "a", count: 65) + "@b",
])
func `Other addresses are refused`(_ address: String) {
  #expect(throws: AddressError.self) { try Mailbox(address) }
}

@Test
func `An error names the character`() {
  #expect(throws: AddressError.character("_")) { try EHLOName("my_host") }
  #expect(throws: AddressError.character("\r")) { try EHLOName("a\r\nb") }
  #expect(AddressError.character("\r").description.contains(#"\x0D"#))
}
