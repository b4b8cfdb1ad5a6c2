import COpenSSL

/// A peer's name as it goes into the ClientHello and is looked for in its certificate.
struct PeerName {
  /// Without trailing dot; an address without its zone.
  let text: String
  let isAddress: Bool

  /// A host name or a literal address, such as `mail.example.com.`, `192.0.2.1` or `fe80::1%eth0`.
  init(_ name: String) {
    if name.utf8.contains(UInt8(ascii: ":")) {
      text = name.split(separator: "%", maxSplits: 1).first.map(String.init) ?? name
      isAddress = true
    } else {
      text = name.hasSuffix(".") ? String(name.dropLast()) : name
      let octets = unsafe text.withCString { unsafe a2i_IPADDRESS($0) }
      isAddress = unsafe octets != nil
      unsafe ASN1_OCTET_STRING_free(octets)
    }
  }
}
