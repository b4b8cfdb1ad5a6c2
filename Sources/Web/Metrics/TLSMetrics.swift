import Metrics
import Model
import Monitor

private enum Families {
  static let session = MetricFamily(
    "smtp_probe_tls_info", .info, help: "TLS version and cipher of the latest completed probe.")
  static let verified = MetricFamily(
    "smtp_probe_tls_verified", .gauge,
    help: "1 where the certificate that the latest completed probe saw passed every check, else 0.")
  static let notBefore = MetricFamily(
    "smtp_probe_tls_cert_not_before_timestamp_seconds", .gauge, unit: "seconds",
    help: "From when the last certificate seen is valid, as Unix time, also where verification fails.")
  static let notAfter = MetricFamily(
    "smtp_probe_tls_cert_not_after_timestamp_seconds", .gauge, unit: "seconds",
    help: "Until when the last certificate seen is valid, as Unix time, also where verification fails.")
  static let chainNotAfter = MetricFamily(
    "smtp_probe_tls_chain_not_after_timestamp_seconds", .gauge, unit: "seconds",
    help: "The earliest end of any certificate in the last chain seen, as Unix time, "
      + "also where verification fails."
  )
  static let remaining = MetricFamily(
    "smtp_probe_tls_cert_lifetime_remaining_ratio", .gauge,
    help:
      "What is left of the life of the certificate that is nearest its end, of those in the last chain seen, "
      + "from 1 down to 0.")
  static let group = MetricFamily(
    "smtp_probe_tls_group_info", .info, help: "Group of the key exchange of the latest completed probe.")
  static let key = MetricFamily(
    "smtp_probe_tls_key_info", .info,
    help: "Algorithm and size of the key of the last certificate seen, and what its issuer signed it with.")
  static let ocsp = MetricFamily(
    "smtp_probe_tls_ocsp_good", .gauge,
    help: "1 where the OCSP staple of the latest completed probe vouches for the certificate, else 0; "
      + "missing where none is asked for.")
  static let ocspInfo = MetricFamily(
    "smtp_probe_tls_ocsp_info", .info, help: "What the OCSP staple of the latest completed probe came to.")
  static let ocspThisUpdate = MetricFamily(
    "smtp_probe_tls_ocsp_this_update_timestamp_seconds", .gauge, unit: "seconds",
    help: "When the responder knew what the OCSP staple says, as Unix time.")
  static let ocspNextUpdate = MetricFamily(
    "smtp_probe_tls_ocsp_next_update_timestamp_seconds", .gauge, unit: "seconds",
    help: "Until when the OCSP staple holds, as Unix time.")
  static let certificate = MetricFamily(
    "smtp_probe_tls_cert_info", .info, help: "Identity of the last certificate seen.")
}

extension Exposition {
  /// TLS sessions and certificates. Certificates outlive a failing handshake: they matter most when they
  /// expire.
  mutating func writeTLS(_ targets: [LabelledTarget], now: Timestamp) {
    family(Families.session)
    for target in targets {
      guard let tls = target.state.last?.tls else { continue }
      sample(target.labels.adding("version", tls.version), "cipher", tls.cipher, 1)
    }
    family(Families.group)
    for target in targets {
      if let group = target.state.last?.tls?.group { sample(target.labels, "group", group, 1) }
    }
    write(Families.verified, targets) { $0.last?.tls?.verified }
    write(Families.notBefore, targets) { $0.certificate?.notBefore.seconds }
    write(Families.notAfter, targets) { $0.certificate?.notAfter.seconds }
    write(Families.chainNotAfter, targets) { $0.certificate?.chainNotAfter.seconds }
    write(Families.remaining, targets) { target -> Double? in
      target.certificate?.links.compactMap { $0.remainingShare(at: now) }.min()
    }
    family(Families.key)
    for target in targets {
      guard let certificate = target.state.certificate, let key = certificate.key else { continue }
      var labels = target.labels
      labels.append("algorithm", key.algorithm)
      labels.append("bits", String(key.bits))
      labels.append("signature", certificate.signatureAlgorithm ?? "")
      sample(labels, true)
    }
    family(Families.certificate)
    for target in targets {
      guard let certificate = target.state.certificate else { continue }
      var labels = target.labels
      labels.append("issuer_cn", certificate.issuerCommonName.limitedForLabel)
      labels.append("serial", certificate.serial.limitedForLabel)
      labels.append("fingerprint_sha256", certificate.fingerprintSHA256)
      sample(labels, true)
    }
    writeStaples(targets)
  }

  private mutating func writeStaples(_ targets: [LabelledTarget]) {
    // Most monitors ask for none.
    let targets = targets.filter { $0.state.last?.tls?.staple != nil }
    guard !targets.isEmpty else { return }
    write(Families.ocsp, targets) { target -> Bool? in target.last?.tls?.staple.map { $0.status == .good } }
    family(Families.ocspInfo)
    for target in targets {
      guard let staple = target.state.last?.tls?.staple else { continue }
      sample(target.labels, "status", staple.status.rawValue, 1)
    }
    write(Families.ocspThisUpdate, targets) { $0.last?.tls?.staple?.thisUpdate?.seconds }
    write(Families.ocspNextUpdate, targets) { $0.last?.tls?.staple?.nextUpdate?.seconds }
  }
}

extension String {
  /// Text of a certificate as a label: without control characters, and no longer than X.520 lets a common
  /// name be.
  fileprivate var limitedForLabel: String {
    // What nearly all of them are.
    if utf8.count <= 64, utf8.allSatisfy({ (0x20..<0x7f).contains($0) }) { return self }
    return String(
      String.UnicodeScalarView(
        unicodeScalars.prefix(64).map { $0.properties.generalCategory == .control ? "?" : $0 }))
  }
}
