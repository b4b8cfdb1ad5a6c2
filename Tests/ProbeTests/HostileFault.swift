import Model

/// Something bad in the place of a reply, or of a handshake.
struct HostileFault: Sendable {
  /// What must become of it.
  enum Effect: Sendable {
    /// The probe fails at this step, for one of these reasons.
    case fails(Set<Reason>)
    case harmless
    /// It may go well, or fail here or later: the reply is one too many, or in doubt.
    case shifts
  }

  let name: String
  /// The script, from where the reply is due to its end.
  let script: @Sendable (HostileStep) -> String
  var effect: Effect
  /// Waiting for the end of patience is the point.
  var isSlow = false
}

private func hex(_ text: some Sequence<UInt8>) -> String {
  text.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func fault(
  _ name: String, _ effect: HostileFault.Effect, isSlow: Bool = false,
  _ script: @escaping @Sendable (HostileStep) -> String
) -> HostileFault {
  HostileFault(name: name, script: { $0.script(script($0)) }, effect: effect, isSlow: isSlow)
}

private let closes: Set<Reason> = [.connClosed]
private let unreadable: Set<Reason> = [.badReply]
/// What is no SMTP: in clear it is no reply, inside TLS no record.
private let noise: Set<Reason> = [.badReply, .notSmtp, .tlsCorrupt, .connClosed]
/// 421 says good-bye; at some steps that is a refusal of what was asked.
private let goodbye: Set<Reason> = [.serverBusy, .starttlsRefused, .authTemporary]
private let broken: Set<Reason> = [.tlsCorrupt, .connClosed, .tlsVersion, .tlsRejected, .tlsWeakPeer]
private let silence: Set<Reason> = [.bannerTimeout, .replyTimeout]

/// The right reply, each byte by itself.
private func split(_ step: HostileStep) -> String {
  "\(step.reply)\r\n".utf8.map { byte in
    // Inside TLS a record each.
    step.isSecured ? "P(\(hex([byte])))" : "X(\(hex([byte]))) W(0.001)"
  }.joined(separator: " ")
}

/// What may come in the place of any reply.
let replyFaults: [HostileFault] = [
  fault("silence", .fails(silence), isSlow: true) { _ in "H" },
  fault("a drip", .fails(silence), isSlow: true) { step in
    step.reply.utf8.prefix(12).map { "P(\(hex([$0]))) W(0.1)" }.joined(separator: " ") + " H"
  },
  fault("half a line", .fails(silence), isSlow: true) { "P(\(hex($0.reply.utf8))) H" },
  fault("half a reply", .fails(silence), isSlow: true) { #"S"\#($0.reply.prefix(3))-more" H"# },
  fault("an endless line", .fails(unreadable)) { #"P(\#(hex($0.reply.utf8))) S"x"×65536 H"# },
  fault("an endless reply", .fails(unreadable)) { #"S"\#($0.reply.prefix(3))-more\r\n"×2000 H"# },
  fault("20,000 capabilities", .fails(unreadable)) {
    #"S"\#($0.reply.prefix(3))-CAPABILITY\r\n"×20000 S"\#($0.reply)" F"#
  },
  fault("a name of 16 kB", .fails(unreadable)) {
    #"P(\#(hex("\($0.reply.prefix(3)) ".utf8))) S"mail.example."×1300 F"#
  },
  fault("NUL", .fails(unreadable)) { #"S"\#($0.reply)\x00x" F"# },
  fault("no UTF-8", .shifts) { #"S"\#($0.reply) \xFF\xFE\xC0\x80" \#($0.rest)"# },
  fault("terminal controls", .shifts) { #"S"\#($0.reply) \x1B[31m\x07\x08" \#($0.rest)"# },
  fault("byte by byte", .harmless) { "\(split($0)) \($0.rest)" },
  fault("twice at once", .shifts) { #"S"\#($0.reply)\r\n\#($0.reply)" \#($0.rest)"# },
  fault("twice in turn", .shifts) { #"S"\#($0.reply)" S"\#($0.reply)" \#($0.rest)"# },
  HostileFault(
    name: "before it was asked for",
    script: { #"\#($0.before) S"\#($0.reply)" \#($0.reads) \#($0.rest)"# }, effect: .shifts),
  fault("RST", .fails(closes)) { _ in "Z" },
  fault("half close", .fails(closes)) { _ in "F" },
  fault("close at once", .fails(closes)) { _ in "" },
  fault("RST in mid-line", .fails(closes)) { "P(\(hex($0.reply.utf8))) Z" },
  fault("an empty line", .fails(unreadable)) { _ in #"S"" F"# },
  fault("words", .fails(unreadable.union([.notSmtp]))) { _ in #"S"Hello, who is there?" F"# },
  fault("a code of two digits", .fails(unreadable)) { _ in #"S"25 ok" F"# },
  fault("a code of nine hundred", .fails(unreadable)) { _ in #"S"999 ok" F"# },
  fault("a code without a blank", .fails(unreadable)) { _ in #"S"250x ok" F"# },
  fault("mixed codes", .fails(unreadable)) { #"S"\#($0.reply.prefix(3))-a" S"299 b" F"# },
  fault("a bare CR", .shifts) { #"S"\#($0.reply)\rx" \#($0.rest)"# },
  fault("noise", .fails(noise)) { _ in "X(\(hex((0..<255).map { UInt8($0 * 7 % 256) } + [10]))) F" },
  fault("an alert in clear", .fails(noise.union([.tlsRejected]))) { _ in "X(15030300020228) F" },
  fault("a warning in clear", .fails(noise.union([.tlsRejected]))) { _ in "X(15030300020100) F" },
  fault("a truncated record", .fails(noise)) { _ in "X(1703030040aabbcc) F" },
  fault("an oversized record", .fails(noise)) { _ in "X(170303ffff\(hex(repeatElement(0xAA, count: 300)))) F"
  },
  fault("an empty record", .fails(noise)) { _ in "X(1703030000) F" },
  fault("shut down", .fails(goodbye)) { _ in #"S"421 4.3.2 shutting down" F"# },
  fault("shut down at once", .fails(goodbye)) { _ in #"S"421 4.3.2 shutting down" Z"# },
  fault("a challenge that nobody asked for", .shifts) { _ in #"S"334 UGFzc3dvcmQ6" OK"# },
  fault("a challenge of 64 kB", .fails(unreadable)) { _ in #"P(33333420) S"QUJD"×16000 F"# },
  fault("challenges without end", .shifts) { _ in
    Array(repeating: #"S"334 UGFzc3dvcmQ6" R()"#, count: 60).joined(separator: " ")
  },
  fault("new keys", .harmless) { step in
    step.isSecured ? #"N S"\#(step.reply)" \#(step.rest)"# : #"S"\#(step.reply)" \#(step.rest)"#
  },
  HostileFault(
    name: "another handshake",
    script: { step in
      let play = step.script(step.isSecured ? #"N S"\#(step.reply)""# : #"S"\#(step.reply)""#, step.rest)
      return play.replacing("T(good)", with: "T(good,tls12)")
    }, effect: .shifts),
]

/// Inside TLS from the start a server greets; behind STARTTLS it has done so.
private func greets(_ step: HostileStep) -> String { step.mode == .implicit ? Opening.greeting : "" }

/// What may come in the place of a ServerHello.
let handshakeFaults: [HostileFault] =
  [
    HostileFault(name: "silence", script: { _ in "RCH H" }, effect: .fails([.replyTimeout]), isSlow: true),
    HostileFault(
      name: "a drip of a record", script: { _ in "RCH X(16) W(0.1) X(03) W(0.1) X(03) W(0.1) X(40) H" },
      effect: .fails([.replyTimeout]), isSlow: true),
    HostileFault(name: "RST", script: { _ in "RCH Z" }, effect: .fails(closes)),
    HostileFault(name: "half close", script: { _ in "RCH F" }, effect: .fails(closes)),
    HostileFault(name: "close at once", script: { _ in "RCH" }, effect: .fails(closes)),
    HostileFault(
      name: "text", script: { _ in #"RCH S"what?" F"# }, effect: .fails([.tlsCorrupt, .portSpeaksPlaintext])),
    HostileFault(
      name: "text without end", script: { _ in #"RCH S"what?"×20000 F"# },
      effect: .fails([.tlsCorrupt, .portSpeaksPlaintext])),
    HostileFault(name: "an empty record", script: { _ in "RCH X(1603030000) F" }, effect: .fails(broken)),
    HostileFault(
      name: "an oversized record", script: { _ in "RCH X(160303ffff\(hex(repeatElement(2, count: 400)))) F" },
      effect: .fails(broken)),
    HostileFault(
      name: "a truncated record", script: { _ in "RCH X(160303004002000036) F" }, effect: .fails(broken)),
    HostileFault(
      name: "records without end",
      script: { _ in
        "RCH "
          + Array(repeating: "X(\(hex(repeatElement(0x16, count: 4000))))", count: 20).joined(separator: " ")
          + " F"
      },
      effect: .fails(broken)),
    HostileFault(
      name: "change of cipher without end",
      script: { _ in "RCH X(\(hex(Array(repeatElement([0x14, 3, 3, 0, 1, 1], count: 500)).joined()))) F" },
      effect: .fails(broken)),
    HostileFault(
      name: "application data", script: { _ in "RCH X(1703030010\(hex(repeatElement(9, count: 16)))) F" },
      effect: .fails(broken)),
    HostileFault(
      name: "a ServerHello of garbage",
      script: { _ in "RCH X(160303002c02000028\(hex(repeatElement(7, count: 40)))) F" },
      effect: .fails(broken)),
    HostileFault(
      name: "an SSLv2 record", script: { _ in "RCH X(802e010002\(hex(repeatElement(1, count: 43)))) F" },
      effect: .fails(broken)),
    HostileFault(
      name: "200 certificates", script: { "T(longchain) \(greets($0)) OK" },
      effect: .fails([.certUnusable, .tlsCorrupt, .certUntrusted, .localError])),
    HostileFault(
      name: "names of 16 kB", script: { "T(longname) \(greets($0)) OK" }, effect: .fails([.certNameMismatch])),
    HostileFault(
      name: "everything expired", script: { "T(allexpired) \(greets($0)) OK" }, effect: .fails([.certExpired])
    ),
  ]
  + [UInt8](
    [
      0, 10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 60, 70, 71, 80, 86, 90, 100, 109,
      110,
      112, 113, 115, 116, 120, 255,
    ]
  ).map { number in
    HostileFault(
      name: "alert \(number)", script: { _ in "RCH X(150303000202\(hex([number]))) F" },
      effect: .fails([
        .tlsRejected, .tlsVersion, .tlsSni, .tlsClientCert, .tlsCorrupt, .connClosed, .tlsWeakPeer,
      ]))
  }
