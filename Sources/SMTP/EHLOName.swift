/// The name that a client gives itself in EHLO: a domain (RFC 5321 section 4.1.2) or an address literal such as
/// `[192.0.2.1]` or `[IPv6:2001:db8::1]` (section 4.1.3).
package struct EHLOName: Sendable, Equatable {
  package let text: String

  /// The name, where the grammar allows it.
  package init(_ text: String) throws(AddressError) {
    try Domain.check(text)
    self.text = text
  }
}
