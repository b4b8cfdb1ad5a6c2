import Model
import SMTP

@testable import Diagnosis

let tlsVectors: [Vector] = [
  Vector(
    "V45 no version", broken(333, "legacy sigalg disallowed or unsupported"), .tls, .tlsVersion, "0A00014D"),
  Vector("V45 by alert", broken(1070), .tls, .tlsVersion, "alert 70"),
  Vector("V45 unsupported", broken(258), .tls, .tlsVersion),
  Vector("V47 alert 40", broken(1040), .tls, .tlsRejected, "alert 40"),
  Vector("V49 alert 80", broken(1080), .tls, .tlsRejected, "server fault"),
  Vector("V51 client certificate", broken(1040, requested: true), .tls, .tlsClientCert, "CertificateRequest"),
  Vector(
    "alert 116, late",
    observation(.tls(tlsFault(1116, late: true, requested: true)), .banner, target(mode: .implicit)), .tls,
    .tlsClientCert),
  Vector(
    "alert 48, late", observation(.tls(tlsFault(1048, late: true, requested: true)), .ehlo), .tls,
    .tlsClientCert),
  Vector(
    "V53 renegotiation", broken(338, "unsafe legacy renegotiation disabled"), .tls, .tlsWeakPeer, "0A000152"),
  Vector("DH", broken(394, "dh key too small"), .tls, .tlsWeakPeer),
  Vector("no cipher", broken(181), .config, .configInvalid),
  Vector("mangled", broken(198, "packet length too long"), .tls, .tlsCorrupt),
  Vector("SNI", broken(1112), .tls, .tlsSni, hints: [.sni], "mail.example.test"),
  Vector("bad record at the peer", broken(1020), .tls, .tlsCorrupt),
  Vector("gives up", broken(1090), .tls, .connClosed),
  Vector("access denied", broken(1049), .tls, .tlsRejected),
  Vector("end of file", broken(294, "unexpected eof while reading"), .tls, .connClosed),
  Vector("closed in handshake", observation(.closed(reset: true), .tls), .tls, .connClosed),
  Vector(
    "V55 silence", observation(.timeout, .tls, target(mode: .implicit)), .tls, .replyTimeout, "bytes_in=0"),
  Vector(
    "half a flight",
    observation(.timeout, .tls) {
      $0.bytesReceived = 900
      $0.rawBytes = [0x16, 3, 3, 0x10, 0]
    }, .tls, .replyTimeout, hints: [.pmtu], "bytes_in=900"),
  Vector(
    "warning about the name",
    observation(.timeout, .tls) {
      $0.bytesReceived = 7
      $0.rawBytes = [0x15, 3, 3, 0, 2, 1, 112]
    }, .tls, .replyTimeout, hints: [.sni]),
  Vector(
    "a greeting that came late",
    observation(.timeout, .tls, target(mode: .implicit)) {
      $0.rawBytes = Array("220 mail\r\n".utf8)
      $0.bytesReceived = 10
    }, .tls, .portSpeaksPlaintext),
  Vector(
    "V57 good-bye in clear",
    observation(.tls(tlsFault(267, "wrong version number", late: true)), .ehlo) {
      $0.isInTLS = true
      $0.rawBytes = Array("421 idle\r\n".utf8)
    }, .ehlo, .serverBusy, hints: [.idleTimeoutInClear]),
  Vector(
    "broken session", observation(.tls(tlsFault(281, "bad record mac", late: true)), .mail), .mail,
    .tlsCorrupt),
  Vector(
    "closed session",
    observation(
      .tls(
        TLSFault(
          kind: .endOfStream, code: 0, reason: 0, text: "", entries: [], isAfterHandshake: true,
          clientCertificateRequested: false)), .mail), .mail, .connClosed),
]

let certificateVectors: [Vector] = [
  Vector(
    "V59 expired with a wrong name",
    distrusted([62, 10], certificate(names: ["other.test"], days: -90 ... -3)),
    .tls, .certExpired, "verify 62", "verify 10", "3 days ago"),
  Vector("future", distrusted([9], certificate(days: 2...90)), .tls, .certNotYetValid, "2 days"),
  Vector(
    "own clock",
    distrusted([9], certificate(days: 2...90)) {
      $0.greeting = reply("220 mail ESMTP Exim 4.96 Fri, 27 Nov 2026 10:00:00 +0000")
    }, .tls, .certNotYetValid, hints: [.clockSkew], "behind"),
  Vector(
    "self-signed", distrusted([18], certificate(chainLength: 1, selfIssued: true)), .tls, .certSelfSigned),
  Vector("untrusted", distrusted([19]), .tls, .certUntrusted, "Example CA"),
  Vector(
    "leaf only", distrusted([20, 21], certificate(chainLength: 1, namesIssuer: true)), .tls,
    .certChainIncomplete),
  Vector(
    "leaf only of an unknown CA", distrusted([20, 21], certificate(chainLength: 1)), .tls, .certUntrusted),
  Vector(
    "name", distrusted([62], certificate(names: ["smtp.example.test", "b"])), .tls, .certNameMismatch,
    "smtp.example.test", "mail.example.test", "tls.server_name"),
  Vector(
    "another host",
    distrusted([62], certificate(names: ["*.hosting.example"])) {
      $0.greeting = reply("220-punyam.hosting.example ESMTP Exim", "220 ready")
    }, .tls, .certNameMismatch, hints: [.hijacked], "punyam.hosting.example"),
  Vector("revoked", distrusted([23, 62]), .tls, .certRevoked),
  Vector("weak", distrusted([66]), .tls, .tlsWeakPeer),
  Vector("purpose", distrusted([26]), .tls, .certUnusable),
  Vector(
    "staple revoked", stapled(23, .revoked, "the certificate is revoked since 2026-11-01"), .tls,
    .certRevoked,
    "says its OCSP staple", "since 2026-11-01", "Replace the certificate"),
  Vector(
    "staple stale", stapled(74, .invalid, "it is out of date", nextUpdate: -1), .tls, .certUnusable,
    "proves nothing", "fresh staple", "tls_ocsp_file", "next update 2026-11-22"),
  Vector(
    "staple of a stranger", stapled(74, .invalid, "its signature does not count"), .tls, .certUnusable,
    "its signature does not count", "tls.ca_file"),
  Vector(
    "staple missing", stapled(73, .none, "no staple was sent"), .tls, .certUnusable, "sends no OCSP staple",
    "tls.ocsp: report"),
  Vector(
    "staple missing, demanded", stapled(73, .none, "no staple was sent", isDemanded: true), .tls,
    .certUnusable,
    "must-staple", "without must-staple"),
  Vector(
    "staple of nobody known", stapled(75, .unknown, "the responder does not know the certificate"), .tls,
    .certUnusable, "does not vouch", "authority"),
  Vector("list and staple", distrusted([23]), .tls, .certRevoked, "is revoked."),
  Vector("DANE", distrusted([65]), .policy, .daneMismatch),
  Vector("CRL", distrusted([12]), .config, .configTlsMaterial),
  Vector(
    "re-signed", distrusted([19], certificate(issuer: "CN=Avast Web/Mail Shield Root")), .tls,
    .tlsIntercepted,
    "Avast"),
]

let loginVectors: [Vector] = [
  Vector("V63", observation(.authNotOffered, .auth) { $0.isInTLS = true }, .auth, .authNotOffered),
  Vector("in clear", observation(.authWithoutTLS, .auth), .auth, .authNeedsTls, "auth.allow_plaintext"),
  Vector(
    "V65", observation(.noCommonMechanism(offered: ["CRAM-MD5", "NTLM"], wanted: ["PLAIN"]), .auth), .auth,
    .authMechanism, "NTLM", "PLAIN"),
  Vector(
    "V67a", login("534-5.7.9 Application-specific password required.", "534 5.7.9 https://x"), .auth,
    .authAppPassword),
  Vector(
    "V67b", login("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"), .auth,
    .authDisabled),
  Vector("V67c", login("454 4.7.0 Temporary authentication failure"), .auth, .authTemporary),
  Vector("V67d", login("454 4.7.0 Too many login attempts"), .auth, .rateLimited),
  Vector("V67e", login("504 5.7.4 Unrecognized authentication type"), .auth, .authMechanism),
  Vector("V67f", login("538 5.7.11 Encryption required"), .auth, .authNeedsTls),
  Vector("V67g", login("535 5.7.3 Authentication unsuccessful", mechanism: .xoauth2), .auth, .authToken),
  Vector(
    "V67h",
    observation(
      .rejected(Reply(code: 535, lines: [[0xC7, 0xEB, 0xCA, 0xDA, 0xC8, 0xA8, 0xC2, 0xEB]])), .auth,
      target(user: "probe")), .auth, .authAppPassword, "\\xca"),
  Vector("UTF-8", login("535 请使用授权码登录"), .auth, .authAppPassword, "授权码"),
  Vector("535", login("535 5.7.8 Error: authentication failed"), .auth, .authRejected, "probe"),
  Vector("535 without words", login("535"), .auth, .authRejected),
  Vector("535 no mechanism", login("535 5.7.8 no mechanism available"), .auth, .authMechanism),
  Vector("534 too weak", login("534 5.7.9 mechanism too weak"), .auth, .authMechanism),
  Vector(
    "503 over TLS only", login("503 authentication only over TLS", secured: false), .auth, .authNeedsTls),
  Vector("503 not enabled", login("503 5.5.1 Error: authentication not enabled"), .auth, .authNotOffered),
  Vector(
    "504 in clear", login("504 5.7.4 Unrecognized authentication type", secured: false), .auth, .authNeedsTls),
  Vector("530", login("530 5.7.0 Must issue a STARTTLS command first", secured: false), .auth, .authNeedsTls),
  Vector("432 concurrency", login("432 4.3.2 Concurrent connections limit exceeded"), .auth, .rateLimited),
  Vector("501", login("501 5.5.2 bad base64"), .auth, .commandRejected),
  Vector(
    "535 EXTERNAL", login("535 5.7.8 no", mechanism: .external), .auth, .authRejected, "client certificate",
    "tls.cert_file"),
  Vector(
    "535 with JSON",
    observation(.rejected(reply("535 5.7.8 no")), .auth) {
      $0.mechanism = .oauthBearer
      $0.loginRemark = #"{"status":"invalid_token"}"#
    }, .auth, .authToken, "invalid_token"),
  Vector(
    "not proved", observation(.serverUnverified("the signature is wrong"), .auth), .auth,
    .authServerUnverified),
]

let mailVectors: [Vector] = [
  Vector("V69a", answered(.mail, "530 5.7.0 Authentication required"), .mail, .authRequired),
  Vector(
    "V69b", answered(.mail, "553 5.7.1 <a@b>: Sender address rejected: not owned by user"), .mail,
    .senderRejected),
  Vector(
    "V69c", answered(.mail, "450 4.1.8 <a@b>: Sender address rejected: Domain not found"), .mail,
    .senderRejected),
  Vector(
    "V69d", answered(.mail, "552 5.3.4 Message size exceeds fixed limit"), .mail, .messageRejected,
    hints: [.tooBig]),
  Vector(
    "V69e", answered(.mail, "452 4.3.1 Insufficient system storage"), .mail, .serverBusy,
    hints: [.storageFull]),
  Vector(
    "530 STARTTLS", answered(.mail, "530 5.7.0 Must issue a STARTTLS command first", secured: false), .mail,
    .authNeedsTls),
  Vector(
    "550 unauthenticated", answered(.mail, "550 Unauthenticated senders not allowed"), .mail, .authRequired),
  Vector("550", answered(.mail, "550 no"), .mail, .commandRejected),
  Vector(
    "454 throttled", answered(.mail, "454 Throttling failure: Maximum sending rate exceeded."), .mail,
    .rateLimited),
  Vector(
    "greylisted", answered(.rcpt, "450 4.2.0 <a@b>: Recipient address rejected: Greylisted, see x"), .rcpt,
    .greylisted),
  Vector("rspamd", answered(.rcpt, "451 4.7.1 Try again later"), .rcpt, .greylisted),
  Vector("postscreen", answered(.rcpt, "450 4.3.2 Service currently unavailable"), .rcpt, .greylisted),
  Vector(
    "no PTR is not greylisting",
    answered(.rcpt, "450 4.7.1 Client host rejected: cannot find your hostname, [192.0.2.1]"), .rcpt,
    .serverBusy),
  Vector(
    "relay", answered(.rcpt, "554 5.7.1 <a@b>: Relay access denied"), .rcpt, .recipientRejected,
    hints: [.relayDenied], "relay_denied"),
  Vector("unknown", answered(.rcpt, "550 5.1.1 User unknown"), .rcpt, .recipientRejected, "unknown"),
  Vector(
    "full", answered(.rcpt, "452 4.2.2 over quota"), .rcpt, .recipientRejected, hints: [.mailboxFull], "full"),
  Vector(
    "sender, judged late", answered(.rcpt, "553 5.7.1 <a@b>: Sender address rejected: not owned by user b"),
    .rcpt, .senderRejected),
  Vector(
    "EHLO name, judged late",
    answered(.rcpt, "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"), .rcpt,
    .ehloRejected),
  Vector("postscreen accuses", answered(.rcpt, "550 5.5.1 Protocol error"), .rcpt, .localError),
  Vector(
    "synchronization", answered(.rcpt, "554 5.5.0 Error: SMTP protocol synchronization"), .rcpt, .localError),
  Vector("DATA", answered(.data, "554 5.5.1 Error: no valid recipients"), .data, .recipientRejected),
  Vector("V71a spam", answered(.message, "550 5.7.1 spam"), .message, .messageRejected),
  Vector("V71b silence", observation(.timeout, .message), .message, .replyTimeout, "unknown", "not resent"),
  Vector("V71c bare LF", answered(.message, "521 5.5.2 Error: bare <LF> received"), .message, .localError),
  Vector("Zoho", answered(.message, "553 Relaying disallowed as a@b"), .message, .senderRejected),
  Vector(
    "DMARC",
    answered(.message, "550-5.7.26 This mail is blocked: the sender is unauthenticated", "550 5.7.26 x"),
    .message, .messageRejected),
  Vector(
    "unusual", answered(.message, "550 5.4.6 Unusual sending activity detected"), .message, .rateLimited),
  Vector("busy", answered(.message, "451 4.3.0 later"), .message, .serverBusy),
  Vector(
    "expectation", observation(.expectation(wanted: "AUTH PLAIN", saw: "AUTH LOGIN"), .ehlo), .ehlo,
    .expectationFailed, "AUTH PLAIN", "AUTH LOGIN"),
]

/// A certificate that its OCSP staple does not vouch for.
private func stapled(
  _ code: Int, _ status: StapleFacts.Status, _ detail: String, isDemanded: Bool = false,
  nextUpdate days: Int64 = 1
) -> Observation {
  distrusted([code]) {
    var staple = StapleFacts(status: status, isDemanded: isDemanded, detail: detail)
    if status != .none {
      staple.nextUpdate = Timestamp(seconds: testMoment.microseconds / 1_000_000 + days * 86_400)
    }
    $0.tls?.staple = staple
  }
}
