import Model

/// The first words of a server, and what it makes of EHLO.
let greetingVectors: [Vector] = [
  Vector(
    "V05 busy where TLS was expected", .implicit,
    #"S"421 4.7.0 too many connections" F"#, .banner, .rateLimited, retry: true, quits: false,
    [.hints(.plaintextHere), .says("too many connections")]),
  Vector(
    "V06 door shut where TLS was expected", .implicit,
    #"S"554 5.7.1 go away" F"#, .banner, .bannerRejected, quits: false,
    [.hints(.plaintextHere), .says("go away")]),
  Vector(
    "V09 TLS port, asked in clear", .none,
    #"T(good) S"220 m""#, .banner, .bannerTimeout, retry: true, quits: false, patience: .milliseconds(300),
    [.hearsNothing]),
  Vector(
    "V10 TLS record as greeting", .none,
    "X(15030100020246) F", .banner, .connClosed, retry: true, quits: false, [.hints(.implicitTlsHere)]),
  Vector(
    "V11 silence", .none,
    "H", .banner, .bannerTimeout, retry: true, quits: false, patience: .milliseconds(300), [.hearsNothing]),
  Vector(
    "V12 silence inside TLS", .implicit,
    "T(good) H", .banner, .bannerTimeout, retry: true, quits: false, patience: .milliseconds(500),
    [.hearsNothing, .hasTLS, .says("finished the TLS handshake")]),
  Vector(
    "V13 FIN at accept", .none,
    "F", .banner, .connClosed, retry: true, quits: false, [.hearsNothing]),
  Vector(
    "V14 RST at accept", .none,
    "Z", .banner, .connClosed, retry: true, quits: false, [.hearsNothing]),
  Vector(
    "FIN instead of a greeting inside TLS", .implicit,
    "T(good) F", .banner, .connClosed, retry: true, quits: false, [.hasTLS]),
  Vector(
    "half a greeting", .none,
    "X(3232302d6d61696c) F", .banner, .connClosed, retry: true, quits: false, [.hearsNothing]),
  Vector(
    "V21 FTP", .none,
    #"S"220 (vsFTPd 3.0.3)" R(EHLO) S"530 Please login with USER and PASS." OK"#, .ehlo, .notSmtp,
    [.says("service=ftp"), .replied(530)]),
  Vector(
    "V22 HTTP as greeting", .none,
    #"S"HTTP/1.1 400 Bad Request" F"#, .banner, .notSmtp, quits: false, [.says("service=http")]),
  Vector(
    "SSH as greeting", .none,
    #"S"SSH-2.0-OpenSSH_9.2" F"#, .banner, .notSmtp, quits: false, [.says("service=ssh")]),
  Vector(
    "MySQL, which ends no line", .none,
    "X(4a0000000a382e302e333600) H", .banner, .notSmtp, quits: false, patience: .milliseconds(300),
    [.says("service=mysql")]),
  Vector(
    "telnet, which ends no line", .none,
    "X(fffd18fffd20) F", .banner, .notSmtp, quits: false, [.says("service=telnet")]),
  Vector(
    "V23 shutting down", .none,
    #"S"421 4.3.2 shutting down" F"#, .banner, .serverBusy, retry: true, quits: false,
    [.replied(421), .hearsNothing]),
  Vector(
    "V23 shutting down at once", .none,
    #"S"421 4.3.2 shutting down" Z"#, .banner, .serverBusy, retry: true, quits: false, [.replied(421)]),
  Vector(
    "too many connections at the door", .none,
    #"S"421 4.7.0 too many connections from you" F"#, .banner, .rateLimited, retry: true, quits: false),
  Vector(
    "V24 blocklisted at the door", .none,
    #"S"554 5.7.1 Client host [192.0.2.1] blocked using zen.spamhaus.org" R(QUIT) S"221 bye" F"#,
    .banner, .blocklisted, [.says("spamhaus")]),
  Vector(
    "554 at the door", .none,
    #"S"554 mail.example.test refuses" R(QUIT) S"221 bye" F"#, .banner, .bannerRejected, [.replied(554)]),
  Vector(
    "V25 bare code", .none,
    #"S"220" R(EHLO) E OK"#, nil, .ok),
  Vector(
    "V26 bare line feeds", .none,
    #"SL"220-m" SL"220 m" R(EHLO) E OK"#, nil, .ok, [.warns(.bareLf)]),
  Vector(
    "a greeting in several lines, in pieces", .none,
    #"X(3232302d6d) W(0.02) X(61696c0d0a3232) W(0.02) X(3020720d0a) R(EHLO) E OK"#, nil, .ok),
  Vector(
    "V27 endless greeting", .none,
    #"X(32323020) S"x"×5000 F"#, .banner, .badReply, quits: false, [.showsBytes(atMost: 120)]),
  Vector(
    "V28 words instead of a reply", .none,
    #"\#(Opening.greeting) R(EHLO) S"hello there" OK"#, .ehlo, .badReply, [.replied(220)]),
  Vector(
    "a code that SMTP has not", .none,
    #"\#(Opening.greeting) R(EHLO) S"650 what" OK"#, .ehlo, .badReply),
  Vector(
    "NUL in a reply", .none,
    #"\#(Opening.greeting) R(EHLO) S"250 a\x00b" OK"#, .ehlo, .badReply),
  Vector(
    "V29 codes mixed", .none,
    #"S"220 m" R(EHLO) S"250-a" S"251 b" OK"#, .ehlo, .badReply, [.says("250")]),
  Vector(
    "V30 endless reply", .none,
    #"S"220 m" R(EHLO) S"250-x\r\n"×200 F"#, .ehlo, .badReply),
  Vector(
    "V31 HELO only", .none,
    #"S"220 m" R(EHLO) S"502 5.5.1" R(HELO) S"250 m" OK"#, nil, .ok,
    [.offers([]), .hears("HELO monitor.example.net\r\n")]),
  Vector(
    "V32 neither EHLO nor HELO", .none,
    #"S"220 m" R(EHLO) S"500 what" R(HELO) S"500 what" OK"#, .ehlo, .commandRejected, [.replied(500)]),
  Vector(
    "V33 421 about EHLO", .none,
    #"S"220 m" R(EHLO) S"421 4.7.0 Try again later, closing connection. (EHLO)" F"#,
    .ehlo, .ehloRejected, quits: false, [.says("monitor.example.net")]),
  Vector(
    "V34 550 to EHLO", .none,
    #"S"220 m" R(EHLO) S"550 bad HELO" OK"#, .ehlo, .ehloRejected),
  Vector(
    "501 to EHLO", .none,
    #"S"220 m" R(EHLO) S"501 Syntactically invalid EHLO argument(s)" OK"#, .ehlo, .ehloRejected),
  Vector(
    "421 to EHLO", .none,
    #"S"220 m" R(EHLO) S"421 4.3.2 closing" F"#, .ehlo, .serverBusy, retry: true, quits: false),
  Vector(
    "V35 silence after EHLO", .none,
    #"S"220 m" R(EHLO) H"#, .ehlo, .replyTimeout, retry: true, quits: false, patience: .milliseconds(300),
    [.says("command=EHLO"), .replied(220)]),
  Vector(
    "half a reply to EHLO", .none,
    #"S"220 m" R(EHLO) S"250-m" H"#, .ehlo, .replyTimeout, retry: true, quits: false,
    patience: .milliseconds(300), [.replied(220)]),
  Vector(
    "V36 FIN after EHLO", .none,
    #"S"220 m" R(EHLO) F"#, .ehlo, .connClosed, retry: true, quits: false, [.replied(220)]),
  Vector(
    "V36 RST after EHLO", .none,
    #"S"220 m" R(EHLO) Z"#, .ehlo, .connClosed, retry: true, quits: false, [.replied(220)]),
  Vector(
    "QUIT unanswered", .none,
    #"S"220 m" R(EHLO) E R(QUIT) F"#, nil, .ok, [.warns(.quitUnclean)]),
  Vector(
    "QUIT reset", .none,
    #"S"220 m" R(EHLO) E R(QUIT) Z"#, nil, .ok, [.warns(.quitUnclean)]),
  Vector(
    "QUIT answered oddly", .none,
    #"S"220 m" R(EHLO) E R(QUIT) S"250 whatever" F"#, nil, .ok, [.warns(.quitUnclean)]),
]
