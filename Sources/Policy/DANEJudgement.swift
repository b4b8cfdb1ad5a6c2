package import Model

extension DANEFacts {
  /// What secure records come to against a server's chain.
  ///
  /// - Parameters:
  ///   - matches: whether a usable record matches the chain: for usage 3 the server's own certificate, whatever
  ///     its names and its end; for usage 2 a chain to the authority, good for the name (RFC 7672 section 3.1).
  ///     nil where there was no certificate.
  package init(
    name: String, dnssec: DNSSECStatus, records: [TLSARecord], matches: ((TLSARecord) -> Bool)?
  ) {
    self.init(name: name, status: .unknown, dnssec: dnssec)
    let matched = records.map { $0.isUsable && matches?($0) == true }
    self.records = zip(records, matched).map { record, matched in
      Record(text: record.text, isUsable: record.isUsable, matches: matched)
    }
    let usable = zip(records, matched).filter(\.0.isUsable)
    if records.isEmpty {
      (status, detail) = (.noRecords, "there is no TLSA record at \(name)")
    } else if dnssec != .secure {
      status = .insecure
      detail =
        "the DNS does not vouch for the TLSA records at \(name): the zone is not signed, or the resolver does not "
        + "validate"
    } else if usable.isEmpty {
      status = .unusable
      detail =
        "no TLSA record at \(name) is one that SMTP uses (usage 2 or 3, selector 0 or 1, matching 0 to 2)"
    } else if matches == nil {
      detail = "there was no certificate to hold against the TLSA records at \(name)"
    } else if matched.contains(true) {
      status = .valid
    } else {
      status = .mismatch
      detail = "none of the \(usable.count) usable TLSA records at \(name) matches the certificate"
    }
    isRolloverReady =
      status == .valid && usable.contains { record, matched in !matched || record.isAuthority }
  }
}
