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
  static let certificate = MetricFamily(
    "smtp_probe_tls_cert_info", .info, help: "Identity of the last certificate seen.")
}

extension Exposition {
  /// TLS sessions and certificates. Certificates outlive a failing handshake: they matter most when they
  /// expire.
  mutating func writeTLS(_ targets: [LabelledTarget]) {
    family(Families.session)
    for target in targets {
      guard let tls = target.state.last?.tls else { continue }
      sample(target.labels.adding("version", tls.version), "cipher", tls.cipher, 1)
    }
    write(Families.verified, targets) { $0.last?.tls?.verified }
    write(Families.notBefore, targets) { $0.certificate?.notBefore.seconds }
    write(Families.notAfter, targets) { $0.certificate?.notAfter.seconds }
    write(Families.chainNotAfter, targets) { $0.certificate?.chainNotAfter.seconds }
    family(Families.certificate)
    for target in targets {
      guard let certificate = target.state.certificate else { continue }
      var labels = target.labels
      labels.append("issuer_cn", certificate.issuerCommonName.limitedForLabel)
      labels.append("serial", certificate.serial.limitedForLabel)
      labels.append("fingerprint_sha256", certificate.fingerprintSHA256)
      sample(labels, true)
    }
  }
}

extension String {
  /// Text of a certificate as a label: without control characters, and no longer than X.520 lets a common
  /// name be.
  fileprivate var limitedForLabel: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.prefix(64).map { $0.properties.generalCategory == .control ? "?" : $0 }))
  }
}
