import Model
import SMTP

// From a broken TLS session to a reason. The raw bytes come first: they say more than the library's words.
// A reason of 1000 and more is the peer's alert, a smaller one is our own verdict.
extension Inquiry {
  /// The verdict on a TLS session that broke.
  func broken(_ fault: TLSFault) -> Verdict {
    var verdict = fault.isAfterHandshake ? brokenSession(fault) : brokenHandshake(fault)
    verdict.evidence += libraryEvidence(fault)
    return verdict
  }

  private func brokenHandshake(_ fault: TLSFault) -> Verdict {
    if let alert = fault.alert { return alerted(alert, fault) }
    if let verdict = foreignBytes(fault) { return verdict }
    switch fault.kind {
    case .closeNotify, .endOfStream: return closedInHandshake(reset: false)
    case .protocol: break
    }
    return switch fault.reason {
    case 294: closedInHandshake(reset: false)
    case 134: distrusted(seen.tls?.faults ?? [])
    case 258, 259, 266, 333, 396, 166, 252, 254:
      handshake(.tlsVersion, "\(endpoint) and this monitor have no TLS version in common", fault)
    case 394, 102, 338, 397, 398, 399, 304, 378:
      handshake(.tlsWeakPeer, "\(endpoint) offers TLS that is too weak for this system's policy", fault)
    case 191, 181, 185:
      Verdict(
        .config, .configInvalid,
        "The TLS settings of this target leave nothing to offer to \(endpoint): \(fault.text).",
        remedy:
          "Widen `tls.min_version`, `tls.max_version` or `tls.ciphers`: together they leave nothing that this system allows."
      )
    case 172...175, 180, 184, 189, 192, 200...203:
      Verdict(.policy, .daneMismatch, "The TLSA record for \(endpoint) cannot be used: \(fault.text).")
    case 155, 156:
      Verdict(
        .tls, .notSmtp, "\(endpoint) is not a mail server: it spoke HTTP where TLS was expected.",
        evidence: [Evidence(.note, "service=http")])
    default:
      handshake(.tlsCorrupt, "\(endpoint) sent broken TLS during the handshake", fault, raw: true)
    }
  }

  /// A TLS session that was up and broke.
  private func brokenSession(_ fault: TLSFault) -> Verdict {
    switch fault.kind {
    case .closeNotify, .endOfStream: return closed(reset: false)
    case .protocol: break
    }
    if fault.reason == 294 { return closed(reset: false) }
    if isParseError(fault), let reply = Reply(firstIn: seen.rawBytes), !reply.isPositive {
      // Exim with GnuTLS says good-bye in clear: the reply is what happened.
      var verdict = rejected(reply)
      verdict.add(.idleTimeoutInClear)
      verdict.evidence.append(Evidence(.note, "the reply came in clear inside a TLS session"))
      return verdict
    }
    if let alert = fault.alert, ![10, 20, 21, 22, 30, 90].contains(alert) { return alerted(alert, fault) }
    if fault.alert == 90 { return closed(reset: false) }
    let bytes = seen.rawBytes.isEmpty ? [] : [evidence(raw: seen.rawBytes)]
    return Verdict(
      seen.stage, .tlsCorrupt,
      "The TLS session with \(endpoint) broke while the monitor waited for the answer to \(request): "
        + "\(fault.text).",
      evidence: bytes)
  }

  /// The library could not read what came: it was no TLS, or mangled TLS.
  private func isParseError(_ fault: TLSFault) -> Bool {
    fault.kind == .protocol && [267, 156, 155, 198, 244].contains(fault.reason)
  }

  /// Who spoke in place of TLS; nil where the bytes do not tell.
  func foreignBytes(_ fault: TLSFault?) -> Verdict? {
    let raw = seen.rawBytes
    guard let service = Service.recognized(in: raw), service != .tls else {
      guard let fault, fault.reason == 267 else { return nil }
      let heard = Excerpt.isText(raw) ? " (\(quote(raw, limit: 40)))" : ""
      var verdict = handshake(
        .tlsCorrupt, "\(endpoint) sent something that is no TLS\(heard)", fault, raw: true)
      if raw.isEmpty { verdict.evidence.append(Evidence(.note, "the bytes were not kept")) }
      return verdict
    }
    guard service == .smtp, let reply = Reply(firstIn: raw) else {
      return Verdict(
        .tls, .notSmtp,
        "\(endpoint) is not a mail server: it spoke \(service.title) where TLS was expected "
          + "(\(quote(raw, limit: 60))).",
        evidence: [Evidence(.note, "service=\(service.rawValue)"), evidence(raw: raw)])
    }
    if isRefusalOfVisitor(reply) {
      var verdict = rejected(reply, at: .banner)
      verdict.add(.plaintextHere)
      return verdict
    }
    return plaintextWhereTLS(reply)
  }

  /// With implicit TLS, 4yz and 5yz in place of the handshake is a greeting that turns us away, unless it
  /// complains of what we sent: then it is an ordinary port that could not read a ClientHello.
  private func isRefusalOfVisitor(_ reply: Reply) -> Bool {
    guard mode == .implicit, reply.isTransient || reply.isPermanent else { return false }
    let text = ReplyText(reply)
    let complainsOfInput =
      [500, 501, 502, 503, 521].contains(reply.code) || (reply.isPermanent && text.enhanced?.subject == 5)
    return !complainsOfInput
  }

  private func plaintextWhereTLS(_ reply: Reply) -> Verdict {
    let heard = quote(Array(seen.rawBytes.prefix { $0 != 0x0A }), limit: 40)
    let message =
      if mode == .implicit {
        "\(endpoint) greeted in clear text (\(heard)) where TLS was expected: "
          + (reply.code == 220
            ? "it is a STARTTLS port, not an implicit-TLS port."
            : "it is not an implicit-TLS port.")
      } else {
        "\(endpoint) agreed to STARTTLS and then went on in clear text (\(heard)) instead of TLS."
      }
    return Verdict(
      .tls, .portSpeaksPlaintext, message, evidence: [evidence(raw: seen.rawBytes)], hints: [.plaintextHere])
  }

  /// The server closed during the handshake. What it said in clear before that is what counts.
  func closedInHandshake(reset: Bool) -> Verdict {
    if let verdict = foreignBytes(nil) { return verdict }
    return Verdict(
      .tls, .connClosed,
      "\(endpoint) closed the connection during the TLS handshake"
        + (seen.bytesReceived == 0 ? ", without a word." : "."),
      evidence: [Evidence(.note, reset ? "closed by RST" : "closed by FIN"), bytesHeard])
  }

  /// How much came since TLS began.
  var bytesHeard: Evidence { Evidence(.bytes, "bytes_in=\(seen.bytesReceived)") }

  /// A verdict on a handshake in the library's words.
  func handshake(_ reason: Reason, _ sentence: String, _ fault: TLSFault, raw: Bool = false) -> Verdict {
    let bytes = raw && !seen.rawBytes.isEmpty ? [evidence(raw: seen.rawBytes)] : []
    return Verdict(.tls, reason, "\(sentence): \(fault.text).", evidence: bytes)
  }

  /// The library's words, as people search for them.
  private func libraryEvidence(_ fault: TLSFault) -> [Evidence] {
    guard fault.kind == .protocol else { return [] }
    var words = fault.code == 0 ? fault.text : "\(hexadecimal(fault.code)) \(fault.text)"
    if fault.reason == 267 { words += " [SSL: WRONG_VERSION_NUMBER]" }
    var evidence = [Evidence(.openssl, words)]
    if let alert = fault.alert { evidence.append(Evidence(.openssl, "alert \(alert)")) }
    let others = fault.entries.filter { !$0.contains(hexadecimal(fault.code)) || fault.code == 0 }
    if !others.isEmpty { evidence.append(Evidence(.openssl, text(others.joined(separator: "; ")))) }
    return evidence
  }

  /// Eight upper-case digits, as OpenSSL prints its codes.
  private func hexadecimal(_ code: UInt32) -> String {
    let digits = String(code, radix: 16, uppercase: true)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
