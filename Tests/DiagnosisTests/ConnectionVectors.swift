import Model
import SMTP

@testable import Diagnosis

let connectionVectors: [Vector] = [
  Vector("V13 closed at accept", observation(.closed(reset: true), .banner), .banner, .connClosed),
  Vector("V15 port closed", unconnected(refused), .connect, .connectRefused, "errno 111", "203.0.113.0"),
  Vector("V17 backlog full", unconnected(.timeout), .connect, .connectTimeout),
  Vector(
    "V17 in vain on the kernel's clock", unconnected(.system(errno: 110, text: "Connection timed out")),
    .connect,
    .connectTimeout),
  Vector(
    "host prohibited", unconnected(.system(errno: 113, text: "No route to host")), .connect,
    .connectUnreachable),
  Vector(
    "net", unconnected(.system(errno: 101, text: "Network is unreachable")), .connect, .connectUnreachable),
  Vector(
    "prohibit", unconnected(.system(errno: 13, text: "Permission denied")), .connect, .connectUnreachable),
  Vector(
    "blackhole", unconnected(.system(errno: 22, text: "Invalid argument")), .connect, .connectUnreachable),
  Vector(
    "no descriptor", unconnected(.system(errno: 24, text: "Too many open files")), .internal, .localError),
  Vector(
    "no source address", unconnected(.system(errno: 99, text: "Cannot assign requested address")), .internal,
    .localError),
  Vector(
    "no IPv6 here, IPv4 refused",
    unconnected(refused, .system(errno: 99, text: "Cannot assign requested address")), .connect,
    .connectRefused,
    "203.0.113.0", "2001:db8::1"),
  Vector("one silent, one refuses", unconnected(.timeout, refused), .connect, .connectRefused),
  Vector(
    "456 for 465", unconnected(refused, port: 456), .connect, .connectRefused, hints: [.portTypo],
    "did you mean 465?", "SMTP_PORT=465"),
  Vector(
    "578 for 587", unconnected(.timeout, port: 578), .connect, .connectTimeout, hints: [.portTypo], "587"),
  Vector("NXDOMAIN", observation(.name(.notFound), .dns), .dns, .dnsNotFound),
  Vector(
    "typo of a provider", observation(.name(.notFound), .dns, target(host: "smtp.google.com")), .dns,
    .dnsNotFound,
    hints: [.dnsTypo], "smtp.gmail.com"),
  Vector("NODATA", observation(.name(.noAddress), .dns), .dns, .dnsNoAddress),
  Vector("SERVFAIL", observation(.name(.refused("SERVFAIL")), .dns), .dns, .dnsFailure, "SERVFAIL"),
  Vector("resolver silent", observation(.name(.timeout), .dns), .dns, .dnsFailure, "timeout"),
  Vector("host that cannot be", observation(.name(.malformed("a blank")), .dns), .config, .configInvalid),
  Vector("own trouble", observation(.local("no descriptor"), .connect), .internal, .localError),
  Vector(
    "settings", observation(.configuration(.configTlsMaterial, "ca.pem: no such file"), .config), .config,
    .configTlsMaterial, "ca.pem"),
  Vector(
    "secret", observation(.configuration(.configCredentials, "empty"), .config), .config, .configCredentials),
  Vector(
    "conflict", observation(.configuration(.configModePortConflict, "465"), .config), .config,
    .configModePortConflict),
]

let greetingVectors: [Vector] = [
  Vector(
    "V03 plaintext on implicit",
    greetedInClear("220 mail ESMTP\r\n221 2.7.0 Error: I can break rules, too.\r\n"),
    .tls, .portSpeaksPlaintext, hints: [.plaintextHere], "0A00010B", "220 mail", "starttls",
    "WRONG_VERSION_NUMBER"),
  Vector(
    "V05 busy before TLS", greetedInClear("421 4.7.0 too many connections\r\n"), .banner, .rateLimited,
    hints: [.plaintextHere], "too many connections"),
  Vector(
    "door shut before TLS", greetedInClear("554 5.7.1 go away\r\n"), .banner, .bannerRejected,
    hints: [.plaintextHere]),
  Vector("complains of a ClientHello", greetedInClear("500 5.5.1 what\r\n"), .tls, .portSpeaksPlaintext),
  Vector(
    "early talk is the ClientHello", greetedInClear("554 5.5.0 Error: SMTP protocol synchronization\r\n"),
    .tls,
    .portSpeaksPlaintext),
  Vector("V07 HTTP", greetedInClear("HTTP/1.1 400 Bad Request\r\n"), .tls, .notSmtp, "service=http"),
  Vector("HTTP by the library", broken(156, "http request"), .tls, .notSmtp, "service=http"),
  Vector(
    "IMAP", greetedInClear("* OK Dovecot ready.\r\n", port: 143), .tls, .notSmtp, "service=imap", "IMAP"),
  Vector("POP3", greetedInClear("+OK ready\r\n"), .tls, .notSmtp, "service=pop3"),
  Vector("SSH", greetedInClear("SSH-2.0-OpenSSH_9.2\r\n"), .tls, .notSmtp, "service=ssh"),
  Vector(
    "FTP where TLS was expected", greetedInClear("220 (vsFTPd 3.0.3)\r\n"), .tls, .notSmtp, "service=ftp"),
  Vector("words of nobody", greetedInClear("hello there\r\n"), .tls, .tlsCorrupt, "hello there"),
  Vector(
    "V11 silence", observation(.timeout, .banner, target(port: 25, mode: .none)), .banner, .bannerTimeout),
  Vector(
    "V21 FTP",
    observation(.rejected(reply("530 Please login with USER and PASS.")), .ehlo) {
      $0.greeting = reply("220 (vsFTPd 3.0.3)")
    }, .ehlo, .notSmtp, "service=ftp"),
  Vector(
    "HTTP at banner", observation(.badReply("no code", bytes: Array("HTTP/1.1 400".utf8)), .banner), .banner,
    .notSmtp, "service=http"),
  Vector(
    "NNTP", observation(.rejected(reply("200 news.example NNTP ready")), .banner), .banner, .notSmtp,
    "service=nntp"),
  Vector("V23 shutting down", answered(.banner, "421 4.3.2 shutting down"), .banner, .serverBusy),
  Vector(
    "V23 the reply outlives its connection",
    observation(.closed(reset: false), .banner) { $0.lastReply = reply("421 4.3.2 shutting down") }, .banner,
    .serverBusy),
  Vector(
    "V27 endless line",
    observation(
      .badReply(
        "a line longer than 4096 bytes", bytes: Array(("220 " + String(repeating: "x", count: 5000)).utf8)),
      .banner), .banner, .badReply),
  Vector(
    "V29 codes mixed", observation(.badReply("the code changes from 250 to 251", bytes: []), .ehlo), .ehlo,
    .badReply, "250 to 251"),
  Vector(
    "TLS record as greeting",
    observation(.badReply("no code", bytes: [0x15, 3, 1, 0, 2, 2, 10]), .banner), .banner, .badReply,
    hints: [.implicitTlsHere]),
  Vector("554 at the door", answered(.banner, "554 mail.example.test refuses"), .banner, .bannerRejected),
  Vector(
    "DNSBL at the door",
    answered(
      .banner, "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org"),
    .banner, .blocklisted, "spamhaus"),
]

let ehloVectors: [Vector] = [
  Vector(
    "V33 421 about EHLO", answered(.ehlo, "421 4.7.0 Try again later, closing connection. (EHLO)"), .ehlo,
    .ehloRejected, "monitor.example.net"),
  Vector("501", answered(.ehlo, "501 Syntactically invalid EHLO argument(s)"), .ehlo, .ehloRejected),
  Vector("504", answered(.ehlo, "504 5.5.2 <localhost>: Helo command rejected"), .ehlo, .ehloRejected),
  Vector("550", answered(.ehlo, "550 bad HELO"), .ehlo, .ehloRejected),
  Vector("500 after both", answered(.ehlo, "500 what"), .ehlo, .commandRejected),
  Vector("421", answered(.ehlo, "421 4.3.2 closing"), .ehlo, .serverBusy),
  Vector("421 rate", answered(.ehlo, "421 4.7.0 unusual rate of mail"), .ehlo, .rateLimited),
  Vector("a 2yz that does not belong", answered(.ehlo, "220 again"), .ehlo, .badReply),
  Vector(
    "V35 silence", observation(.timeout, .ehlo) { $0.command = "EHLO" }, .ehlo, .replyTimeout, "EHLO",
    "command=EHLO"),
  Vector("closed", observation(.closed(reset: false), .ehlo), .ehlo, .connClosed),
  Vector(
    "V37 both masks",
    observation(.starttlsNotOffered, .starttls) {
      $0.greeting = reply("220 *******")
      $0.clearCapabilities = ["XXXXXXXA"]
    }, .starttls, .starttlsStripped, "XXXXXXXA"),
  Vector(
    "one mask proves nothing",
    observation(.starttlsNotOffered, .ehlo) { $0.clearCapabilities = ["XXXXXXXA"] }, .starttls,
    .starttlsNotOffered,
    "XXXXXXXA"),
  Vector(
    "not offered", observation(.starttlsNotOffered, .starttls, target(port: 465)), .starttls,
    .starttlsNotOffered, "implicit"),
  Vector("V39 refused", answered(.starttls, "500 5.5.1 command not recognized"), .starttls, .starttlsRefused),
  Vector(
    "refused for now", answered(.starttls, "454 4.7.0 TLS not available due to local problem"), .starttls,
    .starttlsRefused),
  Vector(
    "injection", observation(.plaintextAcrossTLS(Array("250 x\r\n".utf8)), .starttls), .starttls,
    .starttlsInjection, "250 x"),
  Vector(
    "V41 text after STARTTLS", greetedInClear("500 what\r\n", mode: .starttls), .tls, .portSpeaksPlaintext,
    "500 what"),
]
