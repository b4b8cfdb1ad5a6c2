import Metrics
import Model
import Monitor

private enum Families {
  static let dane = MetricFamily(
    "smtp_probe_dane_valid", .gauge,
    help:
      "1 where a usable, secure TLSA record matches the certificate, else 0; missing where nobody can tell.")
  static let daneInfo = MetricFamily(
    "smtp_probe_dane_info", .info, help: "What the TLSA records came to, and whether DNSSEC vouches for them."
  )
  static let daneRecords = MetricFamily(
    "smtp_probe_dane_records", .gauge, help: "TLSA records of the target by whether SMTP can use them.")
  static let rollover = MetricFamily(
    "smtp_probe_dane_rollover_ready", .gauge,
    help: "1 where a TLSA record for the next key is there, or the authority's, else 0.")
  static let mtaSTS = MetricFamily(
    "smtp_probe_mta_sts_valid", .gauge,
    help: "1 where the domain's MTA-STS policy covers the target and the target keeps to it, else 0; "
      + "missing where nobody can tell.")
  static let mtaSTSInfo = MetricFamily(
    "smtp_probe_mta_sts_info", .info, help: "What the domain's MTA-STS policy came to, and its mode.")
  static let covered = MetricFamily(
    "smtp_probe_mta_sts_mx_covered", .gauge, help: "1 where the target is one of the policy's mx, else 0.")
  static let maxAge = MetricFamily(
    "smtp_probe_mta_sts_max_age_seconds", .gauge, unit: "seconds",
    help: "How long senders may keep the domain's MTA-STS policy.")
  static let fetched = MetricFamily(
    "smtp_probe_mta_sts_fetched_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the domain's MTA-STS policy was last fetched, as Unix time.")
  static let policyHost = MetricFamily(
    "smtp_probe_mta_sts_cert_not_after_timestamp_seconds", .gauge, unit: "seconds",
    help: "Until when the certificate of the policy host is valid, as Unix time.")
  static let tlsRPT = MetricFamily(
    "smtp_probe_tls_rpt_valid", .gauge,
    help: "1 where the domain says where reports about TLS go, else 0; missing where nobody can tell.")
}

extension Exposition {
  /// What domains publish about their mail servers, and whether those keep to it.
  mutating func writePolicies(_ targets: [LabelledTarget]) {
    // Most monitors look up none.
    let targets = targets.filter { $0.state.last?.policy != nil }
    guard !targets.isEmpty else { return }
    writeDANE(targets)
    writeMTASTS(targets)
    write(Families.tlsRPT, targets) { target -> Bool? in
      target.last?.policy?.tlsRPT.flatMap { $0.status == .unknown ? nil : $0.status == .valid }
    }
  }

  private mutating func writeDANE(_ targets: [LabelledTarget]) {
    write(Families.dane, targets) { target -> Bool? in
      target.last?.policy?.dane.flatMap { $0.status == .unknown ? nil : $0.status == .valid }
    }
    family(Families.daneInfo)
    for target in targets {
      guard let dane = target.state.last?.policy?.dane else { continue }
      sample(target.labels.adding("status", dane.status.rawValue), "dnssec", dane.dnssec.rawValue, 1)
    }
    family(Families.daneRecords)
    for target in targets {
      guard let dane = target.state.last?.policy?.dane, dane.dnssec != .unknown else { continue }
      let usable = dane.records.count(where: \.isUsable)
      sample(target.labels, "usable", "true", usable)
      sample(target.labels, "usable", "false", dane.records.count - usable)
    }
    write(Families.rollover, targets) { target -> Bool? in
      target.last?.policy?.dane.flatMap { $0.status == .unknown ? nil : $0.isRolloverReady }
    }
  }

  private mutating func writeMTASTS(_ targets: [LabelledTarget]) {
    write(Families.mtaSTS, targets) { target -> Bool? in
      target.last?.policy?.mtaSTS.flatMap { $0.status == .unknown ? nil : $0.status == .valid }
    }
    family(Families.mtaSTSInfo)
    for target in targets {
      guard let policy = target.state.last?.policy?.mtaSTS else { continue }
      sample(target.labels.adding("status", policy.status.rawValue), "mode", policy.mode ?? "", 1)
    }
    write(Families.covered, targets) { target -> Bool? in target.last?.policy?.mtaSTS?.isHostCovered }
    write(Families.maxAge, targets) { target -> Double? in target.last?.policy?.mtaSTS?.maxAge?.seconds }
    write(Families.fetched, targets) { target -> Double? in target.last?.policy?.mtaSTS?.fetchedAt?.seconds }
    write(Families.policyHost, targets) { target -> Double? in
      target.last?.policy?.mtaSTS?.certificateExpiry?.seconds
    }
  }
}
