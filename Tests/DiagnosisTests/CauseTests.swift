import Model
import SMTP
import Testing

@testable import Diagnosis

/// A cause of failure, how it shows, and the words of the cure that fits it and no other: the setting to change, or
/// what somebody else has to mend.
private struct Cause: Sendable, CustomTestStringConvertible {
  var name: String
  var seen: Observation
  /// What follow-up checks found; some causes are known by these only.
  var findings: [Finding] = []
  var reason: Reason
  var cure: [String]

  init(_ name: String, _ seen: Observation, _ findings: Finding..., is reason: Reason, cure: String...) {
    (self.name, self.seen, self.findings, self.reason, self.cure) = (name, seen, findings, reason, cure)
  }

  var testDescription: String { name }

  /// What is made of it in the end.
  var verdict: Verdict {
    let symptom = Diagnosis.verdict(for: seen)
    return findings.isEmpty ? symptom : refine(symptom, with: findings, observation: seen)
  }
}

private let greeting = reply("220 mail.example.test ESMTP")
private let session = TLSFacts(
  version: "TLSv1.1", cipher: "C", verified: false, faults: [], certificate: nil,
  clientCertificateRequested: false)

private func rejected(_ stage: Stage, _ line: String, _ change: (inout Observation) -> Void = { _ in })
  -> Observation
{
  observation(.rejected(reply(line)), stage, target(user: "probe"), change)
}

private func unreachable(_ errno: Int32, _ text: String) -> Observation {
  unconnected(.system(errno: errno, text: text))
}

private let beforeAnyPacket: [Cause] = [
  Cause(
    "mode and port disagree",
    observation(.configuration(.configModePortConflict, "port 465 with starttls"), .config),
    is: .configModePortConflict, cure: "465 expects TLS from the first byte", "`tls.mode: starttls`"),
  Cause(
    "mistyped port", unconnected(refused, port: 456), is: .connectRefused, cure: "did you mean 465?",
    "`port: 465`",
    "`tls.mode: implicit`"),
  Cause(
    "port of another service", unconnected(refused, port: 993), is: .connectRefused, cure: "993 is usually",
    "`port: 587`"),
  Cause(
    "junk in the host", observation(.name(.malformed("the host name has blanks")), .dns), is: .configInvalid,
    cure: "Correct `host`", "bare name", "quotation marks"),
  Cause(
    "mangled secret",
    observation(.rejected(reply("535 5.7.8 no")), .auth, target(user: "probe", password: "hunter2\n")),
    is: .authRejected, cure: "ends in a line end", "write it anew", "`auth.password_file`"),
  Cause(
    "provider's fixed user",
    observation(.rejected(reply("535 no")), .auth, target(host: "smtp.sendgrid.net", user: "me")),
    is: .authRejected,
    cure: "the very word apikey"),
  Cause(
    "bad TLS files",
    observation(.configuration(.configTlsMaterial, "tls.ca_file: cannot read x.pem"), .config),
    is: .configTlsMaterial, cure: "`tls.ca_file`", "readable PEM"),
  Cause(
    "contradictory TLS limits", broken(191, "no protocols available"), is: .configInvalid,
    cure: "`tls.min_version`", "`tls.ciphers`"),
  Cause(
    "unusable EHLO name",
    observation(.configuration(.configInvalid, "ehlo 'my_host' has a '_' in it"), .config),
    is: .configInvalid, cure: "`ehlo` is a full domain name", "underscore"),
]

private let names: [Cause] = [
  Cause(
    "NXDOMAIN", observation(.name(.notFound), .dns), is: .dnsNotFound, cure: "Correct `host`",
    "create the DNS record"),
  Cause(
    "mistyped provider", observation(.name(.notFound), .dns, target(host: "smtp.google.com")),
    is: .dnsNotFound,
    cure: "smtp.gmail.com"),
  Cause(
    "no address", observation(.name(.noAddress), .dns), is: .dnsNoAddress, cure: "add an A or AAAA record",
    "mx:DOMAIN"),
  Cause(
    "domain without mail", observation(.name(.acceptsNoMail), .dns, target(host: "mx:example.test")),
    is: .dnsNoAddress,
    cure: "null MX"),
  Cause(
    "resolver fails", observation(.name(.refused("SERVFAIL")), .dns), is: .dnsFailure,
    cure: "/etc/resolv.conf", "zone of `host`"),
  Cause(
    "name leads nowhere", observation(.name(.nowhere("0.0.0.0")), .config), is: .configInvalid,
    cure: "hosts file",
    "`host`"),
]

private let connecting: [Cause] = [
  Cause(
    "refused", unconnected(refused), is: .connectRefused, cure: "that the mail server runs and listens",
    "`host` and `port`"),
  Cause("SYN dropped", unconnected(.timeout), is: .connectTimeout, cure: "a firewall drops the packets"),
  Cause(
    "port 25 from a cloud", unconnected(.timeout, port: 25), is: .connectTimeout,
    cure: "outgoing port 25 is filtered", "`port: 587`"),
  Cause(
    "egress filter", unconnected(.timeout), .siblingSilent(port: 465),
    .siblingGreeted(port: 2525, mode: .starttls, greeting: greeting), is: .egressBlocked,
    cure: "`port: 2525`"),
  Cause(
    "no route", unreachable(113, "No route to host"), is: .connectUnreachable,
    cure: "A router or firewall refuses the way", "`ip`"),
  Cause(
    "IPv6 broken",
    observation(.connect, .connect) {
      $0.attempts = [
        ConnectionAttempt(address: "2001:db8::1", family: .ipv6, failure: .timeout, elapsed: .seconds(1))
      ]
    },
    .addressAnswered(address: "192.0.2.1", family: .ipv4), is: .ipFamilyBroken, cure: "`ip: 4`"),
  Cause(
    "service on another port", unconnected(refused),
    .siblingGreeted(port: 465, mode: .implicit, greeting: greeting),
    is: .wrongPort, cure: "`port: 465`", "`tls.mode: implicit`"),
  Cause(
    "wedged listener", observation(.timeout, .banner), .clientHelloFailed("no answer in time"),
    is: .bannerTimeout,
    cure: "the server hangs", "log"),
  Cause(
    "own limits", observation(.local("socket: Too many open files (EMFILE)"), .internal), is: .localError,
    cure: "`ulimit -n`", "not to blame"),
]

private let protocols: [Cause] = [
  Cause(
    "TLS first, server in clear", greetedInClear("220 mail ESMTP\r\n"), is: .portSpeaksPlaintext,
    cure: "Set `tls.mode: starttls`"),
  Cause(
    "in clear, server TLS first", observation(.timeout, .banner),
    .implicitTLSGreeted(session, greeting: greeting),
    is: .portExpectsTls, cure: "`tls.mode: implicit`"),
  Cause(
    "another service",
    observation(.badReply("no code", bytes: Array("* OK IMAP4rev1 ready".utf8)), .banner, target(port: 143)),
    is: .notSmtp,
    cure: "143 is usually", "`port: 465`"),
  Cause(
    "PROXY header awaited", observation(.timeout, .banner), .proxyHeaderGreeted(greeting), is: .bannerTimeout,
    cure: "`proxy_protocol"),
  Cause(
    "redirected by the hoster",
    distrusted([62], certificate(names: ["punyam.hosting.example"])) {
      $0.greeting = reply("220-punyam.hosting.example ESMTP Exim", "220 We do not authorize")
    }, is: .certNameMismatch, cure: "redirects mail ports", "have that lifted"),
  Cause(
    "masked by a firewall",
    observation(.starttlsNotOffered, .starttls) {
      ($0.greeting, $0.clearCapabilities) = (reply("220 *******"), ["XXXXXXXA"])
    }, is: .starttlsStripped, cure: "SMTP inspection", "`port: 465`"),
]

private let opening: [Cause] = [
  Cause(
    "5xx greeting", rejected(.banner, "554 5.7.1 Client host rejected"), is: .bannerRejected,
    cure: "allow the monitor's address", "PTR"),
  Cause(
    "busy greeting", rejected(.banner, "421 4.3.2 shutting down"), is: .serverBusy, cure: "temporary",
    "`interval`"),
  Cause(
    "too many connections", rejected(.banner, "421 4.7.0 too many connections"), is: .rateLimited,
    cure: "`limits.per_address`"),
  Cause(
    "late greeting", observation(.timeout, .banner, target(port: 25, mode: .none)), is: .bannerTimeout,
    cure: "greets late by design", "`timeouts.banner`"),
  Cause(
    "closed at the door", observation(.closed(reset: false), .banner), is: .connClosed,
    cure: "access list, fail2ban"),
  Cause(
    "EHLO name refused",
    rejected(.ehlo, "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"),
    is: .ehloRejected, cure: "Set `ehlo` to a full domain name"),
  Cause(
    "only HELO", observation(.starttlsNotOffered, .starttls), is: .starttlsNotOffered,
    cure: "does not know EHLO", "`tls.mode: none`"),
  Cause(
    "broken grammar", observation(.badReply("the code changes", bytes: []), .ehlo), is: .badReply,
    cure: "RFC 5321 section 4.2", "`port`"),
  Cause(
    "punished for early talk", rejected(.rcpt, "550 5.5.1 Protocol error"), is: .localError,
    cure: "fault of the monitor", "report it"),
]

private let handshakes: [Cause] = [
  Cause(
    "STARTTLS not offered",
    observation(.starttlsNotOffered, .starttls) { $0.clearCapabilities = ["SIZE 1000", "8BITMIME"] },
    is: .starttlsNotOffered, cure: "Give the server a certificate", "`tls.mode: none`"),
  Cause(
    "STARTTLS broken", rejected(.starttls, "454 4.7.0 TLS not available due to local problem"),
    is: .starttlsRefused, cure: "cannot be loaded"),
  Cause(
    "STARTTLS refused", rejected(.starttls, "500 #5.5.1 command not recognized"), is: .starttlsRefused,
    cure: "firewalls that inspect SMTP"),
  Cause(
    "text behind STARTTLS", greetedInClear("500 what\r\n", mode: .starttls), is: .portSpeaksPlaintext,
    cure: "answers STARTTLS in its place"),
  Cause(
    "bytes before TLS", observation(.plaintextAcrossTLS(Array("250 x\r\n".utf8)), .starttls),
    is: .starttlsInjection, cure: "Do not trust this path"),
  Cause(
    "no common version", broken(1070, "tlsv1 alert protocol version"), is: .tlsVersion,
    cure: "TLS 1.2 or newer", "`tls.min_version`"),
  Cause("alert 40", broken(1040, "handshake failure"), is: .tlsRejected, cure: "no common cipher"),
  Cause("weak peer", broken(394, "dh key too small"), is: .tlsWeakPeer, cure: "larger DH group"),
  Cause(
    "closed in the handshake", observation(.closed(reset: true), .tls), is: .connClosed,
    cure: "dislikes the TLS version or the name"),
  Cause(
    "ClientHello unanswered", observation(.timeout, .tls, target(mode: .implicit)), is: .replyTimeout,
    cure: "does not speak TLS from the first byte", "`timeouts.tls`"),
  Cause(
    "large packets lost",
    observation(.timeout, .tls) {
      ($0.bytesReceived, $0.rawBytes) = (1200, [0x16, 3, 3])
    }, is: .replyTimeout,
    cure: "path MTU"),
  Cause("name unknown", broken(1112, "unrecognized name"), is: .tlsSni, cure: "`tls.server_name`"),
  Cause(
    "client certificate wanted", broken(1116, "certificate required", requested: true), is: .tlsClientCert,
    cure: "`tls.cert_file`", "`tls.key_file`"),
  Cause(
    "alert 80", broken(1080, "internal error"), is: .tlsRejected, cure: "server's own", "Nothing in `tls`"),
  Cause(
    "broken records", broken(281, "decryption failed or bad record mac"), is: .tlsCorrupt,
    cure: "Something mangles the stream"),
]

private let certificates: [Cause] = [
  Cause(
    "expired", distrusted([10]), is: .certExpired, cure: "Renew the certificate", "reload the mail server"),
  Cause("not yet valid", distrusted([9]), is: .certNotYetValid, cure: "Check the clock"),
  Cause("self-signed", distrusted([18]), is: .certSelfSigned, cure: "`tls.ca_file` to this certificate"),
  Cause(
    "unknown authority", distrusted([19]), is: .certUntrusted, cure: "issuing authority's certificate",
    "CA certificates up to date"),
  Cause(
    "intermediate missing", distrusted([20, 21], certificate(chainLength: 1, namesIssuer: true)),
    is: .certChainIncomplete,
    cure: "fullchain.pem"),
  Cause(
    "other name", distrusted([62], certificate(names: ["smtp.example.test"])), is: .certNameMismatch,
    cure: "`host` to a name of the certificate such as smtp.example.test", "`tls.server_name`"),
  Cause(
    "re-signed on the way", distrusted([19], certificate(issuer: "CN=Avast Web/Mail Shield Root")),
    is: .tlsIntercepted,
    cure: "Exempt the monitor from the product"),
  Cause("wrong purpose", distrusted([26]), is: .certUnusable, cure: "issued anew for a server"),
  Cause("revoked", distrusted([23]), is: .certRevoked, cure: "withdrawn"),
  Cause(
    "revocation list unusable", distrusted([12]), is: .configTlsMaterial,
    cure: "Renew the revocation list of `tls.crl_file`"),
  Cause(
    "TLSA mismatch", distrusted([65]), is: .daneMismatch, cure: "TLSA record", "publish the new record first"),
]

private let logins: [Cause] = [
  Cause(
    "no AUTH on 25",
    observation(.authNotOffered, .auth, target(port: 25, user: "probe")) { $0.isInTLS = true },
    is: .authNotOffered, cure: "port 25 is for mail between servers", "`port: 587`"),
  Cause(
    "no AUTH at all", observation(.authNotOffered, .auth, target(user: "probe")) { $0.isInTLS = true },
    is: .authNotOffered, cure: "Switch logins on at the server"),
  Cause(
    "TLS first",
    rejected(.auth, "530 5.7.0 Must issue a STARTTLS command first") { $0.clearCapabilities = ["STARTTLS"] },
    is: .authNeedsTls, cure: "Set `tls.mode: starttls`"),
  Cause(
    "no common mechanism", observation(.noCommonMechanism(offered: ["NTLM"], wanted: ["PLAIN"]), .auth),
    is: .authMechanism,
    cure: "`auth.mechanism`", "NTLM"),
  Cause(
    "wrong password", login("535 5.7.8 Error: authentication failed"), is: .authRejected,
    cure: "Check `auth.username` and `auth.password_file`"),
  Cause(
    "app password", login("534-5.7.9 Application-specific password required.", "534 5.7.9 x"),
    is: .authAppPassword, cure: "app password"),
  Cause(
    "SMTP AUTH off", login("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled"),
    is: .authDisabled,
    cure: "switch SMTP AUTH on", "XOAUTH2"),
  Cause(
    "token", login("535 5.7.3 Authentication unsuccessful", mechanism: .xoauth2), is: .authToken,
    cure: "`auth.token_file`"),
  Cause(
    "login back end down", login("454 4.7.0 Temporary authentication failure"), is: .authTemporary,
    cure: "login back end"),
  Cause(
    "too many logins", login("454 4.7.0 Too many login attempts"), is: .rateLimited, cure: "Log in less often"
  ),
]

private let transactions: [Cause] = [
  Cause(
    "login skipped", observation(.rejected(reply("530 5.7.0 Authentication Required")), .mail),
    is: .authRequired,
    cure: "Set `auth.username`"),
  Cause(
    "sender not owned", rejected(.mail, "553 5.7.1 Sender address rejected: not owned by user"),
    is: .senderRejected, cure: "`envelope.from`"),
  Cause(
    "relay denied", rejected(.rcpt, "554 5.7.1 <a@b>: Relay access denied"), is: .recipientRejected,
    cure: "relays only for those it knows"),
  Cause(
    "user unknown", rejected(.rcpt, "550 5.1.1 User unknown"), is: .recipientRejected, cure: "`envelope.to`",
    "mailbox that exists"),
  Cause(
    "mailbox full", rejected(.rcpt, "452 4.2.2 mailbox full"), is: .recipientRejected,
    cure: "Empty the mailbox"),
  Cause(
    "sent too much", rejected(.mail, "550 5.4.6 Unusual sending activity detected"), is: .rateLimited,
    cure: "`send.every`"),
  Cause(
    "address not on the list", rejected(.auth, "525 5.7.1 Unauthorized IP address"), is: .commandRejected,
    cure: "listed addresses"),
  Cause(
    "blocklisted", rejected(.rcpt, "554 5.7.1 blocked using zen.spamhaus.org"), is: .blocklisted,
    cure: "delist the monitor's address"),
  Cause(
    "too big", rejected(.mail, "552 5.3.4 Message size exceeds fixed limit"), is: .messageRejected,
    cure: "limit is below the test message"),
  Cause(
    "disk full", rejected(.mail, "452 4.3.1 Insufficient system storage"), is: .serverBusy,
    cure: "out of disk space"),
  Cause(
    "content refused", rejected(.message, "550 5.7.26 SPF and DKIM failed"), is: .messageRejected,
    cure: "SPF, DKIM and DMARC"),
  Cause(
    "stall in the message", observation(.timeout, .message) { $0.unsentBytes = 4096 }, is: .replyTimeout,
    cure: "path MTU (VPNs", "`timeouts.message`"),
]

private let all =
  beforeAnyPacket + names + connecting + protocols + opening + handshakes + certificates + logins
  + transactions

@Suite struct CauseTests {
  @Test(arguments: all) fileprivate func `a cause gets the cure that fits it`(cause: Cause) {
    let found = cause.verdict
    #expect(found.reason == cause.reason)
    for words in cause.cure { #expect(found.remedy.contains(words), "\(found.remedy)") }
    #expect(found.remedy.hasSuffix("."))
  }

  @Test func `no two causes get the same cure`() {
    for (remedy, causes) in Dictionary(grouping: all, by: \.verdict.remedy) {
      #expect(causes.count == 1, "\(causes.map(\.name)): \(remedy)")
    }
  }

  @Test func `a recipient that is greylisted is no failure, and there is nothing to mend`() {
    var probe = GoodProbe(target: target(), duration: .seconds(1), now: testMoment)
    probe.greylisted = verdict(for: rejected(.rcpt, "450 4.2.0 Greylisted"))
    #expect(verdict(for: probe).remedy.contains("Nothing: the server works."))
  }
}
