/// Under which names the TLSA records of a host are (RFC 7671 section 7, RFC 7672 section 2.2.2).
package enum TLSABase {
  /// The names in the order in which to look, none where senders do not look: the DNS has to vouch for the way to the
  /// host before it can vouch for the host.
  ///
  /// - Parameters:
  ///   - canonicalName: the name at the end of the aliases; nil where the host's is none.
  ///   - isAddressSecure: the answer with the addresses is vouched for, all aliases on the way to them included.
  ///   - isAliasSecure: that the host's own name is an alias is vouched for; asked only where the addresses are not.
  package static func domains(
    of host: String, canonicalName: String?, isAddressSecure: Bool, isAliasSecure: Bool
  ) -> [String] {
    guard let canonicalName, canonicalName != host else { return isAddressSecure ? [host] : [] }
    if isAddressSecure { return [canonicalName, host] }
    // A signed zone points to one that is not: what it says of its own name counts.
    return isAliasSecure ? [host] : []
  }
}
