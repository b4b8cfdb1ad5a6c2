import Testing

@testable import Configuration

@Test(arguments: [
  "mail.example.com", "a", "192.0.2.1", "::1", "2001:db8::192.0.2.1", "mail_1.example.com",
  "xn--bcher-kva.example", String(repeating: "a", count: 63) + ".example", "1.example", "fe80::1%eth0",
])
func `good hosts stand as they are`(host: String) throws {
  #expect(try HostName.check(host) == host)
}

@Test(arguments: [
  (#""smtp.x""#, "has the quote \" in it (remove the quotes)"),
  ("'smtp.x'", "has the quote ' in it (remove the quotes)"),
  ("smtp.x ", "has a blank ' ' at its end (remove it)"),
  (" smtp.x", "has a blank ' ' at its beginning (remove it)"),
  ("smtp.x\n", "has the control character U+000A in it (remove it)"),
  ("smtp.x,", "has a ',' in it (give one host, and one target for each)"),
  ("a.x;b.x", "has a ';' in it (give one host, and one target for each)"),
  ("smtp://x", "has the ':' of 'smtp://' in it (write the name alone, with tls.mode: starttls)"),
  ("smtps://x", "has the ':' of 'smtps://' in it (write the name alone, with tls.mode: implicit)"),
  ("https://x", "has the ':' of 'https://' in it (write the name alone)"),
  ("x:587", "has a ':' in it (write the port as a setting of its own: port: 587)"),
  ("[::1]", "has a '[' in it (write ::1 without brackets)"),
  ("[2001:db8::7]", "has a '[' in it (write 2001:db8::7 without brackets)"),
  ("${HOST}", "has a '$' in it (write ${NAME}, and set NAME in the environment)"),
  ("", "is empty (name the mail server: mail.example.com)"),
  (".", "'.' is the root of the DNS, not a host"),
  ("a..b", "has a '.' with nothing before it (remove it)"),
  (
    String(repeating: "a", count: 64) + ".example",
    "has a part of 64 characters, 'aaaaaaaaaaaa…' (63 are allowed)"
  ),
  (String(repeating: "abcdefg.", count: 32) + "org", "has 259 characters (253 are allowed)"),
  (
    "127.1",
    "'127.1' ends in the number '1' but is no complete address (write all four numbers of an address:"
      + " 192.0.2.1)"
  ),
  (
    "0",
    "'0' ends in the number '0' but is no complete address (write all four numbers of an address: 192.0.2.1)"
  ),
  (
    "0x7f.1",
    "'0x7f.1' ends in the number '1' but is no complete address (write all four numbers of an address:"
      + " 192.0.2.1)"
  ),
  (
    "192.0.2.256",
    "'192.0.2.256' ends in the number '256' but is no complete address (write all four numbers of an"
      + " address: 192.0.2.1)"
  ),
  ("0.0.0.0", "'0.0.0.0' is no destination (for this machine write 127.0.0.1)"),
  ("::", "'::' is no destination (for this machine write ::1)"),
  ("-a.example", "has a '-' at the edge of the part '-a' (remove it)"),
  ("bücher.example", "has U+00FC in it (use the punycode form, xn--…)"),
  ("u@mail.example", "has an '@' in it (a user goes to auth.username, the host stands alone)"),
  ("mail.example/x", "has a '/' in it (write the name alone)"),
  ("mail!", "has a '!' in it (no host name has one)"),
])
func `junk in a host is named with its cure`(host: String, line: String) {
  let complaint = #expect(throws: Complaint.self) { try HostName.check(host) }
  #expect(complaint.map { $0.message + ($0.cure.isEmpty ? "" : " (\($0.cure))") } == line)
}

@Test(arguments: [
  ("1::8", true), ("1:2:3:4:5:6:7:8", true), ("1:2:3:4:5:6:7", false), ("1::2::3", false), (":::", false),
  ("1:2:3:4:5:6:7::", true), ("1:2:3:4:5:6:7:8::", false), ("12345::", false), ("::ffff:1.2.3.4", true),
  ("1.2.3.4::", false), ("g::", false), ("::1%", false), ("1:", false),
])
func `IPv6 addresses are told from other text`(text: String, isAddress: Bool) {
  #expect(AddressLiteral.isIPv6(text) == isAddress)
}
