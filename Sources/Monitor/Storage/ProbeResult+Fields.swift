import Model

// A whole result as fields.
extension ProbeResult: FieldGroup {
  static var blank: ProbeResult {
    ProbeResult(target: "", host: "", port: 0, tlsMode: .starttls, startedAt: Timestamp(microseconds: 0))
  }

  /// The result of these fields; nil where they make none.
  init?(target: Target, fields: Unpacker) {
    var reader = FieldReader(fields)
    self.init(target: target, startedAt: Timestamp(microseconds: 0))
    walk(&reader)
    if reader.lacksRequired { return nil }
    for index in members.indices { members[index].target = target.name }
  }

  /// Everything but the target's name, which its place in the file tells.
  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &host)
    fields(2, &port)
    fields(3, &tlsMode)
    fields(4, &startedAt)
    fields(5, &duration)
    fields.required(6, &outcome)
    fields(7, &stage)
    fields.required(8, &reason)
    fields(9, &attempts)
    fields(10, &message)
    fields(11, &remedy)
    var (port, mode) = (suggestion?.port, suggestion?.tlsMode)
    fields(12, &port)
    fields(13, &mode)
    if let port, let mode { suggestion = Suggestion(port: port, tlsMode: mode) }
    fields(14, &evidence)
    var oddities = warnings.sorted { $0.rawValue < $1.rawValue }
    fields(15, &oddities)
    warnings = Set(oddities)
    fields(16, &address)
    fields(17, &family)
    fields(18, &phases.packed)
    fields(19, &reply)
    fields(20, &replyCodes)
    fields(21, &smtp)
    fields(22, &tls)
    var lines = Array(transcript)
    fields(23, &lines)
    if lines.count != transcript.count { transcript = Transcript(lines) }
    fields(24, &messagesSent)
    fields(25, &policy)
    fields(26, &accessToken)
    fields(27, &sentToken)
    fields(28, &members)
    fields(29, &isLoginWithheld)
  }
}

extension PhaseTimings {
  /// The phase (the upper half) and its time, for each phase that was reached.
  fileprivate var packed: [UInt64] {
    get {
      Phase.allCases.compactMap { phase in
        let time = microseconds[Int(phase.rawValue)]
        return time == .max ? nil : UInt64(phase.rawValue) << 32 | UInt64(time)
      }
    }
    set {
      var times = SIMD16<UInt32>(repeating: .max)
      for pair in newValue where pair >> 32 < 16 { times[Int(pair >> 32)] = UInt32(truncatingIfNeeded: pair) }
      self = PhaseTimings(microseconds: times)
    }
  }
}

/// The stage is the upper half of a number.
extension ReplyCode: FieldValue {
  func put(_ number: UInt8, into packer: inout Packer) {
    packer.put(number, UInt64(stage.rawValue) << 32 | UInt64(UInt32(clamping: code)))
  }

  static func read(_ field: Unpacker.Field) -> ReplyCode? {
    Stage(rawValue: UInt8(clamping: field.value >> 32)).map {
      ReplyCode(stage: $0, code: Int(field.value & 0xffff_ffff))
    }
  }
}

extension Evidence: FieldGroup {
  static var blank: Evidence { Evidence(.note, "") }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields.required(1, &kind)
    fields(2, &text)
  }
}

extension TranscriptLine: FieldGroup {
  static var blank: TranscriptLine { TranscriptLine(at: .zero, from: .note, tls: false, text: "") }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &at)
    fields.required(2, &from)
    fields(3, &tls)
    fields(4, &text)
  }
}

extension ReplyFacts: FieldGroup {
  static var blank: ReplyFacts { ReplyFacts(code: 0, enhanced: nil, text: "") }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &code)
    fields(2, &enhanced)
    fields(3, &text)
  }
}

extension TokenFacts: FieldGroup {
  static var blank: TokenFacts { TokenFacts(expiry: nil, isAtHand: false) }

  mutating func walk(_ fields: inout some FieldWalk) {
    fields(1, &expiry)
    fields(2, &isAtHand)
  }
}

extension SMTPFacts: SharedFieldGroup {
  static func walk(_ known: SMTPFacts?, _ fields: inout some FieldWalk) -> SMTPFacts {
    SMTPFacts(
      banner: fields.take(1, known?.banner, else: ""), capabilities: fields.take(2, known?.capabilities),
      authMechanisms: fields.take(3, known?.authMechanisms),
      authMechanism: fields.take(4, known?.authMechanism), sizeLimit: fields.take(5, known?.sizeLimit))
  }
}
