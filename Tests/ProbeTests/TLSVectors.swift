import Model

/// STARTTLS, handshakes and certificates.
let starttlsVectors: [Vector] = [
  Vector(
    "V01 all well", .starttls,
    #"\#(Opening.secured) R(QUIT) S"221 b" F"#, nil, .ok, [.hasTLS, .hears("EHLO monitor.example.net\r\n")]),
  Vector("V02 all well with implicit TLS", .implicit, "\(Opening.implicit) OK", nil, .ok, [.hasTLS]),
  Vector("opportunistic, without TLS", .opportunistic, "\(Opening.clear)-STARTTLS OK", nil, .ok),
  Vector("opportunistic, with TLS", .opportunistic, "\(Opening.secured) OK", nil, .ok, [.hasTLS]),
  Vector(
    "V37 masked by a firewall", .starttls,
    #"S"220 *******" R(EHLO) S"250-m" S"250 XXXXXXXA" OK"#, .starttls, .starttlsStripped,
    [.says("XXXXXXXA")]),
  Vector("V38 not offered", .starttls, "\(Opening.clear)-STARTTLS OK", .starttls, .starttlsNotOffered),
  Vector(
    "V39 refused", .starttls,
    #"\#(Opening.clear) R(STARTTLS) S"500 5.5.1 command not recognized" OK"#, .starttls, .starttlsRefused,
    [.replied(500)]),
  Vector(
    "V40 refused for now", .starttls,
    #"\#(Opening.clear) R(STARTTLS) S"454 4.7.0 TLS not available due to local problem" OK"#,
    .starttls, .starttlsRefused, retry: true, [.replied(454)]),
  Vector(
    "V41 text instead of TLS", .starttls,
    #"\#(Opening.upgrade) RCH S"500 what" H"#, .tls, .portSpeaksPlaintext, quits: false,
    [.says("500 what"), .hints(.plaintextHere)]),
  Vector(
    "V42 plaintext behind the go-ahead", .starttls,
    #"\#(Opening.clear) R(STARTTLS) S"220 go\r\n250 injected" RCH F"#, .starttls, .starttlsInjection,
    quits: false, [.says("250 injected")]),
  Vector(
    "V43 STARTTLS offered again", .starttls,
    #"\#(Opening.hello) S"250-m" S"250 STARTTLS" OK"#, nil, .ok, [.warns(.starttlsAfterTls)]),
  Vector(
    "V44 FIN instead of TLS", .starttls,
    "\(Opening.upgrade) F", .tls, .connClosed, retry: true, quits: false, [.replied(220)]),
  Vector(
    "silence inside TLS", .starttls,
    "\(Opening.hello) H", .ehlo, .replyTimeout, retry: true, quits: false, patience: .seconds(3),
    [.hasTLS]),
  Vector(
    "refused inside TLS", .starttls,
    #"\#(Opening.hello) S"421 4.3.2 closing" F"#, .ehlo, .serverBusy, retry: true, quits: false, [.hasTLS]),
]

/// A ServerHello of TLS 1.2 without extensions: the server knows nothing of RFC 5746.
private let helloWithoutRenegotiationInfo =
  "160303002A" + "02000026" + "0303" + String(repeating: "11", count: 32) + "00" + "C02F" + "00"

let handshakeVectors: [Vector] = [
  Vector(
    "V03 greeting in clear", .implicit,
    #"S"220 mail ESMTP" RCH S"221 2.7.0 Error: I can break rules, too." F"#, .tls, .portSpeaksPlaintext,
    quits: false, [.says("0A00010B"), .says("220 mail"), .says("starttls"), .hints(.plaintextHere)]),
  Vector(
    "V04 greeting in clear, late", .implicit,
    #"RCH W(0.05) S"220 mail ESMTP" F"#, .tls, .portSpeaksPlaintext, quits: false, [.says("220 mail")]),
  Vector(
    "greeting in clear, in pieces", .implicit,
    #"RCH X(3232302d6d) W(0.05) S"ail" S"220 mail" F"#, .tls, .portSpeaksPlaintext, quits: false,
    [.says("220-mail")]),
  Vector(
    "V07 HTTP", .implicit,
    #"RCH S"HTTP/1.1 400 Bad Request" F"#, .tls, .notSmtp, quits: false, [.says("service=http")]),
  Vector(
    "V08 IMAP", .implicit,
    #"RCH S"* OK IMAP4rev1 ready" F"#, .tls, .notSmtp, quits: false, [.says("service=imap")]),
  Vector(
    "POP3", .implicit,
    #"S"+OK ready" RCH F"#, .tls, .notSmtp, quits: false, [.says("service=pop3")]),
  Vector(
    "V45 TLS 1.0 only", .implicit,
    "T(good,tls10)", .tls, .tlsVersion, quits: false, [.says("alert 70")]
  ) {
    $0.tls.minVersion = .tls12
  },
  Vector(
    "V46 TLS 1.2 only, and 1.3 wanted", .implicit,
    "T(good,tls12)", .tls, .tlsVersion, quits: false
  ) { $0.tls.minVersion = .tls13 },
  Vector(
    "TLS 1.2 only", .implicit,
    "T(good,tls12) \(Opening.greeting) OK", nil, .ok, [.hasTLS]),
  Vector(
    "V47 alert 40", .implicit,
    "RCH X(15030300020228) F", .tls, .tlsRejected, retry: true, quits: false, [.says("alert 40")]),
  Vector(
    "V48 alert 112", .implicit,
    "RCH X(15030300020270) F", .tls, .tlsSni, quits: false, [.hints(.sni), .says(World.host)]),
  Vector(
    "V49 alert 80", .implicit,
    "RCH X(15030300020250) F", .tls, .tlsRejected, retry: true, quits: false, [.says("server fault")]),
  Vector(
    "V51 client certificate, TLS 1.2", .implicit,
    "T(good,tls12,clientcert)", .tls, .tlsClientCert, quits: false, [.says("CertificateRequest")]),
  Vector(
    "V52 client certificate, TLS 1.3", .implicit,
    "T(good,tls13,clientcert)", .tls, .tlsClientCert, quits: false, [.says("alert 116"), .hasTLS]),
  Vector(
    "client certificate behind STARTTLS", .starttls,
    "\(Opening.upgrade) T(good,tls13,clientcert)", .tls, .tlsClientCert, quits: false, [.hasTLS]),
  Vector(
    "V53 no secure renegotiation", .implicit,
    "RCH X(\(helloWithoutRenegotiationInfo)) F", .tls, .tlsWeakPeer, quits: false, [.says("0A000152")]),
  Vector(
    "V55 silence", .implicit,
    "RCH H", .tls, .replyTimeout, retry: true, quits: false, patience: .milliseconds(300),
    [.says("bytes_in=0")]),
  Vector(
    "V56 half a flight", .implicit,
    "RCH X(160303010002000026) H", .tls, .replyTimeout, retry: true, quits: false,
    patience: .milliseconds(300), [.hints(.pmtu), .says("bytes_in=9")]),
  Vector(
    "V57 good-bye in clear", .implicit,
    #"T(good) S"220 m" R(EHLO) X(3432312069646c650d0a) F"#, .ehlo, .serverBusy, retry: true, quits: false,
    [.hints(.idleTimeoutInClear), .hasTLS]),
  Vector(
    "V58 FIN after ClientHello", .implicit,
    "RCH F", .tls, .connClosed, retry: true, quits: false),
  Vector(
    "V58 RST after ClientHello", .implicit,
    "RCH Z", .tls, .connClosed, retry: true, quits: false),
  Vector(
    "RST before ClientHello", .implicit,
    "Z", .tls, .connClosed, retry: true, quits: false),
  Vector(
    "noise instead of TLS", .implicit,
    "RCH X(0001020304050607080900010203040506) F", .tls, .tlsCorrupt, retry: true, quits: false),
  Vector(
    "broken record inside TLS", .implicit,
    #"T(good) S"220 m" R(EHLO) X(17030300200000000000000000000000000000000000000000000000000000000000000000) F"#,
    .ehlo, .tlsCorrupt, retry: true, quits: false, [.hasTLS]),
]

/// A session with a certificate that is not believed, left politely.
private func distrusted(
  _ identity: String, _ reason: Reason, retry: Bool = false, _ words: String...,
  change: (inout ProbeSettings) -> Void = { _ in }
) -> [Vector] {
  let claims = [.hasTLS, .neverHears("MAIL")] + words.map(Vector.Claim.says)
  return [
    Vector(
      "\(identity) with implicit TLS", .implicit,
      "T(\(identity)) \(Opening.greeting) OK", .tls, reason, retry: retry, claims, change),
    Vector(
      "\(identity) with STARTTLS", .starttls,
      "\(Opening.upgrade) T(\(identity)) OK", .tls, reason, retry: retry, claims, change),
  ]
}

/// V59, V60 and their like.
let certificateVectors: [Vector] =
  distrusted("expiredwronghost", .certExpired, "verify 62", "verify 10")
  + distrusted("expired", .certExpired, "3 days ago")
  + distrusted("future", .certNotYetValid, retry: true)
  + distrusted("selfsigned", .certSelfSigned)
  + distrusted("otherchain", .certUntrusted)
  + distrusted("leafonly", .certChainIncomplete)
  + distrusted("wronghost", .certNameMismatch, "other.example.test", World.host)
  + distrusted("clienteku", .certUnusable)
  + distrusted("badsig", .certUnusable)
  + distrusted("sha1", .tlsWeakPeer)
  + distrusted("rsa1024", .tlsWeakPeer)
  + [
    Vector("V61 trailing dot", .starttls, "\(Opening.secured) OK", nil, .ok) {
      $0.tls.serverName = World.host + "."
    },
    Vector(
      "a certificate that looks too young, and a clock that is behind", .implicit,
      #"T(future) S"220 mail ESMTP Exim 4.96 Fri, 24 Nov 2045 10:00:00 +0000" OK"#, .tls, .certNotYetValid,
      retry: true, [.hints(.clockSkew), .replied(220)]),
    Vector(
      "name by common name only", .implicit, "T(cnonly) \(Opening.greeting) OK", nil, .ok,
      [.warns(.certCnOnly)]),
    Vector("a chain", .implicit, "T(chain) \(Opening.greeting) OK", nil, .ok, [.hasTLS]),
    Vector(
      "a certificate that ends soon", .implicit,
      "T(expiring) \(Opening.greeting) OK", nil, .certExpiring, [.hasTLS, .says("ends in")]),
    Vector(
      "a bad certificate, forgiven", .starttls,
      "\(Opening.upgrade) T(wronghost) OK", nil, .ok, [.hasTLS]
    ) { $0.tls.insecureSkipVerify = true },
  ]
