import Model

/// A login inside TLS, up to the server's answer to it.
private func login(
  _ id: String, offers mechanisms: String, _ answers: String, _ reason: Reason, retry: Bool = false,
  quits: Bool = true, patience: Duration? = nil, with mechanism: Mechanism? = nil,
  _ claims: [Vector.Claim] = []
) -> Vector {
  Vector(
    id, .starttls, to: .auth,
    #"\#(Opening.hello) S"250-m" S"250 AUTH \#(mechanisms)" R(AUTH) \#(answers) OK"#,
    reason == .ok ? nil : .auth, reason, retry: retry, quits: quits, patience: patience, claims
  ) {
    $0.auth?.mechanism = mechanism
    if mechanism?.takesToken == true { $0.auth?.proof = .token(Secret(World.password)) }
  }
}

let loginVectors: [Vector] = [
  Vector("a login", .starttls, to: .auth, "\(Opening.upgrade) T(good) OK", nil, .ok, [.hears("AUTH PLAIN ")]),
  Vector("a login with implicit TLS", .implicit, to: .auth, "T(good) \(Opening.greeting) OK", nil, .ok),
  Vector(
    "V63 no AUTH", .starttls, to: .auth,
    "\(Opening.secured)-AUTH OK", .auth, .authNotOffered, [.neverHears("AUTH")]),
  Vector(
    "V64 AUTH in clear is not allowed", .none, to: .auth,
    "\(Opening.clear) OK", .auth, .authNeedsTls, [.neverHears("AUTH")]),
  Vector("AUTH in clear, allowed", .none, to: .auth, "\(Opening.clear) OK", nil, .ok, [.hears("AUTH PLAIN ")])
  {
    $0.auth?.allowPlaintext = true
  },
  Vector(
    "V65 no common mechanism", .starttls, to: .auth,
    #"\#(Opening.hello) S"250-m" S"250 AUTH CRAM-MD5 NTLM" OK"#, .auth, .authMechanism,
    [.neverHears("AUTH"), .says("NTLM"), .says("PLAIN")]
  ) { $0.auth?.mechanism = .plain },
  login(
    "V66 refused", offers: "PLAIN", #"S"535 5.7.8 Error: authentication failed""#, .authRejected,
    [.says(World.user), .replied(535)]),
  login(
    "refused with LOGIN", offers: "LOGIN",
    #"S"334 VXNlcm5hbWU6" R() S"334 UGFzc3dvcmQ6" R() S"535 5.7.8 no""#, .authRejected, [.replied(535)]),
  login(
    "refused at the user's name", offers: "LOGIN",
    #"S"334 VXNlcm5hbWU6" R() S"535 5.7.8 no such user""#, .authRejected),
  login(
    "V67a app password", offers: "PLAIN",
    #"S"534-5.7.9 Application-specific password required." S"534 5.7.9 https://x""#, .authAppPassword),
  login(
    "V67b disabled", offers: "PLAIN",
    #"S"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant""#,
    .authDisabled),
  login(
    "V67c temporary", offers: "PLAIN", #"S"454 4.7.0 Temporary authentication failure""#,
    .authTemporary, retry: true),
  login(
    "V67d too many", offers: "PLAIN", #"S"454 4.7.0 Too many login attempts""#, .rateLimited,
    retry: true),
  login(
    "V67e mechanism", offers: "PLAIN", #"S"504 5.7.4 Unrecognized authentication type""#,
    .authMechanism),
  login("V67f needs TLS", offers: "PLAIN", #"S"538 5.7.11 Encryption required""#, .authNeedsTls),
  login(
    "V67g token", offers: "XOAUTH2",
    #"S"334 eyJzdGF0dXMiOiI0MDAifQ==" R() S"535 5.7.3 Authentication unsuccessful""#, .authToken,
    retry: true, with: .xoauth2, [.hears("\r\n\r\n")]),
  login(
    "V67h authorization code in GBK", offers: "PLAIN",
    #"S"535 \xC7\xEB\xCA\xB9\xD3\xC3\xCA\xDA\xC8\xA8\xC2\xEB\xB5\xC7\xC2\xBC""#, .authAppPassword),
  login("V68 CRAM-MD5", offers: "CRAM-MD5", #"S"334 PDE4OTYuNjk3QHg+" R() S"235 ok""#, .ok),
  login(
    "SCRAM with another's nonce", offers: "SCRAM-SHA-256",
    #"S"334 cj13cm9uZyxzPWMyRnNkQT09LGk9NDA5Ng==""#, .authServerUnverified, with: .scramSHA256),
  login("a challenge that is no base64", offers: "CRAM-MD5", #"S"334 !!!""#, .badReply),
  login("silence", offers: "PLAIN", "H", .replyTimeout, retry: true, quits: false, patience: .seconds(3)),
  login("FIN", offers: "PLAIN", "F", .connClosed, retry: true, quits: false),
  login(
    "the line repeated", offers: "PLAIN",
    #"S"501 5.5.2 cannot decode \#(Planted.plainResponse)""#, .commandRejected, [.replied(501)]),
  login(
    "the line repeated, in no reply", offers: "PLAIN",
    #"S"\#(String(repeating: "x", count: 60)) AUTH PLAIN \#(Planted.plainResponse)""#, .badReply),
  login(
    "the line repeated in part, as sendmail does", offers: "XOAUTH2",
    #"S"500 5.5.1 Command unrecognized: AUTH XOAUTH2 \#(Planted.tokenResponse.prefix(68))""#,
    .commandRejected, with: .xoauth2, [.replied(500)]),
  login(
    "the line repeated in part, in no reply", offers: "XOAUTH2",
    #"S"AUTH XOAUTH2 \#(Planted.tokenResponse.prefix(68))""#, .badReply, with: .xoauth2),
  login(
    "the password repeated", offers: "PLAIN",
    #"S"535 5.7.8 wrong: \#(World.password)""#, .authRejected, [.replied(535)]),
]
