import Model

// From the peer's fatal alert (RFC 8446 section 6) to a reason. An alert that comes late, as those about
// client certificates do in TLS 1.3, is booked on the stage tls.
extension Inquiry {
  /// The verdict on an alert.
  func alerted(_ alert: Int, _ fault: TLSFault) -> Verdict {
    let name = Self.alertNames[alert].map { " (\($0))" } ?? ""
    let said = "alert \(alert)\(name)"
    switch alert {
    case 41...46, 48, 116: return clientCertificate(said, fault)
    case 40 where fault.clientCertificateRequested, 51 where fault.clientCertificateRequested:
      return clientCertificate(said, fault)
    case 70, 86:
      return Verdict(
        .tls, .tlsVersion, "\(endpoint) refuses every TLS version that this monitor offers: \(said).")
    case 112:
      return Verdict(
        .tls, .tlsSni,
        "\(endpoint) does not know the name \"\(seen.serverName)\" that was sent to it (SNI): \(said).",
        hints: [.sni])
    case 10, 20, 21, 22, 30:
      return Verdict(.tls, .tlsCorrupt, "\(endpoint) could not read the monitor's TLS records: \(said).")
    case 90:
      return Verdict(.tls, .connClosed, "\(endpoint) gave up the TLS handshake: \(said).")
    case 80:
      return Verdict(
        .tls, .tlsRejected, "\(endpoint) failed in the TLS handshake with an error of its own: \(said).",
        evidence: [Evidence(.note, "server fault")])
    default:
      return Verdict(.tls, .tlsRejected, "\(endpoint) refused the TLS handshake: \(said).")
    }
  }

  private func clientCertificate(_ said: String, _ fault: TLSFault) -> Verdict {
    let isOurs = seen.target.settings.tls.certFile != nil
    let requested = fault.clientCertificateRequested || seen.tls?.clientCertificateRequested == true
    return Verdict(
      .tls, .tlsClientCert,
      isOurs
        ? "\(endpoint) rejects the client certificate: \(said)."
        : "\(endpoint) demands a client certificate: \(said).",
      evidence: requested ? [Evidence(.note, "the server sent a CertificateRequest")] : [])
  }

  private static let alertNames: [Int: String] = [
    0: "close notify", 10: "unexpected message", 20: "bad record mac", 21: "decryption failed",
    22: "record overflow", 30: "decompression failure", 40: "handshake failure", 41: "no certificate",
    42: "bad certificate", 43: "unsupported certificate", 44: "certificate revoked",
    45: "certificate expired", 46: "certificate unknown", 47: "illegal parameter", 48: "unknown CA",
    49: "access denied", 50: "decode error", 51: "decrypt error", 60: "export restriction",
    70: "protocol version", 71: "insufficient security", 80: "internal error",
    86: "inappropriate fallback", 90: "user cancelled", 100: "no renegotiation",
    109: "missing extension", 110: "unsupported extension", 111: "certificate unobtainable",
    112: "unrecognized name", 113: "bad certificate status response", 114: "bad certificate hash value",
    115: "unknown PSK identity", 116: "certificate required", 120: "no application protocol",
  ]
}
