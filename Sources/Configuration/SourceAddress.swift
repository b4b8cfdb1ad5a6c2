/// The rules for the address to connect from.
package enum SourceAddress {
  /// An address, without brackets; throws a complaint about anything else.
  package static func check(_ text: String) throws(Complaint) -> String {
    guard AddressLiteral.isIPv4(text) || AddressLiteral.isIPv6(text) else {
      throw Complaint(
        "has '\(shown(text))', which is no address", cure: "write one of this host's addresses: 192.0.2.1")
    }
    return text
  }
}
