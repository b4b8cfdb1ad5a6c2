import Testing

@testable import TLS

@Test(arguments: [
  ("mail.example.com", "mail.example.com", false), ("mail.example.com.", "mail.example.com", false),
  ("192.0.2.1", "192.0.2.1", true), ("2001:db8::1", "2001:db8::1", true), ("fe80::1%eth0", "fe80::1", true),
  ("1.2.3.example", "1.2.3.example", false), ("", "", false),
])
func `a peer's name has no trailing dot and no zone`(name: String, text: String, isAddress: Bool) {
  let peer = PeerName(name)
  #expect(peer.text == text)
  #expect(peer.isAddress == isAddress)
}
