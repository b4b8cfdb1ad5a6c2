import Metrics
import Model
import Monitor

private enum Families {
  static let capability = MetricFamily(
    "smtp_probe_ehlo_capability", .gauge,
    help: "1 for each well-known extension that the last EHLO reply of the latest completed probe offers.")
  static let mechanism = MetricFamily(
    "smtp_probe_auth_mechanism", .gauge,
    help: "1 for each well-known login mechanism that the latest completed probe was offered.")
  static let sizeLimit = MetricFamily(
    "smtp_probe_message_size_limit_bytes", .gauge, unit: "bytes",
    help: "The largest message that the server takes (RFC 1870), as the latest completed probe saw it; "
      + "0 means without fixed limit.")
}

/// What may become a label: servers write what they like, and whatever else they offer is left to the pages.
private enum WellKnown {
  static let capabilities: Set<String> = [
    "8BITMIME", "AUTH", "BINARYMIME", "BURL", "CHUNKING", "DELIVERBY", "DSN", "ENHANCEDSTATUSCODES", "ETRN",
    "FUTURERELEASE", "HELP", "LIMITS", "MT-PRIORITY", "NO-SOLICITING", "PIPELINING", "REQUIRETLS", "RRVS",
    "SIZE",
    "SMTPUTF8", "STARTTLS", "VRFY", "XCLIENT", "XFORWARD",
  ]
  static let mechanisms: Set<String> = Set(Mechanism.allCases.map(\.rawValue)).union([
    "ANONYMOUS", "CRAM-MD5", "DIGEST-MD5", "GS2-KRB5", "GSSAPI", "KERBEROS_V4", "NTLM", "OTP",
    "PLAIN-CLIENTTOKEN",
    "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS",
  ])

  /// The members of a list, each once, in order.
  static func only(_ list: Set<String>, _ words: some Sequence<some StringProtocol>) -> [String] {
    Set(words.map { $0.uppercased() }).intersection(list).sorted()
  }
}

extension Exposition {
  /// What servers say that they can do.
  mutating func writeOffers(_ targets: [LabelledTarget]) {
    family(Families.capability)
    for target in targets {
      guard let smtp = target.state.last?.smtp else { continue }
      let keywords = smtp.capabilities.map { $0.prefix { $0 != " " } }
      for capability in WellKnown.only(WellKnown.capabilities, keywords) {
        sample(target.labels, "capability", capability, 1)
      }
    }
    family(Families.mechanism)
    for target in targets {
      guard let smtp = target.state.last?.smtp else { continue }
      for mechanism in WellKnown.only(WellKnown.mechanisms, smtp.authMechanisms) {
        sample(target.labels, "mechanism", mechanism, 1)
      }
    }
    write(Families.sizeLimit, targets) { $0.last?.smtp?.sizeLimit }
  }
}
