/// What the domain publishes about its mail servers, and whether the probed one keeps to it.
package struct PolicyFacts: Sendable, Equatable {
  package var dane: DANEFacts?
  package var mtaSTS: MTASTSFacts?
  package var tlsRPT: TLSRPTFacts?

  /// Nothing looked up yet.
  package init() {}
}

/// Whether an answer of the DNS can be believed (RFC 4035 section 4.3).
package enum DNSSECStatus: String, Sendable, CaseIterable {
  /// The resolver validated it (AD).
  case secure
  /// It did not: the zone is not signed, or the resolver does not validate.
  case insecure
  /// There is no answer, as with records that fail validation.
  case unknown
}

/// TLSA records against the certificate (RFC 7672).
package struct DANEFacts: Sendable, Equatable {
  /// What came of it.
  package enum Status: String, Sendable, CaseIterable {
    case valid
    /// No usable record matches the certificate.
    case mismatch
    case noRecords = "no_records"
    /// There are records, and the DNS does not vouch for them: senders do not use them.
    case insecure
    /// None of the records has a usage, selector and matching type that SMTP knows.
    case unusable
    /// The question was not answered, or there was no certificate to hold against the records.
    case unknown
  }

  /// One record, as it was judged.
  package struct Record: Sendable, Equatable {
    /// As in a zone file, such as `3 1 1 0b9f…`.
    package var text: String
    package var isUsable: Bool
    package var matches: Bool

    /// A judged record.
    package init(text: String, isUsable: Bool, matches: Bool) {
      self.text = text
      self.isUsable = isUsable
      self.matches = matches
    }
  }

  /// Such as `_25._tcp.mail.example.com`.
  package var name: String
  package var status: Status
  package var dnssec: DNSSECStatus
  package var records: [Record]
  /// The key can be changed without a gap: a further record is there for the next one, or the authority's is.
  package var isRolloverReady: Bool
  /// Why it is not `valid`, in words; empty where it is.
  package var detail: String

  /// What the records came to.
  package init(
    name: String, status: Status, dnssec: DNSSECStatus, records: [Record] = [], isRolloverReady: Bool = false,
    detail: String = ""
  ) {
    self.name = name
    self.status = status
    self.dnssec = dnssec
    self.records = records
    self.isRolloverReady = isRolloverReady
    self.detail = detail
  }
}

/// The domain's MTA-STS policy, and the probed server under it (RFC 8461).
package struct MTASTSFacts: Sendable, Equatable {
  /// What came of it.
  package enum Status: String, Sendable, CaseIterable {
    case valid
    /// The TXT record is missing.
    case noRecord = "no_record"
    /// There is no one record that can be read.
    case badRecord = "bad_record"
    /// The policy cannot be fetched.
    case unreachable
    /// The policy cannot be read.
    case badPolicy = "bad_policy"
    /// The policy's mode is `none`.
    case disabled
    /// The probed host is none of the policy's `mx`.
    case hostNotCovered = "host_not_covered"
    /// The server does not give TLS with a certificate that is good for its name.
    case serverUntrusted = "server_untrusted"
    /// The question was not answered.
    case unknown
  }

  package var domain: String
  package var status: Status
  /// The record's `id`.
  package var id: String?
  /// `enforce`, `testing` or `none`.
  package var mode: String?
  package var maxAge: Duration?
  /// The policy's patterns.
  package var mx: [String]
  /// The probed host is one of them.
  package var isHostCovered: Bool?
  /// When the policy was last fetched.
  package var fetchedAt: Timestamp?
  /// When the certificate of the policy host expires.
  package var certificateExpiry: Timestamp?
  /// Why it is not `valid`, in words; empty where it is.
  package var detail: String

  /// What the policy came to.
  package init(domain: String, status: Status, detail: String = "") {
    self.domain = domain
    self.status = status
    self.detail = detail
    mx = []
  }
}

/// Where the domain wants reports about TLS (RFC 8460).
package struct TLSRPTFacts: Sendable, Equatable {
  /// What came of it.
  package enum Status: String, Sendable, CaseIterable {
    case valid
    case noRecord = "no_record"
    case badRecord = "bad_record"
    case unknown
  }

  package var domain: String
  package var status: Status
  /// The addresses, such as `mailto:tls@example.com`.
  package var reportsTo: [String]
  /// Why it is not `valid`, in words; empty where it is.
  package var detail: String

  /// What the record came to.
  package init(domain: String, status: Status, reportsTo: [String] = [], detail: String = "") {
    self.domain = domain
    self.status = status
    self.reportsTo = reportsTo
    self.detail = detail
  }
}
