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
  static let capabilities = [
    "8BITMIME", "AUTH", "BINARYMIME", "BURL", "CHUNKING", "DELIVERBY", "DSN", "ENHANCEDSTATUSCODES", "ETRN",
    "FUTURERELEASE", "HELP", "LIMITS", "MT-PRIORITY", "NO-SOLICITING", "PIPELINING", "REQUIRETLS", "RRVS",
    "SIZE",
    "SMTPUTF8", "STARTTLS", "VRFY", "XCLIENT", "XFORWARD",
  ]
  static let mechanisms = Set(Mechanism.allCases.map(\.rawValue)).union([
    "ANONYMOUS", "CRAM-MD5", "DIGEST-MD5", "GS2-KRB5", "GSSAPI", "KERBEROS_V4", "NTLM", "OTP",
    "PLAIN-CLIENTTOKEN",
    "SCRAM-SHA-512", "SCRAM-SHA-512-PLUS",
  ]).sorted()

  /// Those of a list that stand among the words, in the list's order.
  static func only(_ list: [String], _ words: [some StringProtocol]) -> [String] {
    list.filter { known in words.contains { isSame($0, known) } }
  }

  /// Whether a server's word is one of ours, which are in capitals, in any case.
  private static func isSame(_ word: some StringProtocol, _ known: String) -> Bool {
    word.utf8.count == known.utf8.count
      && zip(word.utf8, known.utf8).allSatisfy { letter, capital in
        letter == capital || (isCapital(capital) && letter == capital | 0x20)
      }
  }

  private static func isCapital(_ letter: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(letter)
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
