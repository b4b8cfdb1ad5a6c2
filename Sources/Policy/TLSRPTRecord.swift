/// The TXT record at `_smtp._tls.DOMAIN` (RFC 8460 section 3): where reports about TLS go.
package struct TLSRPTRecord: Sendable, Equatable {
  /// URIs with the scheme `mailto` or `https`, at least one.
  package var reportsTo: [String]

  /// Reads the record among the texts at the name.
  package init(_ texts: [[UInt8]]) throws(RecordFault) {
    let tags: TagList
    do throws(TagList.Fault) { tags = try TagList(in: texts, version: "TLSRPTv1") } catch {
      throw RecordFault(error, kind: "v=TLSRPTv1")
    }
    guard let list = tags["rua"] else { throw .malformed("the record has no rua") }
    reportsTo = []
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      let address = trimmed(part)
      let isKnown =
        address.lowercased().hasPrefix("https://") && address.utf8.count > 8
        || address.lowercased().hasPrefix("mailto:") && address.contains("@")
      guard isKnown else {
        throw .malformed("the rua '\(shown(address))' is neither mailto: with an address nor https://")
      }
      reportsTo.append(shown(address))
    }
  }
}
