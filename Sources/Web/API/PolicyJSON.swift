import Model

extension JSON {
  /// What the domain publishes, and how the server keeps to it.
  init(_ policy: PolicyFacts) {
    self = [
      "dane": policy.dane.map(JSON.init) ?? nil,
      "mta_sts": policy.mtaSTS.map(JSON.init) ?? nil,
      "tls_rpt": policy.tlsRPT.map(JSON.init) ?? nil,
    ]
  }

  private init(_ dane: DANEFacts) {
    self = [
      "name": .string(dane.name),
      "status": .string(dane.status.rawValue),
      "dnssec": .string(dane.dnssec.rawValue),
      "records": .array(
        dane.records.map {
          ["record": .string($0.text), "usable": .bool($0.isUsable), "matches": .bool($0.matches)]
        }),
      "rollover_ready": .bool(dane.isRolloverReady),
      "detail": .string(dane.detail),
    ]
  }

  private init(_ policy: MTASTSFacts) {
    self = [
      "domain": .string(policy.domain),
      "status": .string(policy.status.rawValue),
      "id": JSON(policy.id),
      "mode": JSON(policy.mode),
      "max_age_seconds": policy.maxAge.map { JSON($0) } ?? nil,
      "mx": JSON(policy.mx),
      "host_covered": policy.isHostCovered.map { .bool($0) } ?? nil,
      "fetched_at": JSON(policy.fetchedAt),
      "policy_host_not_after": JSON(policy.certificateExpiry),
      "detail": .string(policy.detail),
    ]
  }

  private init(_ record: TLSRPTFacts) {
    self = [
      "domain": .string(record.domain),
      "status": .string(record.status.rawValue),
      "reports_to": JSON(record.reportsTo),
      "detail": .string(record.detail),
    ]
  }
}
