import Model

/// A place in a conversation where the server is to say something.
struct HostileStep: Sendable {
  let name: String
  let mode: TLSMode
  let depth: Depth
  /// Up to the reply before.
  let before: String
  /// What the client then says, as the script hears it; nothing where the server is the one to begin.
  let reads: String
  /// The right reply, without its line end.
  let reply: String
  /// How it goes well from there on.
  let rest: String
  /// Where a failure is booked.
  let stage: Stage
  var mechanism: Mechanism?

  /// The conversation is inside TLS.
  var isSecured: Bool { stage != .starttls && mode != .none && stage != .tls }

  var settings: ProbeSettings {
    ProbeTests.settings(mode, depth) {
      $0.auth?.mechanism = mechanism
    }
  }

  /// The whole script around what is done in the reply's place.
  func script(_ fault: String, _ rest: String = "") -> String { "\(before) \(reads) \(fault) \(rest)" }
}

private let greeting = Opening.greeting
private let secured = Opening.secured
private let envelope = #"\#(secured) R(MAIL) S"250 ok""#
private let toData = #"\#(envelope) R(RCPT) S"250 ok""#
private let toMessage = #"\#(toData) R(DATA) S"354 go""#

/// Every place where a server speaks SMTP.
let hostileSteps: [HostileStep] = [
  HostileStep(
    name: "banner", mode: .none, depth: .ehlo, before: "", reads: "", reply: "220 m ESMTP", rest: "OK",
    stage: .banner),
  HostileStep(
    name: "banner in TLS", mode: .implicit, depth: .ehlo, before: "T(good)", reads: "", reply: "220 m ESMTP",
    rest: "OK", stage: .banner),
  HostileStep(
    name: "ehlo", mode: .none, depth: .ehlo, before: greeting, reads: "R(EHLO)", reply: "250 8BITMIME",
    rest: "OK", stage: .ehlo),
  HostileStep(
    name: "helo", mode: .none, depth: .ehlo, before: #"\#(greeting) R(EHLO) S"502 no""#, reads: "R(HELO)",
    reply: "250 m", rest: "OK", stage: .ehlo),
  HostileStep(
    name: "starttls", mode: .starttls, depth: .ehlo, before: Opening.clear, reads: "R(STARTTLS)",
    reply: "220 go", rest: "T(good) OK", stage: .starttls),
  HostileStep(
    name: "ehlo in TLS", mode: .starttls, depth: .ehlo, before: "\(Opening.upgrade) T(good)",
    reads: "R(EHLO)", reply: "250 AUTH PLAIN", rest: "OK", stage: .ehlo),
  HostileStep(
    name: "auth", mode: .starttls, depth: .auth, before: secured, reads: "R(AUTH PLAIN)", reply: "235 yes",
    rest: "OK", stage: .auth, mechanism: .plain),
  HostileStep(
    name: "auth challenge", mode: .starttls, depth: .auth, before: secured, reads: "R(AUTH LOGIN)",
    reply: "334 VXNlcm5hbWU6", rest: #"R() S"334 UGFzc3dvcmQ6" R() S"235 yes" OK"#, stage: .auth,
    mechanism: .login),
  HostileStep(
    name: "auth end", mode: .starttls, depth: .auth,
    before: #"\#(secured) R(AUTH LOGIN) S"334 VXNlcm5hbWU6" R() S"334 UGFzc3dvcmQ6""#, reads: "R()",
    reply: "235 yes", rest: "OK", stage: .auth, mechanism: .login),
  HostileStep(
    name: "mail", mode: .starttls, depth: .mail, before: secured, reads: "R(MAIL)", reply: "250 ok",
    rest: "OK", stage: .mail),
  HostileStep(
    name: "rcpt", mode: .starttls, depth: .mail, before: envelope, reads: "R(RCPT)", reply: "250 ok",
    rest: "OK", stage: .rcpt),
  HostileStep(
    name: "rset", mode: .starttls, depth: .mail, before: toData, reads: "R(RSET)", reply: "250 ok",
    rest: "OK", stage: .rcpt),
  HostileStep(
    name: "data", mode: .starttls, depth: .send, before: toData, reads: "R(DATA)", reply: "354 go",
    rest: #"RM S"250 queued" OK"#, stage: .data),
  HostileStep(
    name: "message", mode: .starttls, depth: .send, before: toMessage, reads: "RM", reply: "250 queued",
    rest: "OK", stage: .message),
  HostileStep(
    name: "quit", mode: .starttls, depth: .ehlo, before: secured, reads: "R(QUIT)", reply: "221 bye",
    rest: "F", stage: .quit),
]
